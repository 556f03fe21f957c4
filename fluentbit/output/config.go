// SPDX-License-Identifier: Apache-2.0

package output

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
)

// Config are the settings of one instance of the output.
type Config struct {
	// Target is loki, elasticsearch or stdout.
	Target string
	// URL is where a server is to be found, with the path of its API.
	URL *url.URL
	// User and Password are for basic authentication, BearerToken and APIKey instead of them. They
	// are secrets, as is no other setting.
	User, Password, BearerToken, APIKey string
	// Tenant is sent as X-Scope-OrgID.
	Tenant string
	// Labels name a stream of Loki.
	Labels []label
	// Index is the index, the data stream or the alias of Elasticsearch.
	Index string
	// Gzip compresses what is sent.
	Gzip bool
	// Timeout bounds one try; 0 means [defaultTimeout].
	Timeout time.Duration
	// TLSVerify is false when the server's certificate is not to be verified.
	TLSVerify bool
	// TLSCAFile, TLSCertFile and TLSKeyFile name PEM files; TLSServerName is the name to verify in
	// place of the URL's.
	TLSCAFile, TLSCertFile, TLSKeyFile, TLSServerName string
	// Records are the settings by which lines become records, those of the filter.
	Records filter.Settings
}

// The targets.
const (
	targetLoki          = "loki"
	targetElasticsearch = "elasticsearch"
	targetStdout        = "stdout"
)

const (
	defaultIndex    = "logs-oom_kill-default"
	defaultLokiPath = "/loki/api/v1/push"
	maxTimeout      = 5 * time.Minute
)

// defaultFormats are the forms that suit the targets.
var defaultFormats = map[string]string{targetLoki: "flat", targetElasticsearch: "ecs", targetStdout: "flat"}

// keysOf are the settings that only some targets have.
var keysOf = map[string][]string{
	targetLoki:          {"Url", "Http_User", "Http_Passwd", "Bearer_Token", "Tenant_Id", "Labels", "Compress", "Timeout", "Tls_Verify", "Tls_Ca_File", "Tls_Crt_File", "Tls_Key_File", "Tls_Server_Name"},
	targetElasticsearch: {"Url", "Http_User", "Http_Passwd", "Bearer_Token", "Http_Api_Key", "Index", "Compress", "Timeout", "Tls_Verify", "Tls_Ca_File", "Tls_Crt_File", "Tls_Key_File", "Tls_Server_Name"},
}

// Keys returns all settings of the output, as its documentation spells them.
func Keys() []string {
	keys := []string{"Target"}
	for _, key := range slices.Concat(keysOf[targetLoki], keysOf[targetElasticsearch], filter.Keys) {
		if key != "Mode" && !slices.Contains(keys, key) { // it has no other mode
			keys = append(keys, key)
		}
	}
	return keys
}

// ParseConfig reads the settings of one instance. get returns the value of a key, "" when it is not
// given. The error names every key that is wrong, its value (unless it is a secret) and what would
// be right.
func ParseConfig(get func(key string) string) (*Config, error) {
	c := &Config{
		Target:        strings.ToLower(get("Target")),
		User:          get("Http_User"),
		Password:      get("Http_Passwd"),
		BearerToken:   get("Bearer_Token"),
		APIKey:        get("Http_Api_Key"),
		Tenant:        get("Tenant_Id"),
		Index:         get("Index"),
		TLSCAFile:     get("Tls_Ca_File"),
		TLSCertFile:   get("Tls_Crt_File"),
		TLSKeyFile:    get("Tls_Key_File"),
		TLSServerName: get("Tls_Server_Name"),
	}
	if _, ok := defaultFormats[c.Target]; !ok {
		return nil, fmt.Errorf("Target %q is not known: use loki, elasticsearch or stdout", get("Target"))
	}
	var errs []error
	keep := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	keep(misplaced(c.Target, get))
	keep(foreignKeys(get))
	keep(c.parseRecords(get))
	if c.Target == targetStdout {
		return c, errors.Join(errs...)
	}
	keep(c.parseURL(get("Url")))
	keep(c.parseTimeout(get("Timeout")))
	keep(c.parseTLS(get("Tls_Verify")))
	keep(c.checkSecrets())
	keep(c.parseCompress(get("Compress")))
	if c.Target == targetLoki {
		keep(c.parseLabels(get("Labels")))
	} else {
		keep(c.parseIndex())
	}
	return c, errors.Join(errs...)
}

// sameDestination reports whether d delivers to where c would, in the name of the same tenant.
// Settings that are wrong have no URL.
func (c *Config) sameDestination(d *Config) bool {
	address := func(c *Config) string {
		if c.URL == nil {
			return ""
		}
		return c.URL.String()
	}
	return c.Target == d.Target && address(c) == address(d) && c.Tenant == d.Tenant && cmp.Or(c.Index, defaultIndex) == cmp.Or(d.Index, defaultIndex)
}

// misplaced finds a setting that the target would not heed.
func misplaced(target string, get func(string) string) error {
	var errs []error
	seen := make(map[string]bool)
	for _, key := range keysOf[target] {
		seen[key] = true
	}
	for _, other := range []string{targetLoki, targetElasticsearch} {
		for _, key := range keysOf[other] {
			if !seen[key] && get(key) != "" {
				errs = append(errs, fmt.Errorf("%s is no setting of Target %s: remove it", key, target))
			}
			seen[key] = true
		}
	}
	return errors.Join(errs...)
}

// parseRecords reads the settings that the output shares with the filter.
func (c *Config) parseRecords(get func(string) string) error {
	if v := get("Mode"); v != "" {
		return fmt.Errorf("Mode %q is a setting of the filter: remove it, the output delivers records only", v)
	}
	s, err := filter.ParseSettings(func(key string) string {
		v := get(key)
		switch {
		case key == "Mode":
			return "only"
		case key == "Format" && v == "":
			return defaultFormats[c.Target]
		}
		return v
	}, nil)
	c.Records = s
	return err
}

func (c *Config) parseLabels(text string) (err error) {
	if text == "" {
		text = defaultLabels
	}
	c.Labels, err = parseLabels(text)
	return err
}

// parseIndex checks the index by Elasticsearch's rules for names.
func (c *Config) parseIndex() error {
	if c.Index == "" {
		c.Index = defaultIndex
	}
	if c.Index != strings.ToLower(c.Index) || strings.ContainsAny(c.Index, `\/*?"<>| ,#:`) || strings.ContainsAny(c.Index[:1], "-_+.") || len(c.Index) > 255 {
		return fmt.Errorf(`Index %q is no name of an index: use lower case, none of \/*?"<>|,#: nor blanks, and none of -_+. in front`, c.Index)
	}
	return nil
}

func (c *Config) parseCompress(text string) error {
	switch strings.ToLower(text) {
	case "", "off", "none":
	case "gzip":
		c.Gzip = true
	default:
		return fmt.Errorf("Compress %q is not known: use gzip or off", text)
	}
	return nil
}

// String returns the settings in force, for the line at start. It names no secret.
func (c *Config) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "target=%s", c.Target)
	if c.URL != nil {
		auth := "none"
		switch {
		case c.BearerToken != "":
			auth = "bearer"
		case c.APIKey != "":
			auth = "api_key"
		case c.User != "":
			auth = "basic"
		}
		fmt.Fprintf(&b, " url=%s auth=%s tls_verify=%t timeout=%q", c.URL, auth, c.TLSVerify, cmp.Or(c.Timeout, defaultTimeout).String())
	}
	switch c.Target {
	case targetLoki:
		fmt.Fprintf(&b, " gzip=%t tenant=%q labels=%d", c.Gzip, c.Tenant, len(c.Labels))
	case targetElasticsearch:
		fmt.Fprintf(&b, " gzip=%t index=%s", c.Gzip, c.Index)
	}
	return b.String() + " " + strings.Replace(c.Records.String(), " mode=only", "", 1) // it has no other mode
}

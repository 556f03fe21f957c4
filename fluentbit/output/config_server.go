// SPDX-License-Identifier: Apache-2.0

package output

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/setting"
)

func (c *Config) parseURL(text string) error {
	if text == "" {
		return errors.New("Url is not set: give it as in http://127.0.0.1:3100 (Fluent Bit keeps Host, Port and tls to itself, a plugin in Go cannot read them)")
	}
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("Url cannot be read: use http://host:port or https://host:port") // its text might hold a password
	}
	if u.User != nil {
		return fmt.Errorf("Url %q holds credentials: use Http_User and Http_Passwd", withoutSecrets(text))
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("Url %q is no address of a server: use http://host:port or https://host:port", withoutSecrets(text))
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("Url %q holds more than host, port and path: remove what follows the path", withoutSecrets(text))
	}
	if c.Target == targetLoki && strings.Trim(u.Path, "/") == "" {
		u.Path = defaultLokiPath
	}
	if c.Target == targetElasticsearch {
		u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/_bulk")
	}
	c.URL = u
	return nil
}

// withoutSecrets blanks what may be a secret in a URL that is not as it should be: all before an @,
// all behind a ? or #.
func withoutSecrets(text string) string {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = "***" + text[i:]
	}
	if i := strings.IndexAny(text, "?#"); i >= 0 {
		text = text[:i+1] + "***"
	}
	return text
}

// parseTimeout reads seconds, or a duration with its unit.
func (c *Config) parseTimeout(text string) error {
	if text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if n, e := strconv.Atoi(text); e == nil {
		d, err = time.Duration(n)*time.Second, nil
	}
	if err != nil || d < 100*time.Millisecond || d > maxTimeout {
		return fmt.Errorf("Timeout %q is out of range: use 100ms to 5m, or a number of seconds", text)
	}
	c.Timeout = d
	return nil
}

func (c *Config) parseTLS(verify string) error {
	var err error
	if c.TLSVerify, err = onOff("Tls_Verify", verify, true); err != nil {
		return err
	}
	if (c.TLSCertFile == "") != (c.TLSKeyFile == "") {
		return fmt.Errorf("Tls_Crt_File %q and Tls_Key_File %q belong together: set both or none", c.TLSCertFile, c.TLSKeyFile)
	}
	if c.URL != nil && c.URL.Scheme == "http" && (verify != "" || c.TLSCAFile != "" || c.TLSCertFile != "" || c.TLSServerName != "") {
		return fmt.Errorf("Url %q does not use TLS but Tls_ settings are given: use https:// or remove them", c.URL)
	}
	for _, file := range []struct{ key, name string }{{"Tls_Ca_File", c.TLSCAFile}, {"Tls_Crt_File", c.TLSCertFile}, {"Tls_Key_File", c.TLSKeyFile}} {
		if file.name == "" {
			continue
		}
		if _, err := os.Stat(file.name); err != nil {
			return fmt.Errorf("%s %q cannot be read: %w: name a readable PEM file", file.key, file.name, err)
		}
	}
	return nil
}

func (c *Config) checkSecrets() error {
	ways := 0
	for _, set := range []bool{c.User != "" || c.Password != "", c.BearerToken != "", c.APIKey != ""} {
		if set {
			ways++
		}
	}
	switch {
	case ways > 1:
		return errors.New("Http_User, Bearer_Token and Http_Api_Key exclude each other: keep one")
	case c.User == "" && c.Password != "":
		return errors.New("Http_Passwd is set without Http_User: set both or none")
	}
	for _, secret := range []struct{ key, value string }{
		{"Http_User", c.User}, {"Http_Passwd", c.Password}, {"Bearer_Token", c.BearerToken}, {"Http_Api_Key", c.APIKey}, {"Tenant_Id", c.Tenant},
	} {
		if strings.ContainsAny(secret.value, "\r\n\x00") {
			return fmt.Errorf("%s holds a line break: remove it (a file's last newline, perhaps)", secret.key)
		}
	}
	return nil
}

// onOff reads a switch.
func onOff(key, text string, byDefault bool) (bool, error) {
	if text == "" {
		return byDefault, nil
	}
	on, ok := setting.Switch(text)
	if !ok {
		return byDefault, fmt.Errorf("%s %q is no switch: use on or off", key, text)
	}
	return on, nil
}

// warnings are what is allowed but not wise.
func (c *Config) warnings() []string {
	var w []string
	if c.URL == nil {
		return nil
	}
	if !c.TLSVerify {
		w = append(w, "Tls_Verify is off: the server's certificate is not verified")
	}
	if c.URL.Scheme == "http" && (c.User != "" || c.BearerToken != "" || c.APIKey != "") && !isLoopback(c.URL.Hostname()) {
		w = append(w, "credentials are sent without TLS: use https:// in Url")
	}
	return w
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

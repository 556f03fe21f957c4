// SPDX-License-Identifier: Apache-2.0

package output

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	// maxDial bounds how long a connection may take to come up, inside the whole timeout.
	maxDial = 3 * time.Second
	// maxAnswer is how much of a server's answer is read.
	maxAnswer = 8 << 20
)

// authTransport adds the headers that say who is asking.
type authTransport struct {
	next   *http.Transport
	header http.Header
}

// RoundTrip sends the request with the headers added.
func (t *authTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	for key, values := range t.header {
		req.Header[key] = values
	}
	return t.next.RoundTrip(req)
}

// newTransport makes the HTTP transport of a target. It follows no redirection: a redirected POST
// would become a GET, and its credentials might go elsewhere.
func newTransport(c *Config) (*authTransport, error) {
	tlsConfig, err := newTLS(c)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: maxDial, KeepAlive: 30 * time.Second}
	return &authTransport{
		next: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			TLSClientConfig:     tlsConfig,
			TLSHandshakeTimeout: maxDial,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 2,
			IdleConnTimeout:     90 * time.Second,
		},
		header: authHeader(c),
	}, nil
}

func authHeader(c *Config) http.Header {
	h := make(http.Header)
	h.Set("User-Agent", "oomtrail")
	switch {
	case c.BearerToken != "":
		h.Set("Authorization", "Bearer "+c.BearerToken)
	case c.APIKey != "":
		h.Set("Authorization", "ApiKey "+c.APIKey)
	case c.User != "":
		h.Set("Authorization", "Basic "+c.basic())
	}
	if c.Tenant != "" {
		h.Set("X-Scope-OrgID", c.Tenant)
	}
	return h
}

// basic is the user and the password as the header carries them.
func (c *Config) basic() string {
	return base64.StdEncoding.EncodeToString([]byte(c.User + ":" + c.Password))
}

// newTLS makes the TLS configuration. The server is verified unless the settings say otherwise.
func newTLS(c *Config) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.TLSServerName, InsecureSkipVerify: !c.TLSVerify}
	if c.TLSCAFile != "" {
		pem, err := os.ReadFile(c.TLSCAFile)
		if err != nil {
			return nil, fmt.Errorf("Tls_Ca_File: %w: name a readable file of PEM certificates", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("Tls_Ca_File %q holds no certificate: name a file of PEM certificates", c.TLSCAFile)
		}
	}
	if c.TLSCertFile != "" {
		pair, err := tls.LoadX509KeyPair(c.TLSCertFile, c.TLSKeyFile)
		if err != nil {
			return nil, fmt.Errorf("Tls_Crt_File %q with Tls_Key_File %q: %w: name a PEM certificate and its unencrypted key",
				c.TLSCertFile, c.TLSKeyFile, err)
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}

// readAnswer reads a response's body, at most [maxAnswer] of it.
func readAnswer(body io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(body, maxAnswer))
}

// redactor returns what takes the secrets of the settings out of a line of log.
func redactor(c *Config) *strings.Replacer {
	var pairs []string
	for _, secret := range []string{c.Password, c.BearerToken, c.APIKey} {
		if len(secret) > 0 {
			pairs = append(pairs, secret, "***")
		}
	}
	if c.User != "" {
		pairs = append(pairs, c.basic(), "***")
	}
	return strings.NewReplacer(pairs...)
}

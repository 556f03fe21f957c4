// SPDX-License-Identifier: Apache-2.0

package output

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// TestTLS: the server is verified by default, against the CA that is named, and told who the client
// is.
func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) == 0 {
			http.Error(w, "who are you?", http.StatusForbidden)
		}
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	writePEM(t, ca, "CERTIFICATE", server.Certificate().Raw)
	certificate, key := selfSigned(t, dir)
	tests := []struct {
		name  string
		pairs []string
		want  Result
		log   string
	}{
		{"unknown CA", nil, Retry, "certificate signed by unknown authority"},
		{"CA", []string{"Tls_Ca_File", ca}, Retry, "who are you?"},
		{"not verified", []string{"Tls_Verify", "off"}, Retry, "who are you?"},
		{"client certificate", []string{"Tls_Ca_File", ca, "Tls_Crt_File", certificate, "Tls_Key_File", key}, OK, ""},
		{"name", []string{"Tls_Ca_File", ca, "Tls_Crt_File", certificate, "Tls_Key_File", key, "Tls_Server_Name", "example.com"}, OK, ""},
		{"wrong name", []string{"Tls_Ca_File", ca, "Tls_Server_Name", "other.test"}, Retry, "not other.test"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := &testLog{}
			o := start(t, l, nil, append(test.pairs, "Target", "loki", "Url", server.URL)...)
			want(t, l, o.Flush([]byte("kern"), chunk(form.Flat, 1), false), test.want)
			if !strings.Contains(l.text(), test.log) {
				t.Errorf("the log lacks %q:\n%s", test.log, l.text())
			}
		})
	}
}

// TestTLSFiles: files that hold something else are told at start.
func TestTLSFiles(t *testing.T) {
	dir := t.TempDir()
	certificate, key := selfSigned(t, dir)
	other := filepath.Join(dir, "other")
	writePEM(t, other, "SOMETHING", []byte("else"))
	for _, test := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"Tls_Ca_File", other}, "holds no certificate: name a file of PEM certificates"},
		{[]string{"Tls_Crt_File", key, "Tls_Key_File", certificate}, "name a PEM certificate and its unencrypted key"},
	} {
		c, err := ParseConfig(settings(append(test.pairs, "Target", "loki", "Url", "https://l")...))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(c, "test", nil, (&testLog{}).log); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v", test.pairs, err)
		}
	}
}

// selfSigned writes a client's certificate and key.
func selfSigned(t *testing.T, dir string) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fluent-bit"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(dir, "client.pem"), filepath.Join(dir, "client.key")
	writePEM(t, certificate, "CERTIFICATE", der)
	writePEM(t, key, "PRIVATE KEY", pkcs8)
	return certificate, key
}

func writePEM(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

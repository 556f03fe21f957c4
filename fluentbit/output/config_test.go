// SPDX-License-Identifier: Apache-2.0

package output

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

func TestParseConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(file, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		pairs []string
		want  string // of String, or of the error when it begins with !
	}{
		{"stdout", []string{"Target", "stdout"}, "target=stdout key=auto format=flat"},
		{"loki", []string{"Target", "Loki", "Url", "http://loki:3100"}, `target=loki url=http://loki:3100/loki/api/v1/push auth=none tls_verify=true timeout="4s" gzip=false tenant="" labels=5 key=auto format=flat`},
		{"loki's own path", []string{"Target", "loki", "Url", "https://x/insert/loki/api/v1/push", "Bearer_Token", "abc", "Timeout", "5", "Compress", "gzip", "Tenant_Id", "t"},
			`url=https://x/insert/loki/api/v1/push auth=bearer tls_verify=true timeout="5s" gzip=true tenant="t"`},
		{"elasticsearch", []string{"Target", "elasticsearch", "Url", "https://es:9200/", "Http_User", "u", "Http_Passwd", "hidden", "Tls_Verify", "off", "Format", "oom"},
			`target=elasticsearch url=https://es:9200 auth=basic tls_verify=false timeout="4s" gzip=false index=logs-oom_kill-default key=auto format=oom`},
		{"opensearch", []string{"Target", "elasticsearch", "Url", "http://os:9200/proxy/_bulk", "Index", "oom-2026", "Http_Api_Key", "k"}, "url=http://os:9200/proxy auth=api_key"},

		{"no target", nil, `!Target "" is not known: use loki, elasticsearch or stdout`},
		{"unknown target", []string{"Target", "kafka"}, `!Target "kafka" is not known: use loki, elasticsearch or stdout`},
		{"no url", []string{"Target", "loki"}, "!Url is not set: give it as in http://127.0.0.1:3100"},
		{"no scheme", []string{"Target", "loki", "Url", "loki:3100"}, `!Url "loki:3100" is no address of a server: use http://host:port or https://host:port`},
		{"password in url", []string{"Target", "loki", "Url", "http://u:hidden@loki:3100"}, `!Url "***@loki:3100" holds credentials: use Http_User and Http_Passwd`},
		{"password without scheme", []string{"Target", "loki", "Url", "u:hidden@loki:3100"}, `!Url "***@loki:3100" is no address of a server`},
		{"password with @", []string{"Target", "loki", "Url", "http:/u:hid@den@hidden@loki"}, `!Url "***@loki" is no address of a server`},
		{"bad url", []string{"Target", "loki", "Url", "http://u:hidden@lo ki:3100"}, "!Url cannot be read: use http://host:port or https://host:port"},
		{"query", []string{"Target", "loki", "Url", "http://loki/?key=hidden"}, `!Url "http://loki/?***" holds more than host, port and path`},
		{"two secrets", []string{"Target", "loki", "Url", "http://l", "Http_User", "u", "Bearer_Token", "hidden"}, "!Http_User, Bearer_Token and Http_Api_Key exclude each other: keep one"},
		{"password alone", []string{"Target", "loki", "Url", "http://l", "Http_Passwd", "hidden"}, "!Http_Passwd is set without Http_User: set both or none"},
		{"newline", []string{"Target", "loki", "Url", "http://l", "Bearer_Token", "hidden\n"}, "!Bearer_Token holds a line break: remove it"},
		{"timeout", []string{"Target", "loki", "Url", "http://l", "Timeout", "1h"}, `!Timeout "1h" is out of range: use 100ms to 5m, or a number of seconds`},
		{"timeout no number", []string{"Target", "loki", "Url", "http://l", "Timeout", "soon"}, `!Timeout "soon" is out of range`},
		{"switch", []string{"Target", "loki", "Url", "https://l", "Tls_Verify", "maybe"}, `!Tls_Verify "maybe" is no switch: use on or off`},
		{"no tls", []string{"Target", "loki", "Url", "http://l", "Tls_Ca_File", file}, `!Url "http://l/loki/api/v1/push" does not use TLS but Tls_ settings are given: use https:// or remove them`},
		{"no file", []string{"Target", "loki", "Url", "https://l", "Tls_Ca_File", "/does/not/exist"}, `!Tls_Ca_File "/does/not/exist" cannot be read: stat /does/not/exist: no such file or directory: name a readable PEM file`},
		{"half a pair", []string{"Target", "loki", "Url", "https://l", "Tls_Crt_File", file}, "!Tls_Crt_File \"" + file + `" and Tls_Key_File "" belong together: set both or none`},
		{"label", []string{"Target", "loki", "Url", "http://l", "Labels", "job"}, `!Labels: "job" is no label: use name=value or name=$attribute`},
		{"label name", []string{"Target", "loki", "Url", "http://l", "Labels", "a-b=c"}, `!Labels: "a-b" is no name of a label: use letters, digits and _`},
		{"label twice", []string{"Target", "loki", "Url", "http://l", "Labels", "a=b,a=c"}, `!Labels: "a" is given twice: keep one`},
		{"unbounded label", []string{"Target", "loki", "Url", "http://l", "Labels", "pid=$process.pid"}, "!Labels: pid=$process.pid would make a stream for each of its values: leave it to the structured metadata, or use one of container.runtime.name,"},
		{"index", []string{"Target", "elasticsearch", "Url", "http://l", "Index", "Logs"}, `!Index "Logs" is no name of an index`},
		{"compress", []string{"Target", "elasticsearch", "Url", "http://l", "Compress", "zstd"}, `!Compress "zstd" is not known: use gzip or off`},
		{"mode", []string{"Target", "stdout", "Mode", "append"}, `!Mode "append" is a setting of the filter: remove it`},
		{"format", []string{"Target", "stdout", "Format", "xml"}, `!Format "xml" is not known: use oom, flat or ecs`},
		{"misplaced", []string{"Target", "stdout", "Url", "http://l"}, "!Url is no setting of Target stdout: remove it"},
		{"misplaced index", []string{"Target", "loki", "Url", "http://l", "Index", "i"}, "!Index is no setting of Target loki: remove it"},
		{"foreign", []string{"Target", "loki", "Url", "http://l", "line_format", "json", "Uri", "/x"}, "!URI is no setting of this output: give the path in Url\nLine_Format is no setting of this output: remove it"},
		{"several", []string{"Target", "loki", "Timeout", "x", "Trust", "nobody"}, "!Trust \"nobody\" is not known: use auto, kernel or any\nUrl is not set"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := ParseConfig(settings(test.pairs...))
			got := ""
			if err != nil {
				got = "!" + err.Error()
			} else {
				got = c.String()
			}
			if !strings.Contains(got, test.want) || strings.HasPrefix(got, "!") != strings.HasPrefix(test.want, "!") {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if strings.Contains(got, "hidden") {
				t.Errorf("a secret is told: %s", got)
			}
		})
	}
}

// TestDefaults: what is not given.
func TestDefaults(t *testing.T) {
	c, err := ParseConfig(settings("Target", "elasticsearch", "Url", "https://es"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Records.Format != form.ECS || !c.TLSVerify || c.Gzip || c.Timeout != 0 {
		t.Errorf("%+v", c)
	}
	o := &Output{config: c}
	if o.timeout() != 4*time.Second {
		t.Errorf("timeout %v", o.timeout())
	}
}

// TestWarnings: what is allowed but not wise is told.
func TestWarnings(t *testing.T) {
	tests := []struct {
		pairs []string
		want  string
	}{
		{[]string{"Url", "https://l", "Tls_Verify", "off"}, "Tls_Verify is off"},
		{[]string{"Url", "http://l", "Bearer_Token", "s"}, "credentials are sent without TLS"},
		{[]string{"Url", "http://127.0.0.1", "Bearer_Token", "s"}, ""},
		{[]string{"Url", "https://l", "Bearer_Token", "s"}, ""},
	}
	for _, test := range tests {
		c, err := ParseConfig(settings(append(test.pairs, "Target", "loki")...))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.warnings(), "\n"); !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%v: %q", test.pairs, got)
		}
	}
}

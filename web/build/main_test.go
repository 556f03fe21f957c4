// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestPage: the page is one small file, which may load and send nothing.
func TestPage(t *testing.T) {
	if _, err := exec.LookPath("xz"); err != nil {
		t.Skip("NOT RUN: the page is packed by xz, which is not installed")
	}
	built, err := Page("../..", "v1.2.3<b>", "the licence of <x>")
	if err != nil {
		t.Fatal(err)
	}
	size, err := gzipped(built)
	if err != nil {
		t.Fatal(err)
	}
	if t.Logf("%d bytes, %d compressed", len(built), size); size > most {
		t.Errorf("%d bytes compressed, more than %d", size, most)
	}
	page := string(built)
	for _, want := range []string{"v1.2.3&lt;b&gt;", "the licence of &lt;x&gt;", "connect-src 'none'", "default-src 'none'"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if place := regexp.MustCompile(`\{\{\w+\}\}`).FindString(page); place != "" {
		t.Errorf("nothing stands at %s", place)
	}
	for _, part := range []struct{ name, begin, end, source string }{
		{"script", "<script>", "</script>", "script-src"}, {"style", "<style>", "</style>", "style-src"},
	} {
		if strings.Count(page, part.begin) != 1 {
			t.Errorf("%d of %s", strings.Count(page, part.begin), part.begin)
		}
		_, text, _ := strings.Cut(page, part.begin)
		text, _, _ = strings.Cut(text, part.end)
		sum := sha256.Sum256([]byte(text))
		if hash := part.source + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(page, hash) {
			t.Errorf("the policy does not let the %s run", part.name)
		}
	}
	markup := regexp.MustCompile(`(?s)<script.*?</script>|<style>.*?</style>`).ReplaceAllString(page, "")
	if found := regexp.MustCompile(`(?i)\b(src|srcset|href|action|data|poster)="(?:[^d#"]|d[^a])|\bon[a-z]+=|style=|<(iframe|object|embed|base|link rel="?(stylesheet|preload|preconnect))`).FindString(markup); found != "" {
		t.Errorf("the page has %s", found)
	}
}

// TestGzipped: all of the page is counted.
func TestGzipped(t *testing.T) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte("a page"))
	_ = w.Close()
	if size, err := gzipped([]byte("a page")); err != nil || size != out.Len() {
		t.Errorf("%d bytes, %v, and %d by gzip", size, err, out.Len())
	}
}

// TestRun: what is missing is named.
func TestRun(t *testing.T) {
	for _, test := range []struct{ dir, notices, want string }{
		{"", "", "name the directory"},
		{t.TempDir(), t.TempDir() + "/none", "-notices"},
	} {
		if err := run(test.dir, "v", test.notices, ""); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q, %q: %v", test.dir, test.notices, err)
		}
	}
	if _, err := Page(t.TempDir(), "", ""); err == nil {
		t.Error("a page of nothing")
	}
}

package main

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

var update = flag.Bool("update", false, "write the golden pages of testdata/pages anew")

// TestPages compares the pages of real captures with golden ones.
func TestPages(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
	}{
		{"6.12/a_global_anon", []string{"parse", "-format", "text"}},
		{"6.12/b_global_tmpfs_write", []string{"explain", "-kill", "2"}},
		{"6.12/e_k8s_systemd", []string{"parse", "-format", "text"}},
		{"6.12/e_k8s_cgroupfs_pod", []string{"explain"}},
		{"6.12/e_docker_systemd", []string{"parse", "-format", "text"}},
		{"6.12/e_user_slice", []string{"parse", "-format", "text"}},
		{"6.12/f_oomgroup", []string{"explain", "-kill", "2"}},
		{"6.12/g_cpuset", []string{"parse", "-format", "text"}},
		{"6.12/i_sysrq_f", []string{"parse", "-format", "text"}},
		{"6.12/l_panic2_global", []string{"parse", "-format", "text"}},
		{"6.12/m_nokill_write", []string{"parse", "-format", "text"}},
		{"6.12/s_hugetlb", []string{"explain"}},
		{"5.10/d_memcg_v1@v1", []string{"parse", "-format", "text"}},
		{"5.10/u_memcg_adj@v1", []string{"parse", "-format", "text"}},
		{"6.12/o_burst", []string{"explain", "-kill", "20"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			capture := filepath.Join("..", "..", "testdata", "captures", filepath.FromSlash(c.name), "kmsg.raw")
			var out, errOut bytes.Buffer
			if code := run(append(c.args, "-transport", "kmsg", capture), strings.NewReader(""), &out, &errOut); code != exitOK {
				t.Fatalf("exit code %d: %s", code, errOut.String())
			}
			golden := filepath.Join("testdata", "pages", strings.ReplaceAll(c.name, "/", "-")+".txt")
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("page differs from %s; got\n%s", golden, out.String())
			}
			if bytes.ContainsRune(out.Bytes(), '\x1b') {
				t.Error("an escape on what is no terminal")
			}
		})
	}
}

// TestColor checks that colours come on a terminal only, and not where they are not wanted.
func TestColor(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	for _, c := range []struct {
		terminal      bool
		noColor, term string
		want          bool
	}{
		{true, "", "xterm", true}, {false, "", "xterm", false}, {true, "1", "xterm", false}, {true, "", "dumb", false},
	} {
		t.Setenv("NO_COLOR", c.noColor)
		t.Setenv("TERM", c.term)
		if got := wantsColor(stdio{terminal: c.terminal}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestColoredPage checks that a coloured page is the plain one with colours.
func TestColoredPage(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	capture := filepath.Join("..", "..", "testdata", "captures", "6.12", "e_k8s_systemd", "kmsg.raw")
	print := func(terminal bool) string {
		var out bytes.Buffer
		std := stdio{out: bufio.NewWriter(&out), terminal: terminal}
		if err := printPages(std, input{files: []string{capture}, std: std}, parser.Options{}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	colored := print(true)
	if !strings.Contains(colored, "\x1b[1m") {
		t.Error("no colour on a terminal")
	}
	stripped := strings.NewReplacer("\x1b[1m", "", "\x1b[1;31m", "", "\x1b[0m", "").Replace(colored)
	if stripped != print(false) {
		t.Error("colours change the text")
	}
}

func TestExplainRefuses(t *testing.T) {
	capture := filepath.Join("..", "..", "testdata", "captures", "6.12", "e_k8s_systemd", "kmsg.raw")
	for _, c := range []struct{ kill, message string }{
		{"0", `-kill: "0" is neither a number from 1 nor last`},
		{"first", `-kill: "first" is neither a number from 1 nor last`},
		{"2", "there is no kill 2, the input holds 1"},
	} {
		var out, errOut bytes.Buffer
		if code := run([]string{"explain", "-kill", c.kill, capture}, strings.NewReader(""), &out, &errOut); code != exitUsage {
			t.Errorf("-kill %s: exit code %d", c.kill, code)
		}
		if !strings.Contains(errOut.String(), c.message) {
			t.Errorf("-kill %s: %q lacks %q", c.kill, errOut.String(), c.message)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestScriptsOfShells: what a shell takes as its completion it can read, where it is installed.
func TestScriptsOfShells(t *testing.T) {
	for shell, check := range map[string][]string{"bash": {"-n"}, "zsh": {"-n"}, "fish": {"--no-execute"}} {
		t.Run(shell, func(t *testing.T) {
			program := installed(t, shell)
			_, script, _ := call(t, "", "completion", shell)
			file := written(t, "completion", []byte(script))
			if out, err := exec.Command(program, append(check, file)...).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v, %s", err, out)
			}
			if shell != "bash" {
				return
			}
			out, err := exec.Command(program, "--norc", "-c", script+"\ncomplete -p oomtrail").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "oomtrail") {
				t.Errorf("it completes nothing: %v, %s", err, out)
			}
		})
	}
}

// TestManPagesRender: without a warning, where man is installed.
func TestManPagesRender(t *testing.T) {
	man := installed(t, "man")
	dir := t.TempDir()
	if code, _, errOut := call(t, "", "man", dir); code != exitOK {
		t.Fatal(code, errOut)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "oomtrail*.1"))
	if err != nil || len(pages) < 10 {
		t.Fatal(err, pages)
	}
	for _, page := range pages {
		if strings.Contains(page, "completion-") { // cobra's own text
			continue
		}
		c := exec.Command(man, "--warnings", "-l", page)
		c.Env = append(os.Environ(), "MANWIDTH=100", "LC_ALL=C.UTF-8")
		var out, warnings bytes.Buffer
		c.Stdout, c.Stderr = &out, &warnings
		if err := c.Run(); err != nil && out.Len() == 0 {
			t.Skip("NOT RUN: man cannot render files here: ", err, &warnings) // that of a minimal image, or of another system
		}
		if warnings.Len() > 0 || !strings.Contains(out.String(), "SYNOPSIS") || !strings.Contains(out.String(), "oomtrail") {
			t.Errorf("%s: %s%s", filepath.Base(page), &warnings, &out)
		}
	}
}

// TestUnreadableFile: one among good ones is named with what to do, and the others are read.
func TestUnreadableFile(t *testing.T) {
	dir, err := os.MkdirTemp("", "oomtrail") // one that another user may look into
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	log := []byte("[  100.000002] Out of memory: Killed process 5 (hog) " + hog)
	secret := filepath.Join(dir, "b.log")
	for name, mode := range map[string]os.FileMode{"a.log": 0o644, "b.log": 0, "c.log": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.ReplaceAll(log, []byte("process 5"), []byte("process "+string('1'+name[0]-'a'))), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "command")
	binary, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(program, binary, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"parse", filepath.Join(dir, "a.log"), secret, filepath.Join(dir, "c.log")}, {"parse", filepath.Join(dir, "logs")}} {
		if strings.HasSuffix(args[1], "logs") {
			if err := os.Mkdir(args[1], 0o755); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"a.log", "b.log", "c.log"} {
				if err := os.Rename(filepath.Join(dir, name), filepath.Join(args[1], name)); err != nil {
					t.Fatal(err)
				}
			}
			secret = filepath.Join(args[1], "b.log")
		}
		c := command(t, args...)
		c.Path = program
		if os.Getuid() == 0 {
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		var out, notes bytes.Buffer
		c.Stdout, c.Stderr = &out, &notes
		_ = c.Run()
		want := "oomtrail parse: cannot read " + secret + ": permission denied: run oomtrail as root, or as a user who may read it\n"
		if got := pids(t, out.String()); notes.String() != want || got != "3 1" || c.ProcessState.ExitCode() != exitRead {
			t.Errorf("%q: exit %d, %q, kills of %q", args, c.ProcessState.ExitCode(), &notes, got)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/progress"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// TestBooted: the log of the running kernel is dated by its clock.
func TestBooted(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("NOT RUN: the log of the running kernel is read on Linux alone")
	}
	at := booted()
	if at.IsZero() {
		t.Fatal("no boot")
	}
	if up := time.Since(at); up < 0 || booted().Sub(at).Abs() > time.Minute {
		t.Errorf("booted at %v", at)
	}
	in := Input{Dating: format.Dating{Boot: at}, set: new(Set)}
	in.remember(nil)
	if in.Apply(parser.Options{}).Boot != at {
		t.Error("the boot does not reach the parser")
	}
}

// TestRotations: the parts of a log come oldest first, whatever rotates it.
func TestRotations(t *testing.T) {
	for _, want := range [][]string{
		{"kern.log.10.gz", "kern.log.2.gz", "kern.log.1", "kern.log"},
		{"messages-20260401.xz", "messages-20260501", "messages"},
		{"app-2026-04-01.log", "app-2026-05-01.log", "app.log"},
		{"kern.log.old", "kern.log"},
		{"system@00061c-0000000000000001-0006.journal", "system@00061c-00000000000000ff-0006.journal", "system.journal"},
		{"0.log.20260401-120000", "0.log.20260402-120000.gz", "0.log"},
	} {
		got := slices.Clone(want)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		slices.SortStableFunc(got, func(a, b string) int { return rotationOf(a).compare(rotationOf(b)) })
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// names reads what a set has, and returns the names of its inputs, the lines of them all, and what
// was noted.
func names(t *testing.T, args ...string) (names []string, text, notes string, err error) {
	t.Helper()
	var noted, read strings.Builder
	set := Set{Context: t.Context(), Args: args, Stdin: strings.NewReader("stdin\n"), Notes: &noted}
	err = set.Each(func(in *Input) error {
		names = append(names, in.Name)
		b, err := io.ReadAll(in)
		read.Write(b)
		return err
	})
	return names, read.String(), noted.String(), err
}

// TestDirectories: files of all depths are read, a link once, what is no log is skipped and
// counted, and what cannot be read is an error that does not keep the rest from being read.
func TestDirectories(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("b/kern.log", "b\n")
	write("a/kern.log.2", "a2\n")
	write("a/kern.log.1", "a1\n")
	write("a/kern.log", "a\n")
	write("a/data", strings.Repeat("\x00\x01\x02\x03", 100))
	write("a/program", "\x7fELF\x02\x01\x01\x00")
	for link, to := range map[string]string{"again": "b/kern.log", "gone": "nowhere", "loop": "."} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			if runtime.GOOS == "windows" {
				t.Skip("NOT RUN: a link takes rights on Windows: ", err)
			}
			t.Fatal(err)
		}
	}
	read, text, notes, err := names(t, dir)
	if err != nil || text != strings.Repeat("\x00\x01\x02\x03", 100)+"a2\na1\na\nb\n" && text != "b\n"+strings.Repeat("\x00\x01\x02\x03", 100)+"a2\na1\na\n" {
		t.Errorf("%q, %q, %v", read, text, err)
	}
	if notes != "oomtrail: skipped 2 files of data that is no log\n" {
		t.Error(notes)
	}
	_, text, _, err = names(t, filepath.Join(dir, "a/program"), filepath.Join(dir, "b"), filepath.Join(dir, "missing"), "-")
	if err == nil || strings.Count(err.Error(), "\n") != 1 || text != "b\nstdin\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestProgress: it counts the bytes of all files, of compressed ones their own.
func TestProgress(t *testing.T) {
	dir := t.TempDir()
	for i, size := range []int{100_000, 300_000} {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".log")), bytes.Repeat([]byte("x\n"), size/2), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var last progress.State
	calls := 0
	set := Set{Context: t.Context(), Args: []string{dir}, Notes: io.Discard, Progress: func(p progress.State) {
		if p.Done < last.Done {
			t.Errorf("%+v after %+v", p, last)
		}
		last = p
		calls++
	}}
	err := set.Each(func(in *Input) error {
		_, err := io.Copy(io.Discard, in)
		return err
	})
	if want := (progress.State{Name: filepath.Join(dir, "1.log"), File: 2, Files: 2, Done: 400_000, Total: 400_000}); err != nil || last != want || calls < 4 {
		t.Errorf("%+v in %d calls, %v, want %+v", last, calls, err, want)
	}
}

// TestCutOff: the end of the context ends the reading, also of an input that is silent, and is
// said.
func TestCutOff(t *testing.T) {
	silent, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	set := Set{Context: ctx, Args: []string{"-", "never"}, Stdin: io.MultiReader(strings.NewReader("a\n"), silent), Notes: io.Discard}
	var read []byte
	var ended error
	err := set.Each(func(in *Input) error {
		b := make([]byte, 10)
		n, _ := in.Read(b)
		read = append(read, b[:n]...)
		cancel()
		_, ended = in.Read(b)
		return ended
	})
	if err != nil || !errors.Is(ended, parser.ErrCutOff) || string(read) != "a\n" || set.Cut() != "in standard input, input 1 of 2" {
		t.Errorf("%v, %v, %q, %q", err, ended, read, set.Cut())
	}
}

// TestManyFilesAreNotKept: of each file there is the beginning and the end, to say what was read;
// of many there is nothing.
func TestManyFilesAreNotKept(t *testing.T) {
	const files, size = 400, 200_000
	dir := t.TempDir()
	for i := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("node-", i, ".log")), bytes.Repeat([]byte("x\n"), size/2), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set := Set{Context: t.Context(), Args: []string{dir}, Notes: io.Discard}
	if err := set.Each(func(in *Input) error { _, err := io.Copy(io.Discard, in); return err }); err != nil {
		t.Fatal(err)
	}
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	if len(set.Read()) != files || s.HeapAlloc > 16<<20 {
		t.Errorf("%d MiB are kept of %d files", s.HeapAlloc>>20, len(set.Read()))
	}
}

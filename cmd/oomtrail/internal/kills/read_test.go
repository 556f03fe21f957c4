// SPDX-License-Identifier: Apache-2.0

package kills

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/filter"
	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/input"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser"
)

// TestPagesOfWanted: a page is made of each kill that is wanted, and of no other. Of one that
// stands in two files each record may be the better one.
func TestPagesOfWanted(t *testing.T) {
	const log = "2026-05-01T12:00:00.000000+00:00 web1 kernel: Out of memory: Killed process 11 (java) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB\n" +
		"2026-05-01T12:00:09.000000+00:00 web1 kernel: Out of memory: Killed process 12 (nginx) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB\n"
	var files []string
	for _, name := range []string{"kern.log", "syslog"} {
		files = append(files, filepath.Join(t.TempDir(), name))
		if err := os.WriteFile(files[len(files)-1], []byte(log), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	process := slices.IndexFunc(filter.Subjects, func(s filter.Subject) bool { return s.Name == "process" })
	for _, c := range []struct {
		files       []string
		pattern     string
		made, given int
	}{
		{files[:1], "", 2, 2}, {files[:1], "java", 1, 1}, {files[:1], "no", 0, 0}, {files, "", 4, 2}, {files, "java", 2, 1}, {files, "no", 0, 0},
	} {
		dating, err := input.Dating("UTC", "")
		if err != nil {
			t.Fatal(err)
		}
		r := Reader{Inputs: &input.Set{Args: c.files, Context: t.Context(), Notes: io.Discard, Dating: dating}, Options: parser.Options{KeepLines: true}}
		if c.pattern != "" {
			r.Filter = &filter.Filter{}
			if err := r.Filter.Add(&filter.Subjects[process], c.pattern); err != nil {
				t.Fatal(err)
			}
		}
		made, given := 0, 0
		err = Pages(&r, func(k *kill.Kill) time.Time { made++; return k.Time() }, func(k *kill.Kill, at time.Time) error {
			if given++; !at.Equal(k.Time()) {
				t.Errorf("%+v: kill %d has the page of another", c, k.Number)
			}
			return nil
		})
		if err != nil || made != c.made || given != c.given || r.Seen != 2 {
			t.Errorf("%+v: %d pages made, %d kills of %d given, %v", c, made, given, r.Seen, err)
		}
	}
}

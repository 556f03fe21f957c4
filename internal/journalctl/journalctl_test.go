// SPDX-License-Identifier: Apache-2.0

package journalctl

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJournalctlArgs(t *testing.T) {
	always := []string{"--output=json", "--all", "--quiet", "--no-pager"}
	for name, tc := range map[string]struct {
		cfg    Command
		follow bool
		cursor string
		since  time.Time
		want   []string
	}{
		"all of the system's journal": {},
		"and what is to come":         {follow: true, want: []string{"--follow", "--no-tail"}},
		"from now on":                 {since: time.Unix(1700000000, 12345000), want: []string{"--since=@1700000000.012345"}},
		"from a cursor":               {cursor: "s=1;i=2", since: time.Unix(1, 0), want: []string{"--cursor=s=1;i=2"}},
		"of a directory":              {cfg: Command{Directory: "/var/log/journal", Namespace: "audit"}, want: []string{"--directory=/var/log/journal", "--namespace=audit"}},
		"of files":                    {cfg: Command{Files: []string{"a.journal", "b*.journal"}}, want: []string{"--file=a.journal", "--file=b*.journal"}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.cfg.Matches = []string{"_TRANSPORT=kernel"}
			want := append(append([]string{}, always...), append(tc.want, "_TRANSPORT=kernel")...)
			assert.Equal(t, want, tc.cfg.args(tc.follow, tc.cursor, tc.since))
		})
	}
}

func TestSameEntry(t *testing.T) {
	const cursor = "s=aa;i=1f;b=b0;m=10;t=20;x=77"
	for other, want := range map[string]bool{
		cursor:                          true,
		"s=bb;i=2;b=b0;m=10;t=20;x=77":  true,  // the copy in another file
		"s=aa;i=20;b=b0;m=10;t=20;x=77": false, // the same words again, within a microsecond
		"s=bb;i=1f;b=b1;m=10;t=20;x=77": false,
		"s=bb;i=1f;b=b0;m=11;t=20;x=77": false,
		"s=bb;i=1f;b=b0;m=10;t=21;x=77": false,
		"s=bb;i=1f;b=b0;m=10;t=20;x=78": false,
		"s=bb":                          false,
		"":                              false,
	} {
		assert.Equal(t, want, sameEntry(cursor, other), other)
	}
}

// TestJournalctlComplains: without a journal journalctl waits for one and says so once, which must
// not go unheard.
func TestJournalctlComplains(t *testing.T) {
	path := script(t, "echo 'No journal files were found.' >&2\nexec sleep 60")
	heard := make(chan string, 1)
	j, err := Start(&Command{Path: path}, nil, func(text string) { heard <- text })
	require.NoError(t, err)
	select {
	case text := <-heard:
		assert.Equal(t, "No journal files were found.", text)
	case <-time.After(time.Minute):
		t.Error("nothing was heard")
	}
	assert.ErrorContains(t, j.Stop(), "No journal files were found.")
}

// script writes a shell script that stands for journalctl, and returns its path.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journalctl")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700))
	return path
}

func TestMatches(t *testing.T) {
	units := []string{"containerd.service", "kubelet.service"}
	want := []string{
		"_TRANSPORT=kernel", "+", "_SYSTEMD_UNIT=containerd.service", "_SYSTEMD_UNIT=kubelet.service", "+", "_PID=1", "+", "_SYSTEMD_USER_UNIT=init.scope",
		"+", "SYSLOG_IDENTIFIER=conmon", "SYSLOG_IDENTIFIER=podman",
	}
	assert.Equal(t, want, Matches(units, false))
	assert.Equal(t, append(want, "SYSLOG_IDENTIFIER=sudo", "+", "_TRANSPORT=audit"), Matches(units, true))
}

// TestShows: a user who may not read the journal is shown nothing, and no error.
func TestShows(t *testing.T) {
	for text, want := range map[string]bool{
		"exit 0":                     false,
		"echo 'Hint: no rights' >&2": false,
		`case "$*" in *--lines=1*_TRANSPORT=kernel*) echo '{}' ;; esac`: true,
	} {
		c := Command{Path: script(t, text)}
		assert.Equal(t, want, c.Shows("_TRANSPORT=kernel"), text)
	}
	missing := Command{Path: "/nowhere/journalctl"}
	assert.True(t, missing.Shows("_TRANSPORT=kernel"), "that is another trouble")
}

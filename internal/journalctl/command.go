// SPDX-License-Identifier: Apache-2.0

package journalctl

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
)

// Command is how journalctl is called.
type Command struct {
	// Path is the command, looked up in PATH (within Root, if that is set).
	Path string
	// Root is the root directory to run it in, "" for the process's own.
	Root string
	// Directory is the journal directory to read instead of the system's.
	Directory string
	// Files are journal files to read instead; globs are allowed.
	Files []string
	// Namespace is the journal namespace.
	Namespace string
	// Matches are the arguments that choose entries.
	Matches []string
}

// In returns the name of the command in a root directory, "" for the process's own: there it is
// looked up in PATH, elsewhere where distributions have it, since PATH is the process's own.
func In(root string) string {
	if root == "" {
		return "journalctl"
	}
	const usual = "/usr/bin/journalctl"
	for _, path := range []string{usual, "/bin/journalctl", "/run/current-system/sw/bin/journalctl"} {
		if info, err := os.Stat(filepath.Join(root, path)); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return usual
}

// OwnJournal reports whether the journal is that of the running system.
func (c *Command) OwnJournal() bool { return c.Directory == "" && len(c.Files) == 0 }

// args asks for the entries in full, from a cursor or a time on: those of every boot, or, to
// follow, those of the newest boot and those to come.
func (c *Command) args(follow bool, cursor string, since time.Time) []string {
	args := []string{"--output=json", "--all", "--quiet", "--no-pager"}
	if follow {
		args = append(args, "--follow", "--no-tail")
	}
	if cursor != "" {
		args = append(args, "--cursor="+cursor)
	} else if !since.IsZero() {
		args = append(args, fmt.Sprintf("--since=@%d.%06d", since.Unix(), since.Nanosecond()/1000))
	}
	if c.Directory != "" {
		args = append(args, "--directory="+c.Directory)
	}
	for _, file := range c.Files {
		args = append(args, "--file="+file)
	}
	if c.Namespace != "" {
		args = append(args, "--namespace="+c.Namespace)
	}
	return append(args, c.Matches...)
}

// lookPatience is how long Shows waits for an answer.
const lookPatience = 5 * time.Second

// Shows reports whether the journal shows this user any entry that the matches choose, or does not
// answer. A user without the right to read the journal sees none, which journalctl calls no error.
func (c *Command) Shows(matches ...string) bool {
	look := *c
	look.Matches = append([]string{"--lines=1"}, matches...)
	p, err := Start(&look, look.args(false, "", time.Time{}), func(string) {})
	if err != nil {
		return true
	}
	defer func() { _ = p.Stop() }()                     // it was only asked
	_ = p.SetReadDeadline(time.Now().Add(lookPatience)) // without it, it may take longer
	n, err := p.Read(make([]byte, 1))
	return n > 0 || !errors.Is(err, io.EOF)
}

// Matches are the arguments that choose entries: the kernel's and, with units, those of the units,
// of systemd itself, of the managers of users, and of the programs that run in no unit of their
// own; deaths adds those of the audit system.
func Matches(units []string, deaths bool) []string {
	args := []string{"_TRANSPORT=kernel"}
	if len(units) == 0 {
		return args
	}
	args = append(args, "+")
	for _, unit := range units {
		args = append(args, "_SYSTEMD_UNIT="+unit)
	}
	args = append(args, "+", "_PID=1", "+", "_SYSTEMD_USER_UNIT=init.scope", "+")
	for _, identifier := range witness.Identifiers(deaths) {
		args = append(args, "SYSLOG_IDENTIFIER="+identifier)
	}
	if deaths {
		args = append(args, "+", "_TRANSPORT=audit")
	}
	return args
}

// SPDX-License-Identifier: Apache-2.0

package input

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/unpack"
	"github.com/oomtrail/oomtrail/parser/report"
)

// openOwn hands on this machine's own log: that of the kernel, else that of the journal, of which
// journald itself says that the kernel wrote it.
func (s *Set) openOwn(in *Input, fn func(*Input) error) error {
	if runtime.GOOS != "linux" {
		return errors.New("name a file, or pipe a log in: this machine has no Linux kernel, and so no log of one")
	}
	journalctl, missing := exec.LookPath("journalctl")
	if s.Journal && missing == nil {
		whole := *in
		if failed := s.openJournal(&whole, fn, journalctl, "--boot"); failed != nil || !whole.seen.Empty() {
			return failed
		}
	}
	f, err := os.Open(kmsg.Path)
	if err == nil {
		defer func() { _ = f.Close() }() // it was only read
		if r, ok := kernelRing(f); ok {
			in.Name = kmsg.Path
			return s.handRing(r, in, fn)
		}
		err = &os.PathError{Err: errors.New("it is not the kernel's log here")}
	}
	if missing != nil {
		return fmt.Errorf("cannot read this machine's log: %s: %w; and there is no journalctl: run it as root, or name a file", kmsg.Path, errors.Unwrap(err))
	}
	if failed := s.openJournal(in, fn, journalctl, "--dmesg"); failed != nil {
		return failed
	}
	if in.seen.Empty() { // journalctl shows a user nothing, and calls it no error
		return fmt.Errorf("cannot read this machine's log: %s: %w; and the journal shows this user nothing: run it as root, or name a file", kmsg.Path, errors.Unwrap(err))
	}
	return nil
}

// openJournal hands on what journalctl prints of a part of the journal.
func (s *Set) openJournal(in *Input, fn func(*Input) error, journalctl, part string) error {
	in.Name = "the journal"
	r, err := unpack.Run(in.Name, journalctl, "--quiet", "--no-pager", "--output=json", part)
	if err != nil {
		return err
	}
	defer r.Close()
	if in.Format == report.Auto {
		in.Format, in.trusted = report.JournalJSON, report.SourceJournald
	}
	in.writtenBy(nil)
	in.Reader = in.remember(s.prompted(r))
	return fn(in)
}

// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/oomtrail/oomtrail/internal/journalctl"
	"github.com/oomtrail/oomtrail/internal/machine"
)

// journaldSource reads the journal.
type journaldSource struct {
	cfg       JournaldConfig
	root      string
	beginning bool
	pause     time.Duration // between two passes
	start     func(c *journalctl.Command, args []string, complain func(string)) (journalctl.Process, error)

	*live
	log *journalctl.Log
	// complaints bounds what is logged of journalctl.
	complaints bounded
}

func newJournaldSource(cfg *Config) source {
	journal := cfg.Journald
	journal.audit = cfg.Sigkill
	return &journaldSource{
		cfg: journal, root: cfg.RootPath, beginning: cfg.startAtBeginning(),
		pause: journalctl.PassPause, start: journalctl.Start,
	}
}

func (j *journaldSource) open(in *intake, saved []byte) error {
	in.counts.lost.of(machine.BootID(), false) // without rights, journalctl shows no line of the kernel
	var err error
	if j.live, err = newLive(in, "the journal cannot be read, trying again"); err != nil {
		return err
	}
	cursor, ok := j.restore(saved)
	if !ok && !j.beginning {
		cursor.Since = in.now()
	}
	j.log, err = journalctl.Open(journalctl.Options{
		Command: j.cfg.command(j.root), Cursor: cursor, Pause: j.pause, Start: j.start, Complain: j.complain,
	}, j.live)
	if err != nil {
		return fmt.Errorf("journald::journalctl_path: %q: %w: name the command by its full path, or read the kernel log with source: kmsg", j.cfg.JournalctlPath, err)
	}
	return nil
}

// restore reads a checkpoint. It returns false when there is none.
func (j *journaldSource) restore(saved []byte) (cursor journalctl.Cursor, ok bool) {
	if saved == nil {
		return cursor, false
	}
	if err := json.Unmarshal(saved, &cursor); err != nil {
		j.in.logger.Warn("the stored checkpoint cannot be read; beginning as start_at says", zap.Error(err))
		return journalctl.Cursor{}, false
	}
	return cursor, true
}

// complain logs what journalctl complains of.
func (j *journaldSource) complain(text string) {
	j.complaints.log(j.in.logger.Warn, "journalctl complains", zap.String("said", text))
}

func (j *journaldSource) close() {
	if j.log != nil {
		j.log.Close()
	}
}

func (j *journaldSource) run(ctx context.Context) { _ = j.log.Run(ctx) } // an error is the queue's, which has ended

func (j *journaldSource) checkpoint() []byte {
	b, err := json.Marshal(j.log.Cursor())
	if err != nil {
		return nil // only a year beyond 9999 can fail
	}
	return b
}

// command is how journalctl is called, in a root directory, "" for the process's own.
func (c *JournaldConfig) command(root string) journalctl.Command {
	return journalctl.Command{
		Path: c.JournalctlPath, Root: root, Directory: c.Directory, Files: c.Files, Namespace: c.Namespace, Matches: journalctl.Matches(c.Units, c.audit),
	}
}

// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
)

const (
	// patience is how long a program may write nothing new before it is taken to have no more.
	patience = 20 * time.Second
	// afterwards is how long it is left running when all is there, so that one too many can come.
	afterwards = time.Second
)

// runUntil runs a program until it has written as many records as are waited for, ends it, and
// returns all that it has written: what comes while it ends counts too. That there are too few is
// for the comparison to tell.
func runUntil(cmd *exec.Cmd, records int, read func() ([]contract.Record, error)) (got []contract.Record, err error) {
	var log bytes.Buffer
	cmd.Stderr = &log
	if cmd.Stdout == nil {
		cmd.Stdout = &log
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	err = await(records, read, ended)
	if err == nil {
		err = stop(cmd, ended)
	} else {
		_ = cmd.Process.Kill() // the first error is the one to tell
		<-ended                //nolint:errcheck // it was killed
	}
	if err != nil {
		return nil, fmt.Errorf("%w; %s said:\n%s", err, cmd, log.String())
	}
	return read()
}

// await returns when enough records are there, or none came for long.
func await(records int, read func() ([]contract.Record, error), ended chan error) error {
	for have, last := 0, time.Now(); time.Since(last) < patience; time.Sleep(200 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			return fmt.Errorf("the program ended by itself: %w", err)
		default:
		}
		got, err := read()
		if err != nil {
			return err
		}
		if len(got) >= records {
			time.Sleep(afterwards)
			return nil
		}
		if len(got) > have {
			have, last = len(got), time.Now()
		}
	}
	return nil
}

// stop asks a program to end and waits until it has.
func stop(cmd *exec.Cmd, ended chan error) error {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		_ = cmd.Process.Kill() // it is told as an error
		<-ended                //nolint:errcheck // it was killed
		return fmt.Errorf("it did not end within %s of SIGTERM", patience)
	}
}

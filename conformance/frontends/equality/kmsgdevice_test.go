// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// kmsgDevice makes a pipe that stands in for /dev/kmsg until the test ends: as that, it gives one
// record a read.
func kmsgDevice(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	// Open for both, it has a writer as long as the test runs, and no reader sees its end.
	pipe, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	packets(t, pipe)
	written := make(chan struct{})
	go func() {
		defer close(written)
		for _, record := range kmsgtest.Records(raw) {
			if _, err := pipe.Write(record); err != nil {
				return // the test has ended
			}
		}
	}()
	t.Cleanup(func() {
		_ = pipe.Close()
		<-written
	})
}

// packets makes each write to a pipe one read of it.
func packets(t *testing.T, pipe *os.File) {
	t.Helper()
	conn, err := pipe.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		_, failed = unix.FcntlInt(fd, unix.F_SETFL, unix.O_DIRECT|unix.O_NONBLOCK)
	})
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
}

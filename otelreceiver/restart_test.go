// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// restartable is a source under test: open makes one that goes on at a checkpoint, read makes it
// read these lines, which come after those that were there.
type restartable struct {
	name  string
	lines []string
	open  func(t *testing.T, in func(source) *intake, saved []byte) source
	read  func(t *testing.T, src source, lines []string)
}

// witnessLines are the lines of programs that need several for a record, by seconds.
var witnessLines = []struct {
	at                       int
	transport, program, text string
}{
	{0, "stdout", "kubelet", `I0502 10:00:00.000000    1021 eviction_manager.go:376] "Eviction manager: attempting to reclaim" resourceName="memory"`},
	{50, "stdout", "kubelet", `I0502 10:00:50.000000    1021 eviction_manager.go:629] "Eviction manager: pod is evicted successfully" pod="shop/cart-0"`},
	{51, "stdout", "nohang", "PID:       4410, name: ingest, state: R, EUID: 1000"},
	{51, "stdout", "nohang", "Vm, MiB:   Size: 5000, RSS: 4962 (Anon: 4960, File: 2, Shmem: 0), Swap: 0"},
	{52, "stdout", "nohang", "Sending SIGTERM to the victim"},
	{53, "stdout", "nohang", "The victim died in 0.12s"},
	{300, "stdout", "nohang", "The victim died in 0.12s"},
}

// auditLines are two records of the kernel's log.
var auditLines = []string{
	`5,7,100000000,-;audit: type=1300 audit(1777716000.444:8812): arch=c000003e syscall=62 success=yes exit=0 a0=113a a1=9 a2=0 a3=0 items=0 ppid=900 pid=5521 auid=1000 uid=0 comm="bash" exe="/usr/bin/bash" key="sigkill"` + "\n",
	`5,8,100000010,-;audit: type=1318 audit(1777716000.444:8812): opid=4410 oauid=1000 ouid=998 oses=7 ocomm="ingest"` + "\n",
	"6,9,500000000,-;usb 1-1: new device\n",
}

func restartables(t *testing.T) []restartable {
	var entries, syslog []string
	for i, l := range witnessLines {
		at := time.Date(2026, 5, 2, 10, 0, l.at, 0, time.UTC)
		syslog = append(syslog, fmt.Sprintf("%s node-7 %s[530]: %s\n", at.Format("2006-01-02T15:04:05.000000Z07:00"), l.program, l.text))
		entries = append(entries, fmt.Sprintf(`{"__CURSOR":"s=1;i=%d;b=aa","__REALTIME_TIMESTAMP":"%d","_BOOT_ID":"aa","_HOSTNAME":"node-7","_TRANSPORT":%q,"SYSLOG_IDENTIFIER":%q,"_COMM":%[4]q,"_SYSTEMD_UNIT":"%[4]s.service","_PID":"530","MESSAGE":%q}`,
			i+1, at.UnixMicro(), l.transport, l.program, l.text))
	}
	path := filepath.Join(t.TempDir(), "syslog")
	return []restartable{
		{
			"journald", entries,
			func(t *testing.T, in func(source) *intake, saved []byte) source {
				j := &journaldSource{beginning: true, start: (&fakeJournal{}).start}
				require.NoError(t, j.open(in(j), saved))
				return j
			},
			func(t *testing.T, src source, lines []string) {
				j := src.(*journaldSource)
				resumed := j.log.Cursor().Cursor
				from := 0
				for i, l := range lines { // journalctl begins behind the cursor
					if resumed != "" && strings.Contains(l, `"`+resumed+`"`) {
						from = i + 1
					}
				}
				for _, l := range lines[from:] {
					require.NoError(t, j.log.Take(t.Context(), []byte(l)))
				}
			},
		},
		{
			"file", syslog,
			func(t *testing.T, in func(source) *intake, saved []byte) source {
				if saved == nil {
					require.NoError(t, os.WriteFile(path, nil, 0o600))
				}
				src := newFileSource(fileConfig(true, path)).(*fileSource)
				require.NoError(t, src.open(in(src), saved))
				return src
			},
			func(t *testing.T, src source, lines []string) {
				require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600))
				src.(*fileSource).readAll(t, 0)
			},
		},
		{
			"kmsg", auditLines,
			func(t *testing.T, in func(source) *intake, saved []byte) source {
				src := &kmsgSource{host: newRing(1).host("boot-1")}
				require.NoError(t, src.open(in(src), saved))
				return src
			},
			func(t *testing.T, src source, lines []string) { // each open reads the ring from its beginning
				for _, l := range lines {
					require.NoError(t, src.(*kmsgSource).log.Take(t.Context(), []byte(strings.TrimSuffix(l, "\n")), false))
				}
			},
		},
	}
}

// TestRestartBetweenLines: a receiver that stops between any two lines of what needs several, and
// starts again at its stored checkpoint, gives the records of one that never stopped.
func TestRestartBetweenLines(t *testing.T) {
	for _, r := range restartables(t) {
		t.Run(r.name, func(t *testing.T) {
			want := r.records(t, len(r.lines))
			require.NotEmpty(t, want)
			for n := range r.lines {
				assert.Equal(t, want, r.records(t, n), "stopped after %d lines", n)
			}
		})
	}
}

// records returns the records of a receiver that stops after n lines.
func (r *restartable) records(t *testing.T, n int) (records []string) {
	t.Helper()
	var in *intake
	intakeOf := func(saved []byte) func(source) *intake {
		return func(src source) *intake {
			in = testIntake(t, src)
			in.options.Sigkill = true
			in.options.Location = time.UTC
			in.restore(saved)
			return in
		}
	}
	take := func() {
		batch, _ := in.queue.takeNow(1 << 30)
		for _, it := range batch {
			if it.record != nil {
				records = append(records, string(it.record.AppendJSON(nil)))
			}
		}
		in.queue.release(batch)
	}
	src := r.open(t, intakeOf(nil), nil)
	r.read(t, src, r.lines[:n])
	if n < len(r.lines) {
		take()
		saved := in.checkpoint()
		src.close()
		src = r.open(t, intakeOf(saved), saved)
		r.read(t, src, r.lines)
	}
	require.NoError(t, in.flush(t.Context()))
	take()
	src.close()
	slices.Sort(records)
	return records
}

// TestCheckpointGoesOn: where nothing more comes, a line that is kept holds the checkpoint for a
// minute by this machine's clock.
func TestCheckpointGoesOn(t *testing.T) {
	r := restartables(t)[0]
	var in *intake
	now := time.Now()
	src := r.open(t, func(src source) *intake {
		in = testIntake(t, src)
		in.now = func() time.Time { return now }
		return in
	}, nil)
	r.read(t, src, r.lines[:1])
	stored := func() string { return string(in.checkpoint()) }
	assert.NotContains(t, stored(), "i=1;")
	require.NoError(t, in.tick(t.Context(), true))
	now = now.Add(time.Minute - time.Second)
	require.NoError(t, in.tick(t.Context(), true))
	assert.NotContains(t, stored(), "i=1;")
	now = now.Add(2 * time.Second)
	require.NoError(t, in.tick(t.Context(), true))
	assert.Contains(t, stored(), "i=1;")
}

// TestRestartSendsNothingAgain: a record whose lines are read again, since one of them holds the
// checkpoint, is not sent again, however long it waits for others.
func TestRestartSendsNothingAgain(t *testing.T) {
	r := restartables(t)[0]
	now := time.Now()
	var in *intake
	intakeOf := func(saved []byte) func(source) *intake {
		return func(src source) *intake {
			in = testIntake(t, src)
			in.now = func() time.Time { return now }
			in.restore(saved)
			return in
		}
	}
	records := func() (n int) {
		for range 12 {
			require.NoError(t, in.tick(t.Context(), true))
			now = now.Add(time.Second)
		}
		batch, _ := in.queue.takeNow(1 << 30)
		for _, it := range batch {
			if it.record != nil {
				n++
			}
		}
		in.queue.release(batch)
		return n
	}
	src := r.open(t, intakeOf(nil), nil)
	r.read(t, src, r.lines[:2])
	require.Equal(t, 1, records())
	saved := in.checkpoint()
	src.close()
	src = r.open(t, intakeOf(saved), saved)
	r.read(t, src, r.lines[:2])
	assert.Zero(t, records())
}

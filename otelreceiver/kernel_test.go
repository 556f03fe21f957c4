// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reportLines are the lines of a cgroup kill as kernel 6.12 prints them, shortened to one line a
// section.
var reportLines = []string{
	"4;app-main invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985",
	"4;CPU: 1 UID: 1000 PID: %[1]d Comm: app-main Not tainted 6.12.107+deb13-cloud-amd64 #1  Debian 6.12.107-1",
	"6;memory: usage 24576kB, limit 24576kB, failcnt 19",
	"6;Tasks state (memory values in pages):",
	"6;[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name",
	"6;[%7[1]d]  1000 %5[1]d     7337     6256     6096      160         0    94208        0           985 app-main",
	"6;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=app.scope,mems_allowed=0,oom_memcg=/system.slice/app.service,task_memcg=/system.slice/app.service,task=app-main,pid=%[1]d,uid=1000",
	"3;Memory cgroup out of memory: Killed process %[1]d (app-main) total-vm:29348kB, anon-rss:24384kB, file-rss:640kB, shmem-rss:0kB, UID:1000 pgtables:92kB oom_score_adj:985",
}

// printk prints records as /dev/kmsg gives them, numbered and stamped.
type printk struct {
	sequence uint64
	stamp    time.Duration
}

// print returns one record. prefixed is the priority, a semicolon and the text.
func (k *printk) print(prefixed string) string {
	priority, text, _ := strings.Cut(prefixed, ";")
	record := fmt.Sprintf("%s,%d,%d,-;%s\n", priority, k.sequence, k.stamp.Microseconds(), text)
	k.sequence++
	k.stamp += 100 * time.Microsecond
	return record
}

// report returns the records of one kill.
func (k *printk) report(pid int) []string {
	var records []string
	for _, line := range reportLines {
		if strings.Contains(line, "%") {
			line = fmt.Sprintf(line, pid)
		}
		records = append(records, k.print(line))
	}
	k.stamp += time.Second
	return records
}

// ring is a kernel log of limited size in memory. It is a kmsgDevice for one reader at a time, and
// outlives it.
type ring struct {
	mu      sync.Mutex
	records []string
	first   int // index of records[0] since boot
	size    int // records kept
	at      int // index of the reader's next record
	wake    chan struct{}
	broken  error
}

func newRing(size int) *ring { return &ring{size: size, wake: make(chan struct{}, 1)} }

func (r *ring) write(records ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, records...)
	if n := len(r.records) - r.size; n > 0 {
		r.records = append([]string(nil), r.records[n:]...)
		r.first += n
	}
	signal(r.wake)
}

func (r *ring) open(string) (kmsgDevice, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return nil, r.broken
	}
	r.at = r.first
	return r, nil
}

func (r *ring) next(buf []byte) (int, bool, error) {
	timeout := time.NewTimer(10 * time.Millisecond)
	defer timeout.Stop()
	for waited := false; ; waited = true {
		n, err := r.take(buf)
		if n > 0 || err != nil {
			return n, waited, err
		}
		select {
		case <-r.wake:
		case <-timeout.C:
			return 0, false, os.ErrDeadlineExceeded
		}
	}
}

func (r *ring) take(buf []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.broken != nil:
		return 0, r.broken
	case r.at < r.first:
		r.at = r.first
		return 0, syscall.EPIPE
	case r.at < r.first+len(r.records):
		r.at++
		return copy(buf, r.records[r.at-1-r.first]), nil
	}
	return 0, nil
}

func (r *ring) tryNext(buf []byte) (int, error) {
	n, err := r.take(buf)
	if n == 0 && err == nil {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}

// drained reports whether all that was written has been read.
func (r *ring) drained() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at == r.first+len(r.records)
}

func (r *ring) rewind() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = r.first
	return nil
}

func (r *ring) interrupt()   { signal(r.wake) }
func (r *ring) Close() error { return nil }

// host returns a machine whose kernel log is the ring.
func (r *ring) host(boot string) kmsgHost {
	return kmsgHost{
		open:   r.open,
		bootID: func() string { return boot },
		clocks: func() (time.Time, time.Duration) { return time.Now(), 0 },
	}
}

// ringSource is a kmsg source that reads the ring.
func ringSource(r *ring, boot string) func(*Config) source {
	return func(cfg *Config) source {
		return &kmsgSource{path: cfg.Path, beginning: cfg.startAtBeginning(), host: r.host(boot)}
	}
}

// capture returns a real kernel's log of one scenario.
func capture(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile("../testdata/captures/" + path)
	require.NoError(t, err)
	return b
}

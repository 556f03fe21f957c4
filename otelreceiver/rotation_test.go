// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A log is rotated again and again while it is written: names are counted up, the oldest is
// compressed. No kill is lost and none doubled. Where the receiver is at most
// one rotation behind, they come in order.
func TestRotationUnderLoad(t *testing.T) {
	t.Run("paced", func(t *testing.T) { rotateUnderLoad(t, true) })
	t.Run("many rotations in one look", func(t *testing.T) { rotateUnderLoad(t, false) })
}

func rotateUnderLoad(t *testing.T, paced bool) {
	const rotationsCount, killsEach = 12, 40
	dir := t.TempDir()
	w := &logWriter{t: t, path: filepath.Join(dir, "kern.log")}
	w.append("")
	next := &sink{}
	cfg := fileConfig(false, w.path+"*")
	run(t, cfg, nil, next, newSource)
	var want []int64
	pid := 1000
	for range rotationsCount {
		for range killsEach {
			lines := strings.Join(w.syslog(pid), "")
			w.append(lines[:len(lines)/2])
			w.append(lines[len(lines)/2:])
			want = append(want, int64(pid))
			pid++
		}
		rotateNumbered(t, w.path)
		if paced {
			require.Eventually(t, func() bool { return len(next.pids()) >= len(want)-killsEach }, time.Minute, time.Millisecond)
		}
	}
	require.Eventually(t, func() bool { return len(next.pids()) >= len(want) }, time.Minute, 5*time.Millisecond)
	time.Sleep(100 * time.Millisecond)
	assert.ElementsMatch(t, want, next.pids())
	if paced {
		assert.Equal(t, want, next.pids(), "the order")
	}
}

// rotateNumbered does what logrotate does with compress and delaycompress.
func rotateNumbered(t *testing.T, path string) {
	t.Helper()
	name := func(i int) string { return fmt.Sprintf("%s.%d", path, i) }
	for i := 30; i >= 2; i-- {
		if _, err := os.Stat(name(i) + ".gz"); err == nil {
			require.NoError(t, os.Rename(name(i)+".gz", name(i+1)+".gz"))
		}
	}
	if text, err := os.ReadFile(name(1)); err == nil {
		info, err := os.Stat(name(1))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name(2)+".gz", []byte(gzipped(t, string(text))), 0o600))
		require.NoError(t, os.Chtimes(name(2)+".gz", info.ModTime(), info.ModTime()))
		require.NoError(t, os.Remove(name(1)))
	}
	require.NoError(t, os.Rename(path, name(1)))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
}

// Two rotations between the look at what there is and the opening of what was chosen. The file that
// was seen at the log's path is removed, and the new log has got its number: it is not the one that
// comes next.
func TestRotatedWhileChoosing(t *testing.T) {
	dir := t.TempDir()
	w := &logWriter{t: t, path: filepath.Join(dir, "kern.log")}
	src := newFileSource(fileConfig(false, w.path)).(*fileSource)
	in := testIntake(t, src)
	w.append(w.syslog(100)...)
	require.NoError(t, src.open(in, nil))
	t.Cleanup(src.close)
	_, err := src.round(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.Rename(w.path, w.path+".1"))
	w.append(w.syslog(101)...)

	tail := src.tails[0]
	seen, ok := tail.candidates()
	require.True(t, ok)
	text, err := os.ReadFile(w.path)
	require.NoError(t, err)
	// As after two rotations: ".2" holds 101, ".1" holds 102, and the new log has the number of the
	// file that held 101. Not every file system gives one anew, so that file is emptied here.
	require.NoError(t, os.Rename(w.path+".1", w.path+".3"))
	require.NoError(t, os.WriteFile(w.path+".2", text, 0o600))
	log := w.path
	w.path += ".1"
	w.append(w.syslog(102)...)
	require.NoError(t, os.Truncate(log, 0))
	w.path = log
	w.append(w.syslog(103)...)

	_, ok = tail.choose(seen)
	require.False(t, ok, "what was seen is no longer so")
	w.append(w.syslog(104)...) // ends the report before it
	for more := true; more; {
		more, err = src.round(t.Context())
		require.NoError(t, err)
	}
	pids := queuedPids(in)
	assert.Equal(t, []int64{100, 101, 102, 103}, pids[:min(4, len(pids))])
}

// Two rotations while the receiver was down, by a program that gives the compressed file the time
// at which it was compressed: the numbers tell the order.
func TestNumbersTellTheOrder(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	host, next := newStorageHost(), &sink{}
	cfg := fileConfig(true, w.path)
	torn := strings.Join(w.syslog(101), "")
	w.append(strings.Join(w.syslog(100), "") + torn[:len(torn)/2])
	stop := run(t, cfg, host, next, newSource)
	next.waitFor(t, 100)
	stop()

	rotateNumbered(t, w.path)
	w.append(torn[len(torn)/2:] + strings.Join(w.syslog(102), ""))
	rotateNumbered(t, w.path)
	w.append(strings.Join(w.syslog(103), ""))
	late := time.Now().Add(time.Second)
	require.NoError(t, os.Chtimes(w.path+".2.gz", late, late))
	run(t, cfg, host, next, newSource)
	next.waitFor(t, 100, 101, 102, 103)
}

// A receiver that dies at any moment while the log is written and rotated.
func TestDyingReceiverOfFiles(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	w.append("")
	host, next := newStorageHost(), &sink{}
	cfg := fileConfig(true, w.path)
	cfg.ReportTimeout = 100 * time.Millisecond
	var want []int64
	for round := range 40 {
		rcv, err := newFactory(newSource).CreateLogs(t.Context(), settingsOf(t), cfg, next)
		require.NoError(t, err)
		require.NoError(t, rcv.Start(t.Context(), host))
		for i := range 4 {
			pid := 1000 + 4*round + i
			want = append(want, int64(pid))
			for _, line := range w.syslog(pid) {
				w.append(line)
			}
			if i == 2 && round%3 == 0 {
				rotateNumbered(t, w.path)
			}
			time.Sleep(time.Duration(round%4) * 3 * time.Millisecond)
		}
		kill(rcv.(*oomReceiver), host)
	}
	run(t, cfg, host, next, newSource)
	distinct := func() []int64 {
		pids := next.pids()
		slices.Sort(pids)
		return slices.Compact(pids)
	}
	require.Eventually(t, func() bool { return slices.Equal(want, distinct()) }, time.Minute, 10*time.Millisecond, "%v", distinct())
	t.Logf("%d kills, %d records", len(want), next.len())
}

// A compressed file that is still being written is read to its end once it is complete.
func TestCompressedFileThatGrows(t *testing.T) {
	var k printk
	var text strings.Builder
	var want []int64
	for pid := range 200 {
		text.WriteString(strings.Join(k.report(1000+pid), ""))
		want = append(want, int64(1000+pid))
	}
	packed := gzipped(t, text.String())
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log.2.gz")}
	next := &sink{}
	run(t, fileConfig(false, w.path), nil, next, newSource)
	for len(packed) > 0 {
		n := min(len(packed), 1500)
		w.append(packed[:n])
		packed = packed[n:]
		time.Sleep(20 * time.Millisecond)
	}
	next.waitFor(t, want...)
}

func TestRotationNumber(t *testing.T) {
	for suffix, want := range map[string]int{
		".1": 1, ".2.gz": 2, ".10": 10, ".0": 0, "-20261121": 0, ".20261121": 0, ".2026-11-21T08": 0, ".old": 0, "_1": 0, "": 0, ".gz": 0, ".+1": 0,
	} {
		assert.Equal(t, want, rotationNumber(suffix), "%q", suffix)
	}
}

func TestRotationSuffix(t *testing.T) {
	for suffix, want := range map[string]bool{
		".1": true, ".2.gz": true, "-20261121": true, "-20261121.gz": true, ".2026-11-21T08": true, ".old": true, "_1": true,
		"": false, ".bak": false, ".swp": false, ".1.tmp": false, "2": false, ".": false, ".gz": false,
	} {
		assert.Equal(t, want, isRotationSuffix(suffix), "%q", suffix)
	}
}

// A rotated file is taken up while it is still being compressed, beside the file that it is made of
// and without that. The log that came after it waits until all of it was read.
func TestSuccessorThatIsBeingCompressed(t *testing.T) {
	for name, isBeside := range map[string]bool{"beside": true, "alone": false} {
		t.Run(name, func(t *testing.T) {
			w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
			src := newFileSource(fileConfig(false, w.path)).(*fileSource)
			in := testIntake(t, src)
			in.queue = newQueue(1 << 30)
			w.append(w.syslog(99)...)
			require.NoError(t, src.open(in, nil))
			t.Cleanup(src.close)
			readAll := func() {
				t.Helper()
				for more := true; more; {
					var err error
					more, err = src.round(t.Context())
					require.NoError(t, err)
				}
			}
			readAll()
			require.NoError(t, os.Rename(w.path, w.path+".3"))
			want := []int64{99}
			var text strings.Builder
			for pid := int64(100); pid < 400; pid++ {
				text.WriteString(strings.Join(w.syslog(int(pid)), ""))
				want = append(want, pid)
			}
			if isBeside {
				require.NoError(t, os.WriteFile(w.path+".2", []byte(text.String()), 0o600))
			}
			packed := gzipped(t, text.String())
			require.NoError(t, os.WriteFile(w.path+".2.gz", []byte(packed[:len(packed)/2]), 0o600))
			require.NoError(t, os.WriteFile(w.path+".1", []byte(strings.Join(w.syslog(400), "")), 0o600))
			w.append(w.syslog(401)...)
			w.append(w.syslog(402)...) // ends the report before it
			readAll()
			require.NoError(t, os.WriteFile(w.path+".2.gz", []byte(packed), 0o600))
			_ = os.Remove(w.path + ".2")
			readAll()
			pids := queuedPids(in)
			assert.Equal(t, append(want, 400, 401), pids[:min(len(pids), len(want)+2)])
		})
	}
}

// queuedPids returns the victims that an intake holds.
func queuedPids(in *intake) (pids []int64) {
	queued, _ := in.queue.takeNow(1 << 20)
	for _, it := range queued {
		if it.record != nil {
			if pid, ok := it.record.Get("process.pid"); ok {
				pids = append(pids, pid.Int64())
			}
		}
	}
	return pids
}

// A compressed file grows, and gets the time of what it was made of, right after its end was read.
func TestCompressedFileThatGrowsAtOnce(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log.2.gz")}
	var text strings.Builder
	for pid := range 100 {
		text.WriteString(strings.Join(w.syslog(100+pid), ""))
	}
	packed := gzipped(t, text.String())
	half := len(packed) / 2
	w.append(packed[:half])
	log, err := openLog(w.path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	r, err := log.unzip()
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, r)
	require.Error(t, err)
	w.append(packed[half:])
	long := time.Now().Add(-2 * compressTime)
	require.NoError(t, os.Chtimes(w.path, long, long))
	log.brokeOff(err)
	assert.True(t, log.awaitsRest())
}

// A compressed file that broke off long ago is not waited for.
func TestSuccessorThatStaysIncomplete(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
	src := newFileSource(fileConfig(false, w.path)).(*fileSource)
	in := testIntake(t, src)
	w.append(w.syslog(99)...)
	require.NoError(t, src.open(in, nil))
	t.Cleanup(src.close)
	_, err := src.round(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.Rename(w.path, w.path+".2"))
	packed := gzipped(t, strings.Join(w.syslog(100), "")+strings.Join(w.syslog(101), ""))
	require.NoError(t, os.WriteFile(w.path+".1.gz", []byte(packed[:len(packed)-4]), 0o600))
	w.append(w.syslog(102)...)
	w.append(w.syslog(103)...)
	for range 5 {
		_, err := src.round(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, []int64{99, 100, 101}, queuedPids(in), "it may be completed yet")
	long := time.Now().Add(-2 * compressTime)
	require.NoError(t, os.Chtimes(w.path+".1.gz", long, long))
	for range 5 {
		_, err := src.round(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, []int64{102, 103}, queuedPids(in))
}

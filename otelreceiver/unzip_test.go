// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// zeros is an endless input without a newline.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// bomb writes a small file that is size bytes of one line once it is unzipped, with a kill behind
// it.
func bomb(t *testing.T, path string, size int64) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	z := gzip.NewWriter(f)
	_, err = io.CopyN(z, zeros{}, size)
	require.NoError(t, err)
	var k printk
	_, err = io.WriteString(z, "\n"+strings.Join(k.report(100), ""))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
}

// allocated returns how many bytes fn allocates.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A small file that unzips to very much is read through in little memory, and what comes behind is
// found.
func TestGzipBombTakesLittleMemory(t *testing.T) {
	const size = 256 << 20
	path := filepath.Join(t.TempDir(), "kern.log.gz")
	bomb(t, path, size)
	var src *fileSource
	used := allocated(func() { src = startFiles(t, fileConfig(false, path), nil) })
	defer src.close()
	assert.Less(t, used, uint64(16<<20), "bytes allocated in all")
	require.NoError(t, src.in.flush(t.Context()))
	records := 0
	for _, it := range src.in.queue.items {
		if it.record != nil {
			records++
		}
	}
	assert.Equal(t, 1, records)
	assert.Greater(t, src.tails[0].mark().Offset, int64(size))
}

// To go on in a compressed file does not keep the start waiting, and other files have their turn
// meanwhile.
func TestGoingOnInACompressedFileIsDoneInTurns(t *testing.T) {
	const size = 32 << 20
	path := filepath.Join(t.TempDir(), "kern.log.gz")
	bomb(t, path, size)
	first := startFiles(t, fileConfig(false, path), nil)
	require.NoError(t, first.in.flush(t.Context()))
	saved, end := first.checkpoint(), first.tails[0].mark().Offset
	first.close()

	again := newFileSource(fileConfig(false, path)).(*fileSource)
	require.NoError(t, again.open(testIntake(t, again), saved))
	defer again.close()
	tail := again.tails[0]
	assert.Zero(t, tail.lines.Read(), "nothing is unzipped when the receiver starts")
	rounds := 0
	for more := true; more; rounds++ {
		var err error
		was := tail.lines.Read()
		more, err = again.round(t.Context())
		require.NoError(t, err)
		assert.LessOrEqual(t, tail.lines.Read()-was, int64(2*tailBudget))
	}
	assert.Greater(t, rounds, size/tailBudget/2)
	assert.Equal(t, end, tail.mark().Offset)
	assert.False(t, again.in.streams[0].Parser.Open(), "nothing is read twice")
}

// A compressed file that is shorter than the checkpoint says is another one, which begins alike:
// all of it is read.
func TestCompressedFileShorterThanItsCheckpoint(t *testing.T) {
	w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log.2.gz")}
	one, two := strings.Join(w.syslog(100), ""), strings.Join(w.syslog(101), "")
	w.append(gzipped(t, one+two))
	host, next := newStorageHost(), &sink{}
	stop := run(t, fileConfig(true, w.path), host, next, newSource)
	next.waitFor(t, 100, 101)
	host.waitForStored(t, sourceFile, fmt.Sprintf(`"offset":%d,`, len(one+two)))
	stop()
	require.NoError(t, os.WriteFile(w.path, []byte(gzipped(t, one)), 0o600))
	again := &sink{}
	run(t, fileConfig(true, w.path), host, again, newSource)
	again.waitFor(t, 100)
}

// Of many compressed files a few are read at a time.
func TestManyCompressedFilesAreReadAFewAtATime(t *testing.T) {
	dir := t.TempDir()
	const files = 3 * maxUnzipping
	padding := bytes.Repeat([]byte("[    1.000000] usb 1-1: new full-speed USB device\n"), 2*tailBudget/50)
	var want []int64
	var k printk
	for i := range files {
		pid := 1000 + i
		want = append(want, int64(pid))
		text := fmt.Sprintf("[    0.%06d] usb\n%s", i, padding)
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.log.gz", i)), []byte(gzipped(t, text+strings.Join(k.report(pid), ""))), 0o600))
	}
	src := newFileSource(fileConfig(false, filepath.Join(dir, "*"))).(*fileSource)
	in := testIntake(t, src)
	in.queue = newQueue(1 << 30)
	require.NoError(t, src.open(in, nil))
	defer src.close()
	most := 0
	for more := true; more; {
		var err error
		more, err = src.round(t.Context())
		require.NoError(t, err)
		under := 0
		for _, tail := range src.tails {
			if tail.unzipping == unzipUnderWay {
				under++
			}
		}
		require.Equal(t, under, src.unzipping)
		most = max(most, under)
	}
	assert.Equal(t, maxUnzipping, most)
	assert.Zero(t, src.unzipping)
	require.NoError(t, in.flush(t.Context()))
	var got []int64
	for _, it := range in.queue.items {
		if it.record != nil {
			pid, _ := it.record.Get("process.pid")
			got = append(got, pid.Int64())
		}
	}
	assert.ElementsMatch(t, want, got)
}

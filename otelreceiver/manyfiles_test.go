// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// manyFiles is the number of log files in the tests of many: few enough for any limit of open
// files.
const manyFiles = 800

// writeMany writes n log files into a directory that was last changed a while ago. Each begins in a
// way of its own and is longer than a head, but for every fifth, which is empty.
func writeMany(t testing.TB, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	rest := strings.Repeat("2026-11-21T08:16:59.123456+00:00 node-7 kernel: [    1.000000] usb 1-1: new full-speed USB device\n", 11)
	for i := range n {
		var text string
		if i%5 > 0 {
			text = fmt.Sprintf("2026-11-21T08:16:59.123456+00:00 node-%d kernel: [    1.000000] usb\n", i) + rest
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.log", i)), []byte(text), 0o600))
	}
	settle(t, dir)
	return dir
}

// settle makes a directory one that was last changed a while ago.
func settle(t testing.TB, dir string) {
	t.Helper()
	past := time.Now().Add(-2 * settledAfter)
	require.NoError(t, os.Chtimes(dir, past, past))
}

// startFiles opens a source of files and reads all there is.
func startFiles(t testing.TB, cfg *Config, saved []byte) *fileSource {
	t.Helper()
	src := newFileSource(cfg).(*fileSource)
	in := testIntake(t, src)
	in.queue = newQueue(1 << 30)
	require.NoError(t, src.open(in, saved))
	for more := true; more; {
		var err error
		more, err = src.round(t.Context())
		require.NoError(t, err)
	}
	return src
}

// To begin to read many files, and to go on after a restart, takes each file a bounded number of
// steps.
func TestManyFilesTakeStepsInProportion(t *testing.T) {
	glob := filepath.Join(writeMany(t, manyFiles), "*")
	src := startFiles(t, fileConfig(false, glob), nil)
	defer src.close()
	assert.Len(t, src.tails, manyFiles)
	assert.LessOrEqual(t, src.reading.steps, 3*manyFiles, "files compared")
	assert.Zero(t, src.dirs.listings, "the directory is read for files that were rotated away, and none was")

	again := startFiles(t, fileConfig(false, glob), src.checkpoint())
	defer again.close()
	assert.Len(t, again.tails, manyFiles)
	assert.Empty(t, again.saved)
	assert.LessOrEqual(t, again.reading.steps, 3*manyFiles, "files compared")
	for _, tail := range again.tails {
		require.Equal(t, src.byPath[tail.path].mark().Offset, tail.mark().Offset)
	}
}

// All files were rotated away while no receiver ran: the directory is read once, not once a file.
func TestManyRotatedFilesTakeOneListing(t *testing.T) {
	dir := writeMany(t, manyFiles)
	glob := filepath.Join(dir, "*.log")
	src := startFiles(t, fileConfig(false, glob), nil)
	saved := src.checkpoint()
	src.close()
	for i := range manyFiles {
		path := filepath.Join(dir, fmt.Sprintf("%d.log", i))
		require.NoError(t, os.Rename(path, path+".1"))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	settle(t, dir)
	again := newFileSource(fileConfig(false, glob)).(*fileSource)
	require.NoError(t, again.open(testIntake(t, again), saved))
	defer again.close()
	assert.Equal(t, 1, again.dirs.listings)
	rotated := 0
	for _, tail := range again.tails {
		if strings.HasSuffix(tail.log.Name(), ".1") {
			rotated++
		}
	}
	assert.Equal(t, manyFiles/5*4, rotated, "what was not empty is found under its new name")
}

// A directory that goes on changing is read a bounded number of times a round, and all files are
// found in the end.
func TestManyRotatedFilesOfABusyDirectory(t *testing.T) {
	dir := t.TempDir()
	const files = 3 * maxListings
	for i := range files {
		path := filepath.Join(dir, fmt.Sprintf("%d.log", i))
		w := &logWriter{t: t, path: path, printk: printk{kmsgtest.Printk{Sequence: uint64(1000 * i)}}}
		w.append(w.syslog(1000 + i)...)
	}
	glob := filepath.Join(dir, "*")
	src := startFiles(t, fileConfig(false, glob), nil)
	saved := src.checkpoint()
	src.close()
	for i := range files {
		path := filepath.Join(dir, fmt.Sprintf("%d.log", i))
		require.NoError(t, os.Rename(path, path+".1"))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	again := newFileSource(fileConfig(false, glob)).(*fileSource)
	require.NoError(t, again.open(testIntake(t, again), saved))
	defer again.close()
	assert.LessOrEqual(t, again.dirs.listings, maxListings)
	assert.NotEmpty(t, again.saved, "some have to wait")
	for range 10 {
		again.scan()
		assert.LessOrEqual(t, again.dirs.listings, maxListings)
	}
	assert.Empty(t, again.saved)
	assert.Len(t, again.tails, files)
	for _, tail := range again.tails {
		assert.NotRegexp(t, `\.1$`, tail.path, "what belongs to a stream is no stream of its own")
	}
}

// A checkpoint of many files is large: those that wait in the queue are no larger than the records
// they wait with.
func TestCheckpointsOfManyFilesAreBounded(t *testing.T) {
	dir := t.TempDir()
	for i := range manyFiles {
		w := &logWriter{t: t, path: filepath.Join(dir, fmt.Sprintf("%d.log", i)), printk: printk{kmsgtest.Printk{Sequence: uint64(1000 * i)}}}
		w.append(w.syslog(1000 + i)...)
	}
	src := startFiles(t, fileConfig(true, filepath.Join(dir, "*")), nil)
	defer src.close()
	require.NoError(t, src.in.flush(t.Context()))
	records, checkpoints, size := 0, 0, 0
	for _, it := range src.in.queue.items {
		checkpoints += len(it.checkpoint)
		size += it.size
		if it.record != nil {
			records++
			assert.GreaterOrEqual(t, it.size, sizeOf(it.record)+len(it.checkpoint))
		}
	}
	assert.Equal(t, manyFiles, records)
	assert.Equal(t, size, src.in.queue.size)
	assert.Positive(t, checkpoints)
	assert.Less(t, checkpoints, (size-checkpoints)+2*len(src.checkpoint()), "checkpoints beside %d bytes of records", size-checkpoints)
}

// What starting with many files takes, and what looking at them takes while nothing happens.
func BenchmarkFiveThousandFiles(b *testing.B) {
	glob := filepath.Join(writeMany(b, 5000), "*")
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			startFiles(b, fileConfig(false, glob), nil).close()
		}
	})
	src := startFiles(b, fileConfig(false, glob), nil)
	defer src.close()
	b.Run("restart", func(b *testing.B) {
		saved := src.checkpoint()
		for b.Loop() {
			startFiles(b, fileConfig(false, glob), saved).close()
		}
	})
	b.Run("idle round", func(b *testing.B) {
		for b.Loop() {
			_, err := src.round(b.Context())
			require.NoError(b, err)
		}
	})
	b.Run("checkpoint", func(b *testing.B) {
		for b.Loop() {
			src.checkpoint()
		}
	})
}

// Names that come and go, of directories and of copies, leave no more than a bounded number of
// notes.
func TestNamesThatComeAndGoAreForgotten(t *testing.T) {
	dir := t.TempDir()
	w := &logWriter{t: t, path: filepath.Join(dir, "kern.log")}
	w.append(strings.Repeat(strings.Join(w.syslog(100), ""), 2))
	text, err := os.ReadFile(w.path)
	require.NoError(t, err)
	src := startFiles(t, fileConfig(false, filepath.Join(dir, "*")), nil)
	defer src.close()
	for round := range 6 {
		var names []string
		for i := range maxGone / 4 {
			name := filepath.Join(dir, fmt.Sprintf("x-%d-%d", round, i))
			names = append(names, name, name+".d")
			require.NoError(t, os.WriteFile(name, text, 0o600))
			require.NoError(t, os.Mkdir(name+".d", 0o700))
		}
		src.scan()
		assert.Len(t, src.tails, 1, "copies are known as such, directories left out")
		for _, name := range names {
			require.NoError(t, os.Remove(name))
		}
	}
	src.scan()
	assert.LessOrEqual(t, len(src.passed), maxGone+1)
	assert.LessOrEqual(t, len(src.told), maxGone+1)
}

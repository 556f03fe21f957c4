// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/oomtrail/oomtrail/parser/record"
)

// listings counts how often directories are read, by what the kernel tells of them.
type listings struct {
	events *os.File
	done   chan struct{}
	mu     sync.Mutex
	count  map[int32]int
	// read is set where a directory was read since it was last closed.
	read map[int32]bool
}

// watchListings begins to count.
func watchListings(t *testing.T, dirs ...string) *listings {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	require.NoError(t, err)
	l := &listings{
		events: os.NewFile(uintptr(fd), "inotify"), done: make(chan struct{}),
		count: map[int32]int{}, read: map[int32]bool{},
	}
	for _, dir := range dirs {
		_, err := unix.InotifyAddWatch(fd, dir, unix.IN_ACCESS|unix.IN_CLOSE|unix.IN_ONLYDIR)
		require.NoError(t, err)
	}
	go l.take()
	t.Cleanup(func() {
		_ = l.events.Close()
		<-l.done
	})
	return l
}

// take counts. One reading of a directory is several accesses, and equal events that follow each
// other are one: the close between two readings tells them apart.
func (l *listings) take() {
	defer close(l.done)
	buf := make([]byte, 64<<10)
	for {
		n, err := l.events.Read(buf)
		if err != nil {
			return // closed
		}
		l.mu.Lock()
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			watch, mask := int32(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint32(b[4:])
			name := binary.NativeEndian.Uint32(b[12:])
			b = b[unix.SizeofInotifyEvent+name:]
			switch {
			case name > 0: // something in the directory
			case mask&unix.IN_ACCESS != 0 && !l.read[watch]:
				l.read[watch] = true
				l.count[watch]++
			case mask&unix.IN_CLOSE != 0:
				l.read[watch] = false
			}
		}
		l.mu.Unlock()
	}
}

// most returns how often the directory was read that was read most.
func (l *listings) most() (most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.count {
		most = max(most, n)
	}
	return most
}

// TestNamesOfABurst: of a thousand kills in a thousand containers, of which half are still known,
// each has its own names, and no directory is read more than once a second.
func TestNamesOfABurst(t *testing.T) {
	const kills = 1000
	root := t.TempDir()
	pods, containers := filepath.Join(root, "var/log/pods"), filepath.Join(root, "var/log/containers")
	require.NoError(t, os.MkdirAll(pods, 0o755))
	require.NoError(t, os.MkdirAll(containers, 0o755))
	uid := func(i int) string { return fmt.Sprintf("0c1d2e3f-4a5b-6c7d-8e9f-%012x", i) }
	id := func(i int) string { return fmt.Sprintf("4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f90%012x", i) }
	for i := 0; i < kills; i += 2 {
		dir := fmt.Sprintf("shop_cart-%d_%s/app", i, uid(i))
		require.NoError(t, os.MkdirAll(filepath.Join(pods, dir), 0o755))
		require.NoError(t, os.Symlink("/var/log/pods/"+dir+"/0.log", filepath.Join(containers, fmt.Sprintf("cart-%d_shop_app-%s.log", i, id(i)))))
	}

	var k printk
	r := newRing(kills * len(reportLines))
	for i := range kills {
		path := fmt.Sprintf("/kubepods.slice/kubepods-pod%s.slice/cri-containerd-%s.scope", strings.ReplaceAll(uid(i), "-", "_"), id(i))
		for _, text := range k.report(1000 + i) {
			r.write(strings.ReplaceAll(text, "/system.slice/app.service", path))
		}
	}
	counted := watchListings(t, pods, containers)
	next := &sink{}
	began := time.Now()
	stop := run(t, quick(func(c *Config) { c.RootPath = root }), nil, next, ringSource(r, "boot-1"))
	require.Eventually(t, func() bool { return next.len() == kills }, time.Minute, time.Millisecond)
	seconds := int(time.Since(began) / time.Second)
	stop()

	for i, logs := range next.logs {
		rl := logs.ResourceLogs().At(0)
		resource, lr := rl.Resource().Attributes().AsRaw(), rl.ScopeLogs().At(0).LogRecords().At(0)
		require.Equal(t, uid(i), resource["k8s.pod.uid"])
		if i%2 == 0 {
			require.Equal(t, fmt.Sprintf("cart-%d", i), resource["k8s.pod.name"], "%v %v", resource, lr.Attributes().AsRaw())
			require.Equal(t, "app", resource["k8s.container.name"])
			require.Contains(t, lr.Body().Str(), fmt.Sprintf("app of pod shop/cart-%d", i))
		} else {
			require.NotContains(t, resource, "k8s.pod.name")
		}
		require.LessOrEqual(t, len(resource)+lr.Attributes().Len(), record.MaxAttrs)
	}
	t.Logf("%d kills, no directory was read more than %d times", kills, counted.most())
	assert.Positive(t, counted.most())
	assert.LessOrEqual(t, counted.most(), 1+seconds)
}

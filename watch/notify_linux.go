// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Notifier waits for what the kernel announces, and costs nothing meanwhile: pressure by triggers,
// events of cgroups and their coming and going by inotify. It is for one goroutine.
type Notifier struct {
	epoll, inotify, wake int

	triggers map[int32]string    // the cgroup of each file
	of       map[string][]int32  // the files of each cgroup
	watches  map[int32]*watching // by inotify's number
	numbers  map[watched]int32   // the same the other way round
	below    map[string]int      // how much of each is below a cgroup
	round    uint64              // counts the waits
	buf      [16 << 10]byte      // of inotify
	ready    [64]unix.EpollEvent // of epoll
}

// watched is what inotify watches: the events of a cgroup, or what is made in it.
type watched struct {
	path string
	tree bool
}

// watching is what inotify watches, and in which round it was last announced as changed.
type watching struct {
	watched
	round uint64
}

// mostNotices is about how many notices a wait returns at most.
const mostNotices = 4096

// NewNotifier returns one that watches nothing yet. Its error says which limit of the kernel is
// reached.
func NewNotifier() (*Notifier, error) {
	n := &Notifier{epoll: -1, inotify: -1, wake: -1, triggers: map[int32]string{}, of: map[string][]int32{}, watches: map[int32]*watching{}, numbers: map[watched]int32{}, below: map[string]int{}}
	var err error
	if n.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, unopened("epoll", err)
	}
	if n.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		n.Close()
		return nil, unopened("eventfd", err)
	}
	if n.inotify, err = unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK); err != nil {
		n.Close()
		return nil, limited("inotify", "fs.inotify.max_user_instances", err)
	}
	for _, fd := range []int{n.inotify, n.wake} {
		if err := unix.EpollCtl(n.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			n.Close()
			return nil, fmt.Errorf("epoll: %w", err)
		}
	}
	return n, nil
}

// unopened names the limit of files that a process may open, where that is reached.
func unopened(what string, err error) error {
	if errors.Is(err, unix.EMFILE) {
		return fmt.Errorf("%s: %w: raise the number of files that the process may open (ulimit -n)", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// limited names the setting that a limit of the kernel is raised by.
func limited(what, setting string, err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EMFILE) {
		return fmt.Errorf("%s: %w: raise %s by sysctl", what, err, setting)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// AddTrigger has a trigger announced; file is a [System.PressureFile] or that of the cgroup at
// path. Its error is [ErrNoPressure] where the kernel has none, and of [fs.ErrNotExist] where the
// cgroup has gone.
func (n *Notifier) AddTrigger(file, path string, t Trigger) error {
	fd, err := unix.Open(file, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENOENT) && path == "", errors.Is(err, unix.EOPNOTSUPP):
		return ErrNoPressure
	case err != nil:
		return &fs.PathError{Op: "open", Path: file, Err: err}
	}
	if !isOfKernel(fd) {
		_ = unix.Close(fd)
		return fmt.Errorf("%s: it is no file of a running kernel, so nothing is written to it: mount proc or the cgroups there", file)
	}
	if _, err = unix.Write(fd, append([]byte(t.text()), 0)); err == nil {
		err = unix.EpollCtl(n.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLPRI, Fd: int32(fd)})
	}
	if err != nil {
		_ = unix.Close(fd)
		switch {
		case errors.Is(err, unix.EOPNOTSUPP):
			return ErrNoPressure
		case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EPERM):
			return fmt.Errorf("%s: the kernel does not take the trigger %q: use a window of 500ms to 10s, and without CAP_SYS_RESOURCE a multiple of 2s: %w", file, t.text(), err)
		}
		return &fs.PathError{Op: "write", Path: file, Err: err}
	}
	n.triggers[int32(fd)] = path
	n.of[path] = append(n.of[path], int32(fd))
	n.count(path, 1)
	return nil
}

// isOfKernel reports whether a file is one of proc or of the cgroups of version 2. A root directory
// may be a copy of a machine's, or lead anywhere.
func isOfKernel(fd int) bool {
	var fs unix.Statfs_t
	return unix.Fstatfs(fd, &fs) == nil && (fs.Type == unix.PROC_SUPER_MAGIC || fs.Type == unix.CGROUP2_SUPER_MAGIC)
}

// AddEvents has changes of a cgroup's memory.events announced, once for many that come at once.
func (n *Notifier) AddEvents(h Hierarchy, path string) error {
	return n.addWatch(h.EventsFile(path), watched{path, false}, unix.IN_MODIFY)
}

// AddTree has cgroups announced that are made or removed directly below one, and that somebody has
// set this one's own limits. A cgroup of version 1 that is renamed is one that is removed, and
// another one that is made.
func (n *Notifier) AddTree(h Hierarchy, path string) error {
	const created, removed = unix.IN_CREATE | unix.IN_MOVED_TO, unix.IN_DELETE | unix.IN_MOVED_FROM
	return n.addWatch(h.dir(path), watched{path, true}, created|removed|unix.IN_MODIFY|unix.IN_ONLYDIR)
}

func (n *Notifier) addWatch(file string, w watched, mask uint32) error {
	number, err := unix.InotifyAddWatch(n.inotify, file, mask)
	if err != nil {
		return limited(file, "fs.inotify.max_user_watches", err)
	}
	if old, ok := n.numbers[w]; ok {
		if old == int32(number) {
			return nil
		}
		n.forget(old) // it was of a cgroup that had this path before
	}
	if _, ok := n.watches[int32(number)]; ok {
		n.forget(int32(number)) // the cgroup was renamed
	}
	n.watches[int32(number)], n.numbers[w] = &watching{watched: w}, int32(number)
	n.count(w.path, 1)
	return nil
}

// forget drops what is known of a file that inotify watches.
func (n *Notifier) forget(number int32) {
	w := n.watches[number].watched
	delete(n.watches, number)
	delete(n.numbers, w)
	n.count(w.path, -1)
}

// count adds to how much is watched below each cgroup above one.
func (n *Notifier) count(path string, more int) {
	for path != "/" && path != "" {
		path = above(path)
		if n.below[path] += more; n.below[path] == 0 {
			delete(n.below, path)
		}
	}
}

// above is the cgroup that one is directly below.
func above(path string) string { return path[:max(1, strings.LastIndexByte(path, '/'))] }

// RemoveTriggers ends the triggers of a cgroup.
func (n *Notifier) RemoveTriggers(path string) {
	for _, fd := range n.of[path] {
		delete(n.triggers, fd)
		_ = unix.Close(int(fd)) // that ends the trigger
		n.count(path, -1)
	}
	delete(n.of, path)
}

// Remove ends all that is watched of a cgroup, whether it is there or not.
func (n *Notifier) Remove(path string) {
	n.RemoveTriggers(path)
	for _, w := range [...]watched{{path, false}, {path, true}} {
		if number, ok := n.numbers[w]; ok {
			n.forget(number)
			_, _ = unix.InotifyRmWatch(n.inotify, uint32(number)) // it may have gone with the cgroup
		}
	}
}

// removeBelow is [Notifier.Remove] of a cgroup and of all below it that is watched.
func (n *Notifier) removeBelow(path string) {
	n.Remove(path)
	if n.below[path] == 0 {
		return
	}
	for w := range n.numbers {
		if strings.HasPrefix(w.path, path+"/") {
			n.Remove(w.path)
		}
	}
	for p := range n.of {
		if strings.HasPrefix(p, path+"/") {
			n.Remove(p)
		}
	}
}

// Watched is how many triggers and files the kernel watches.
func (n *Notifier) Watched() int { return len(n.triggers) + len(n.watches) }

// Wait waits until the kernel announces something, and adds it to notices: what changed once, and
// cgroups that are made and removed in their order. It waits for timeout at most, and below zero
// for ever. Where the context ends, its error is the context's.
func (n *Notifier) Wait(ctx context.Context, timeout time.Duration, notices []Notice) ([]Notice, error) {
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		_, _ = unix.Write(n.wake, binary.NativeEndian.AppendUint64(nil, 1))
	})
	defer func() {
		if !stop() {
			<-woken // it must not write when the file is closed and its number another's
		}
	}()
	start, until := len(notices), time.Now().Add(timeout)
	n.round++
	for {
		if err := ctx.Err(); err != nil {
			return notices, err
		}
		count, err := unix.EpollWait(n.epoll, n.ready[:], milliseconds(timeout))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return notices, fmt.Errorf("epoll: %w", err)
		}
		for i := range max(0, count) {
			event := &n.ready[i]
			switch fd := event.Fd; {
			case int(fd) == n.wake:
				_, _ = unix.Read(n.wake, n.buf[:8])
			case int(fd) == n.inotify:
				if notices, err = n.readInotify(notices, start); err != nil {
					return notices, err
				}
			default:
				path, ok := n.triggers[fd]
				switch {
				case !ok: // it was removed a moment ago
				case event.Events&unix.EPOLLERR != 0: // its cgroup has gone
					n.removeBelow(path)
					notices = append(notices, Notice{NoticeRemoved, path})
				default:
					notices = append(notices, Notice{NoticePressure, path})
				}
			}
		}
		if len(notices) > start {
			return notices, nil
		}
		if timeout >= 0 {
			if timeout = time.Until(until); timeout <= 0 {
				return notices, ctx.Err()
			}
		}
	}
}

// milliseconds is a time as epoll takes it: not shorter, and below zero for ever.
func milliseconds(d time.Duration) int {
	if d < 0 {
		return -1
	}
	return int(min((d+time.Millisecond-1)/time.Millisecond, math.MaxInt32))
}

// readInotify reads what inotify has, unless that is very much: events of a fixed head, and a name
// that NULs fill up.
func (n *Notifier) readInotify(notices []Notice, start int) ([]Notice, error) {
	for len(notices)-start < mostNotices {
		count, err := unix.Read(n.inotify, n.buf[:])
		switch {
		case errors.Is(err, unix.EAGAIN):
			return notices, nil
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return notices, fmt.Errorf("inotify: %w", err)
		}
		for b := n.buf[:max(0, count)]; len(b) >= unix.SizeofInotifyEvent; {
			number, mask, size := int32(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint32(b[4:]), binary.NativeEndian.Uint32(b[12:])
			end := min(len(b), unix.SizeofInotifyEvent+int(size))
			name, _, _ := bytes.Cut(b[unix.SizeofInotifyEvent:end], []byte{0})
			b = b[end:]
			notices = n.event(notices, number, mask, name)
		}
	}
	return notices, nil
}

// event adds what an event of inotify says.
func (n *Notifier) event(notices []Notice, number int32, mask uint32, name []byte) []Notice {
	w, ok := n.watches[number]
	switch {
	case mask&unix.IN_Q_OVERFLOW != 0:
		return append(notices, Notice{Kind: NoticeLost})
	case !ok: // it was removed a moment ago
	case mask&unix.IN_IGNORED != 0: // the kernel has ended it, as the file has gone
		n.forget(number)
	case mask&unix.IN_MODIFY != 0:
		kind := NoticeEvents
		if w.tree {
			kind = NoticeLimits
		}
		if w.round == n.round || w.tree && !isLimit(name) {
			return notices
		}
		w.round = n.round
		return append(notices, Notice{kind, w.path})
	case mask&unix.IN_ISDIR == 0: // not a cgroup
	case mask&(unix.IN_CREATE|unix.IN_MOVED_TO) != 0:
		return append(notices, Notice{NoticeCreated, path.Join(w.path, string(name))})
	case mask&(unix.IN_DELETE|unix.IN_MOVED_FROM) != 0:
		gone := path.Join(w.path, string(name))
		n.removeBelow(gone)
		return append(notices, Notice{NoticeRemoved, gone})
	}
	return notices
}

// isLimit reports whether a file of a cgroup is one of its limits.
func isLimit(name []byte) bool {
	switch string(name) {
	case "memory.max", "memory.high", "memory.swap.max", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.swappiness":
		return true
	}
	return false
}

// Close ends all of it.
func (n *Notifier) Close() {
	for fd := range n.triggers {
		_ = unix.Close(int(fd))
	}
	clear(n.triggers)
	for _, fd := range []*int{&n.epoll, &n.inotify, &n.wake} {
		if *fd >= 0 {
			_ = unix.Close(*fd)
			*fd = -1
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package warning

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/oomtrail/oomtrail/internal/plain"
	"github.com/oomtrail/oomtrail/watch"
)

// note says something once for each key.
func (r *run) note(key, text string) {
	if r.watcher.said[key] {
		return
	}
	r.watcher.said[key] = true
	r.watcher.options.Note(plain.Printable(text)) // a cgroup's name may hold any byte
}

// setting is how a note names a setting and its value.
func (r *run) setting(key string, value any) string {
	return fmt.Sprintf("%s: %v", r.watcher.options.Key(key), value)
}

// notePressure says why pressure is not watched.
func (r *run) notePressure(err error) {
	remedy := ""
	switch {
	case errors.Is(err, watch.ErrNoPressure):
		r.mute, r.unpressed = true, true
	case errors.Is(err, fs.ErrPermission):
		remedy = ": let this user read it"
		r.unpressed = true
	}
	r.note("pressure", fmt.Sprintf("%s is not watched for: %v%s", r.setting("pressure", r.watcher.options.Settings.Pressure), err, remedy))
}

// noteTrigger says why pressure is not announced.
func (r *run) noteTrigger(file string, err error) {
	remedy := ""
	switch {
	case errors.Is(err, syscall.EROFS):
		remedy = ": mount " + filepath.Dir(file) + " read-write"
	case errors.Is(err, fs.ErrPermission):
		remedy = ": let this user write to it"
	}
	how := fmt.Sprintf("is read every %v", polled)
	if file != r.system.PressureFile() {
		how = "of cgroups is read when they are looked at"
	}
	r.note("announced "+how, fmt.Sprintf("%s %s, as the kernel cannot announce it: %v%s", r.setting("pressure", r.watcher.options.Settings.Pressure), how, err, remedy))
}

// noteHeld says how many warnings were held back since it last did.
func (r *run) noteHeld() {
	if r.unsaid == 0 {
		return
	}
	r.watcher.options.Note(fmt.Sprintf("%s: %s held back, to be given later if still due: set a higher one, or choose cgroups by %s",
		r.setting("per_minute", r.watcher.options.Settings.PerMinute), plain.Count(int(r.unsaid), "warning"), r.watcher.options.Key("cgroups")))
	r.unsaid = 0
}

// noteTree says that not every cgroup is announced.
func (r *run) noteTree(path string, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case errors.Is(err, fs.ErrPermission):
		r.noteUnread(path, err)
		return
	}
	r.full = true
	r.note("inotify", fmt.Sprintf("fs.inotify.max_user_watches = %s: the kernel cannot announce more than %d cgroups, they are looked for every %v: %v", r.sysctl("max_user_watches"), len(r.known), unwatched, err))
}

// noteNotifier says that the kernel announces nothing.
func (r *run) noteNotifier(err error) {
	reached := ""
	if strings.Contains(err.Error(), "max_user_instances") {
		reached = fmt.Sprintf("fs.inotify.max_user_instances = %s: ", r.sysctl("max_user_instances"))
	}
	r.note("notifier", fmt.Sprintf("%snothing is announced, cgroups are looked for every %v and pressure is read every %v: %v", reached, unwatched, polled, err))
}

// sysctl reads a limit of inotify.
func (r *run) sysctl(name string) string {
	b, err := os.ReadFile(filepath.Join(r.system.Proc, "sys/fs/inotify", name))
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}

// noteUnread says that a cgroup cannot be read.
func (r *run) noteUnread(path string, err error) {
	if errors.Is(err, fs.ErrPermission) {
		r.note("denied", fmt.Sprintf("the cgroup %s and maybe others are not watched: %v: let this user read them", path, err))
		return
	}
	r.note("unread", fmt.Sprintf("the cgroup %s and maybe others cannot be read, that is tried again every %v: %v", path, unwatched, err))
}

// noteDeep says that a cgroup lies too deep.
func (r *run) noteDeep(path string) {
	r.note("deep", fmt.Sprintf("the cgroup %.200s… and what is below it are not watched: no file of theirs can be opened, as the path has %d bytes", path, len(path)))
}

// noteKnown and noteLooked say that there are more cgroups than are watched.
func (r *run) noteKnown() {
	r.note("known", fmt.Sprintf("there are more cgroups than the %d that are known: what is beyond that is not watched", len(r.known)))
}

func (r *run) noteLooked() {
	r.note("looked", fmt.Sprintf("more than %d cgroups have a limit: choose those to watch by %s, what is beyond that is not watched", maxLooked, r.watcher.options.Key("cgroups")))
}

// noteUnmatched says which patterns match no cgroup at the start, or none that has a limit.
func (r *run) noteUnmatched() {
	for _, pattern := range r.patterns {
		found, limited := 0, false
		for path, n := range r.known {
			if pattern.Match(path) {
				found++
				limited = limited || n.limited()
			}
		}
		said := fmt.Sprintf("%s: %q matches", r.watcher.options.Key("cgroups"), pattern)
		switch {
		case found == 0:
			r.note("cgroups "+pattern.String(), fmt.Sprintf("%s none of the %s below %s: take the paths that `oomtrail status` shows; one that is made later is watched", said, plain.Count(len(r.known), "cgroup"), r.hierarchy.Dir))
		case !limited:
			r.note("cgroups "+pattern.String(), fmt.Sprintf("%s %s without a limit of memory, of which nothing is warned: set one; it is seen when it is set", said, plain.Count(found, "cgroup")))
		}
	}
}

// noteProcesses says that the candidates, and the cgroups, may not be all of the machine's.
func (r *run) noteProcesses() {
	processes, cgroups := r.system.Narrowed()
	if cgroups {
		r.note("container", "the cgroups of this container alone are watched: mount the machine's root directory, and set it as the root path")
	}
	if _, err := os.Stat(filepath.Join(r.system.Proc, "1")); err != nil {
		r.note("processes", fmt.Sprintf("the processes of other users are not seen, so that candidates may be missing: mount %s with hidepid=0", r.system.Proc))
	} else if processes {
		r.note("processes", "the processes of this container alone are seen, so that candidates may be missing: give it the machine's root directory, or its PID namespace (hostPID: true, --pid=host)")
	}
}

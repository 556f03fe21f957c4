// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// leakPace is how long a leak takes for each MiB of its cgroup's [leakLimit]: that it ends is seen
// from far.
const (
	leakPace  = 300 * time.Millisecond
	leakLimit = 64 << 20
)

// newLeaks is newHogs with room for a leak.
func newLeaks(t *testing.T) *hogs {
	t.Helper()
	h := newHogs(t)
	for _, file := range []string{"memory.max", "memory.limit_in_bytes"} {
		if os.WriteFile(filepath.Join(h.cgroup, file), fmt.Append(nil, leakLimit), 0) == nil {
			return h
		}
	}
	t.Fatal("no limit can be set of ", h.cgroup)
	return nil
}

// path is the path of the cgroup in its hierarchy.
func (h *hogs) path() string {
	return "/" + regexp.MustCompile(`^/sys/fs/cgroup/(memory/|unified/)?`).ReplaceAllString(h.cgroup, "")
}

// leak has the kernel kill one that leaks, and returns when it is dead.
func (h *hogs) leak(t *testing.T) {
	t.Helper()
	cmd := kmsgtest.NewLeak(h.cgroup, 0, leakPace)
	cmd.Path = h.program
	if err := kmsgtest.RunHog(cmd); err != nil {
		t.Error(err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.killed = append(h.killed, cmd.Process.Pid)
}

// printedWarning is what a warning, and a kill after it, have of it in the form flat.
type printedWarning struct {
	Event    string   `json:"event.name"`
	UID      string   `json:"log.record.uid"`
	Name     string   `json:"process.title"`
	Cgroup   string   `json:"oom.cgroup.path"`
	ID       string   `json:"oom.warning.id"`
	Cause    string   `json:"oom.warning.cause"`
	Lead     *float64 `json:"oom.warning.lead"`
	TimeLeft *float64 `json:"oom.warning.time_left"`
	Usage    int64    `json:"oom.cgroup_memory.usage"`
	Limit    int64    `json:"oom.cgroup_memory.limit"`
	Top      string   `json:"oom.candidates.top"`
	line     string
}

// warned returns the warnings about this cgroup, and the kills in it, in what was printed.
func (h *hogs) warned(stdout string) (warnings, kills []printedWarning) {
	for line := range strings.Lines(stdout) {
		w := printedWarning{line: line}
		switch {
		case json.Unmarshal([]byte(line), &w) != nil:
		case w.Event == "oom.warning" && w.Cgroup == h.path():
			warnings = append(warnings, w)
		case w.Event == "oom.kill" && w.Name == h.name:
			kills = append(kills, w)
		}
	}
	return warnings, kills
}

// warningConfig is inputConfig with warnings of one cgroup.
func warningConfig(h *hogs) string {
	return strings.Replace(inputConfig, "format: flat,", "format: flat, warnings: on, warnings_cgroups: "+h.path()+",", 1)
}

// TestInputWarnings: a leak is warned of before the kernel kills, once, with what would be killed;
// the kill names the warning, and Fluent Bit's metrics count each as what it is. A filter in the
// same pipeline changes neither.
func TestInputWarnings(t *testing.T) {
	program := needFluentBit(t)
	h := newLeaks(t)
	text := strings.Replace(warningConfig(h), "  outputs:", "  filters:\n    - {name: oom_kill, match: '*', format: flat, mode: only}\n  outputs:", 1)
	fb, url := runInput(t, program, t.TempDir(), text)
	fb.started(t)
	h.leak(t)
	waitFor(t, "the kill", fb, func() bool { return h.all(fb.stdout.String()) })
	warnings, kills := h.warned(fb.stdout.String())
	if len(kills) != 1 || len(warnings) == 0 {
		t.Fatalf("%d warnings, %d kills:\n%s", len(warnings), len(kills), fb.stderr.String())
	}
	causes := make(map[string]bool)
	for _, w := range warnings {
		if causes[w.Cause] || w.ID != w.UID || w.Limit != leakLimit || w.Usage <= leakLimit/2 || w.Usage > leakLimit || !strings.Contains(w.Top, h.name) {
			t.Errorf("a warning is not as it should be: %s", w.line)
		}
		causes[w.Cause] = true
	}
	if !causes["cgroup_near_limit"] {
		t.Errorf("the causes are %v", causes)
	}
	kill := kills[0]
	if kill.ID != warnings[len(warnings)-1].ID || kill.Lead == nil || *kill.Lead <= 0 || *kill.Lead > 64*leakPace.Seconds() {
		t.Errorf("the kill names no warning, or another one: %s", kill.line)
	}
	t.Logf("Fluent Bit %s: %v, %v s before the kill", version(t, program), causes, *kill.Lead)
	waitFor(t, "the counters", fb, func() bool {
		page := get(url + "/api/v2/metrics/prometheus")
		printed := fb.stdout.String()
		return metric(page, "oomtrail_warnings_total", `cause="cgroup_near_limit"`) >= 1 &&
			metric(page, "oomtrail_warnings_total", `name="oom_kill.0"`) == float64(strings.Count(printed, `"event.name":"oom.warning"`)) &&
			metric(page, "oomtrail_kills_total", `name="oom_kill.0"`) == float64(strings.Count(printed, `"event.name":"oom.kill"`)) &&
			metric(page, "oomtrail_held_back_warnings_total", `name="oom_kill.0"`) == 0 &&
			metric(page, "oomtrail_dropped_warnings_total", `name="oom_kill.0"`) == 0
	})
	fb.stop(t)
}

// TestInputWarningsReload: a reload leaves no thread, no file and nothing that the kernel watches
// behind, and the warnings come after it as before.
func TestInputWarningsReload(t *testing.T) {
	program := needFluentBit(t)
	h := newLeaks(t)
	text := strings.Replace(warningConfig(h), "  outputs:", "    - {name: oom_kill, tag: other, format: flat, host_name: other, warnings: on}\n  outputs:", 1)
	text = strings.Replace(text, "format: flat, warnings", "format: flat, host_name: one, warnings", 1)
	fb, url := runInput(t, program, t.TempDir(), text)
	fb.started(t)
	var before, after held
	reloads := 4 * *reloads
	for n := 1; n <= reloads; n++ {
		fb.cmd.Process.Signal(syscall.SIGHUP)
		fb.reloaded(t, url, n)
		if n == reloads/4 { // by now it has what it keeps
			before = fb.holds(t, h.cgroup)
		}
	}
	time.Sleep(time.Second) // what ends has ended
	after = fb.holds(t, h.cgroup)
	t.Logf("Fluent Bit %s: after %d reloads %+v, after %d %+v", version(t, program), reloads/4, before, reloads, after)
	// Each of the two has a trigger, and may read what the pressure is.
	if after.instances != 2 || after.triggers > 4 || after.usages > 2 {
		t.Error("something of what watches is left")
	}
	if grown := after.threads - before.threads; grown > reloads/4 { // Go's runtime may have made some
		t.Errorf("%d threads more", grown)
	}
	h.leak(t)
	waitFor(t, "the kill", fb, func() bool { return len(h.in(fb.stdout.String())) >= 2 })
	fb.stop(t)
	warnings, kills := h.warned(fb.stdout.String())
	for _, host := range []string{"one", "other"} {
		has := func(w printedWarning) bool { return strings.Contains(w.line, `"host.name":"`+host+`"`) }
		if !slices.ContainsFunc(warnings, has) {
			t.Errorf("%s does not warn", host)
		}
		if i := slices.IndexFunc(kills, has); i < 0 || kills[i].ID == "" {
			t.Errorf("%s: the kill names no warning", host)
		}
	}
	if t.Failed() {
		t.Log(fb.stderr.String())
	}
}

// TestInputWarningsFull: what is warned of while Fluent Bit pauses the input comes after it, as the
// kill does.
func TestInputWarningsFull(t *testing.T) {
	program := needFluentBit(t)
	h := newLeaks(t)
	server := newSink(t)
	server.shut(true)
	text := strings.Replace(warningConfig(h), "cursor: DIR/cursor, storage.type: filesystem", "emit: all, cursor: DIR/cursor, storage.type: memory, mem_buf_limit: 40k", 1)
	text = strings.Replace(text, "{name: stdout, match: '*', format: json_lines}", fmt.Sprintf("{name: http, match: '*', format: json_lines, host: 127.0.0.1, port: %s, retry_limit: no_limits}", server.port), 1)
	text = strings.Replace(text, "service:\n", "service:\n  scheduler.base: 1\n  scheduler.cap: 2\n", 1)
	fb, url := runInput(t, program, t.TempDir(), text)
	fb.started(t)
	for range 3 { // their lines are more than it may hold
		h.kill(t)
	}
	waitFor(t, "the pause", fb, func() bool { return strings.Contains(fb.output(), "oom_kill.0 paused") })
	h.leak(t)
	if metric(get(url+"/api/v2/metrics/prometheus"), "oomtrail_warnings_total", `cause="cgroup_near_limit"`) > 0 {
		t.Error("it was taken while Fluent Bit paused")
	}
	server.shut(false)
	waitFor(t, "all kills", fb, func() bool { return h.all(server.String()) })
	fb.stop(t)
	warnings, kills := h.warned(server.String())
	if len(warnings) == 0 {
		t.Fatalf("no warning:\n%s", fb.stderr.String())
	}
	if kill := kills[len(kills)-1]; kill.ID != warnings[len(warnings)-1].ID {
		t.Errorf("the kill names another warning, or none: %s", kill.line)
	}
}

// held is what a process holds of the system: instances of inotify, files of pressure, and of the
// usage of one cgroup, and threads. Fluent Bit 3.2 leaves ten pipes at each reload, which are not
// counted here.
type held struct{ instances, triggers, usages, threads int }

// holds returns what Fluent Bit holds; usages are those of a cgroup.
func (p *process) holds(t *testing.T, cgroup string) (h held) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d", p.cmd.Process.Pid)
	threads, err := os.ReadDir(filepath.Join(proc, "task"))
	if err != nil {
		t.Fatal(err)
	}
	h.threads = len(threads)
	files, _ := filepath.Glob(filepath.Join(proc, "fd", "*"))
	for _, file := range files {
		switch target, _ := os.Readlink(file); {
		case target == "anon_inode:inotify":
			h.instances++
		case strings.HasPrefix(target, "/proc/pressure/"):
			h.triggers++
		case strings.HasPrefix(target, cgroup+"/"):
			h.usages++
		}
	}
	return h
}

// TestShippedWarnings: the shipped configurations send kills to one address and warnings to
// another.
func TestShippedWarnings(t *testing.T) {
	program := needFluentBit(t)
	for _, name := range []string{"warnings.conf", "warnings.yaml"} {
		t.Run(name, func(t *testing.T) {
			h := newLeaks(t)
			got := make(map[string]*text)
			for _, path := range []string{"/alerts", "/warnings"} {
				got[path] = &text{}
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				body, err := io.ReadAll(q.Body)
				if at := got[q.URL.Path]; err != nil || at == nil {
					w.WriteHeader(http.StatusBadRequest)
				} else {
					at.Write(append(body, '\n'))
				}
			}))
			t.Cleanup(server.Close)
			at, _ := url.Parse(server.URL)
			p := place{dir: t.TempDir(), port: at.Port()}
			fb := run(t, program, p.configure(t, name), "")
			fb.started(t)
			h.leak(t)
			waitFor(t, "the kill", fb, func() bool { return strings.Contains(got["/alerts"].String(), h.name) })
			fb.stop(t)
			alerts, warnings := got["/alerts"].String(), got["/warnings"].String()
			if strings.Contains(alerts, `"oom.warning"`) || strings.Contains(warnings, `"oom.kill"`) {
				t.Error("they are mixed")
			}
			if !strings.Contains(warnings, `"cgroup_path":"`+h.path()+`"`) || !regexp.MustCompile(`"process_title":"`+h.name+`".*"warning_id":"|"warning_id":".*"process_title":"`+h.name+`"`).MatchString(alerts) {
				t.Errorf("no warning of %s, or the kill does not name it:\n%s\n%s", h.path(), warnings, alerts)
			}
		})
	}
}

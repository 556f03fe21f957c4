// SPDX-License-Identifier: Apache-2.0

package fbhost_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/input"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// device is a file that an input reads as it reads the kernel's log: a pipe that keeps what is
// written at once together.
type device struct {
	path string
	file *os.File
}

func newDevice(t testing.TB) device {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kmsg")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0) // also for reading, so that it has no end
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	const size = 1 << 20 // a page for each record
	for command, arg := range map[uintptr]uintptr{syscall.F_SETPIPE_SZ: size, syscall.F_SETFL: syscall.O_DIRECT} {
		if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, file.Fd(), command, arg); errno == syscall.EPERM {
			t.Skip("NOT RUN: a user's pipes may not hold so much here (fs.pipe-user-pages-soft): ", errno)
		} else if errno != 0 {
			t.Fatal("a pipe that holds each write together: ", errno)
		}
	}
	return device{path, file}
}

// write writes the records of a capture, and one that closes what is open.
func (d device) write(t testing.TB, raw []byte) {
	t.Helper()
	for _, record := range kmsgtest.Records(raw) {
		if _, err := d.file.Write(record); err != nil {
			t.Fatal(err)
		}
	}
	end := theEnd(fbtest.ReadKmsg(raw))
	if _, err := fmt.Fprintf(d.file, "%d,%d,%d,-;%s\n", end.Priority, end.Sequence, end.Usec, end.Text); err != nil {
		t.Fatal(err)
	}
}

// anHourLater returns a capture as if it had been written an hour after the end of another.
func anHourLater(t testing.TB, raw, before []byte) (later []byte) {
	t.Helper()
	end := theEnd(fbtest.ReadKmsg(before))
	var from, hour int64
	for i, record := range kmsgtest.Records(raw) {
		var priority, sequence, usec int64
		if _, err := fmt.Sscanf(string(record), "%d,%d,%d,", &priority, &sequence, &usec); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			from, hour = sequence, end.Usec+3600e6-usec
		}
		head := bytes.SplitN(record, []byte(","), 4)
		later = fmt.Appendf(later, "%d,%d,%d,%s", priority, end.Sequence+1+sequence-from, usec+hour, head[3])
	}
	return later
}

// collect lets an input append until no event comes any more.
func collect(t testing.TB, h *fbhost.Host, id int, wait time.Duration) (events []byte) {
	t.Helper()
	for {
		appends, came := h.Event(id, 0, wait)
		if !came {
			return events
		}
		for _, a := range appends {
			events = append(events, a.Events...)
		}
	}
}

// await lets an input append until it did.
func await(t testing.TB, h *fbhost.Host, l *log, id, answer int) []fbhost.Append {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && h.Err() == nil; {
		if appends, _ := h.Event(id, answer, 100*time.Millisecond); len(appends) > 0 {
			return appends
		}
	}
	t.Fatalf("the input appends nothing:\n%s", l)
	return nil
}

func mustStartInput(t testing.TB, h *fbhost.Host, l *log, id int, settings ...fbhost.Setting) {
	t.Helper()
	if ret := h.StartInput(id, false, settings...); ret != 0 {
		t.Fatalf("init returned %d:\n%s", ret, l)
	}
}

const quiet = 300 * time.Millisecond // in which what has begun to come comes

// inputHosts are the versions of Fluent Bit whose inputs differ.
var inputHosts = map[string][]string{
	"2.2":              {"-DINPUT_WORDS=19", "-DSETTING_WORDS=12", "-DSETTINGS=upstream_net"},
	"3.2.2":            {"-DINPUT_WORDS=20", "-DSETTING_WORDS=12", "-DSETTINGS=upstream_net"},
	"3.2.10":           {"-DINPUT_WORDS=26", "-DSETTING_WORDS=12", "-DSETTINGS=upstream_net"},
	"5.0.3":            {"-DINPUT_WORDS=26", "-DSETTING_WORDS=13"},
	"5.1":              {"-DINPUT_WORDS=29", "-DSETTING_WORDS=13"},
	"5.1, few plugins": {"-DINPUT_WORDS=29", "-DSETTING_WORDS=13", "-DEMITTER=in_cpu_plugin", "-DSETTINGS=tls_configmap"},
}

// TestInput: the life of an input in each version of its host: events come when there are some, a
// batch that is refused comes again with the timer and not before, nothing comes while the host
// pauses it, and all of it afterwards.
func TestInput(t *testing.T) {
	raw := captures(t)["6.12/c_memcg_v2"]
	next := anHourLater(t, raw, raw)
	later := anHourLater(t, raw, next)
	last := anHourLater(t, raw, later)
	for version, definitions := range inputHosts {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			h, l := startHost(t, hostOf(t, definitions...))
			d := newDevice(t)
			settings := []fbhost.Setting{flat, {Key: "path", Value: d.path}, {Key: "log_level", Value: "4"}}
			mustStartInput(t, h, l, 0, settings...)
			if l.says("does not list the keys") {
				t.Errorf("the host lists its settings:\n%s", l)
			}
			if keys := h.InputKeys(); !slices.Equal(keys, input.Keys()) {
				t.Errorf("the host is given the settings %v, want %v", keys, input.Keys())
			}
			if ret := h.StartInput(1, false, fbhost.Setting{Key: "Fromat", Value: "flat"}); ret != fbhost.Refused {
				t.Errorf("an unknown key: init returned %d", ret)
			}

			d.write(t, raw)
			refused := await(t, h, l, 0, -1)
			if len(refused) != 1 || refused[0].Return != -1 {
				t.Fatalf("appends %v", refused)
			}
			d.write(t, next)
			if again := collect(t, h, 0, quiet); len(again) != 0 {
				t.Error("a batch that was refused comes again at once")
			}
			if again := h.Timer(0, -1); len(again) != 1 || !bytes.Equal(again[0].Events, refused[0].Events) {
				t.Fatalf("the timer appends %v, want what was refused", again)
			}
			h.Pause(0)
			h.Timer(0, 0) // an append ends the host
			h.Resume(0)
			again := await(t, h, l, 0, 0)
			if len(again) != 1 || !bytes.Equal(again[0].Events, refused[0].Events) {
				t.Fatalf("after a pause comes %v, want what was refused", again)
			}
			got, _, rest := sift(t, append(again[0].Events, collect(t, h, 0, quiet)...))
			same(t, "records", got, slices.Concat(verified(t, raw), verified(t, next)))
			if len(rest) > 0 {
				t.Errorf("other events: %q", rest)
			}
			h.Timer(0, 0)
			metrics := h.InputMetrics(0)
			for _, want := range []string{"oomtrail_refused_batches_total{name=oom_kill.0} 2\n", "oomtrail_lost_records_total{name=oom_kill.0} 0\n",
				"oomtrail_open_reports{name=oom_kill.0} 0\n", "oomtrail_held_back_warnings_total{name=oom_kill.0} 0\n", "oomtrail_dropped_warnings_total{name=oom_kill.0} 0\n",
				"oomtrail_kills_total{name=oom_kill.0,scope=cgroup,cause="} {
				if !strings.Contains(metrics, want) {
					t.Errorf("the metrics have no %q:\n%s", want, metrics)
				}
			}

			d.write(t, later)
			first := await(t, h, l, 0, fbhost.Pauses)[0].Events
			d.write(t, last)
			collect(t, h, 0, quiet)
			h.Timer(0, 0)
			h.Resume(0)
			got, _, _ = sift(t, slices.Concat(first, await(t, h, l, 0, 0)[0].Events, collect(t, h, 0, quiet)))
			same(t, "what was written around the pause", got, slices.Concat(verified(t, later), verified(t, last)))

			h.Pause(0) // as Fluent Bit does before an exit
			if ret := h.ExitInput(0); ret != 0 {
				t.Errorf("exit returned %d", ret)
			}
			mustStartInput(t, h, l, 0, settings...)
			h.ExitInput(0)
		})
	}
}

// TestUnknownInputLayout: a host whose struct of an input has another size, or that has no input by
// which it could be known, is refused with what is known.
func TestUnknownInputLayout(t *testing.T) {
	for definition, want := range map[string]string{
		"-DINPUT_WORDS=31":     "struct flb_input_plugin has 248 bytes, a layout that is not known; known are 152, 160, 208, 232 (Fluent Bit 2.1 to 5.1): use one of these",
		"-DEMITTER=in_nothing": "no input plugin of its own whose size can be seen",
	} {
		h, l := startHost(t, hostOf(t, definition))
		if ret := h.StartInput(0, false); ret != -1 || !l.says("[error] [input:oom_kill:oom_kill.0] this Fluent Bit") || !l.says(want) {
			t.Errorf("%s: init returned %d, want -1 and %q:\n%s", definition, ret, want, l)
		}
	}
}

// TestUnknownInputSettings: where the host's settings cannot be measured, it is not given those of
// the input, and that is said.
func TestUnknownInputSettings(t *testing.T) {
	for _, definition := range []string{"-DSETTING_WORDS=14", "-DSETTINGS=nothing"} {
		h, l := startHost(t, hostOf(t, definition))
		mustStartInput(t, h, l, 0, fbhost.Setting{Key: "Path", Value: newDevice(t).path}, fbhost.Setting{Key: "Fromat", Value: "flat"})
		if keys := h.InputKeys(); len(keys) != 0 || !l.saysOnce("[ warn] [input:oom_kill:oom_kill.0] this Fluent Bit does not list the keys") {
			t.Errorf("%s: the host was given %v:\n%s", definition, keys, l)
		}
		h.ExitInput(0)
	}
}

// TestBadInput: what is wrong is refused with key, value and remedy, and the host goes on.
func TestBadInput(t *testing.T) {
	h, l := start(t)
	if ret := h.StartInput(0, true); ret != -1 || !l.says(`[error] [input:oom_kill:oom_kill.0] Threaded "on" is not possible`) {
		t.Errorf("threaded: init returned %d:\n%s", ret, l)
	}
	if ret := h.StartInput(0, false, fbhost.Setting{Key: "format", Value: "xml"}); ret != -1 || !l.says(`[error] [input:oom_kill:oom_kill.0] Format "xml" is not known: use oom, flat or ecs`) {
		t.Errorf("a wrong value: init returned %d:\n%s", ret, l)
	}
	path := fbhost.Setting{Key: "Path", Value: newDevice(t).path}
	mustStartInput(t, h, l, 0, path)
	h.ExitInput(0)
	mustStartInput(t, h, l, 0, path, fbhost.Setting{Key: "Format", Value: "yaml"})
	if !l.says(`Format "yaml" is not known`) || !l.says("the reload cannot be refused any more: this input goes on with its settings from before") {
		t.Errorf("a reload with a wrong value:\n%s", l)
	}
	h.ExitInput(0)
}

// TestForkedInput: a process that was forked after loading does not enter the plugin.
func TestForkedInput(t *testing.T) {
	h, l := start(t, "fork")
	if ret := h.StartInput(0, false); ret != -1 || !l.says("[error] [input:oom_kill:oom_kill.0] daemon mode is not possible") {
		t.Errorf("init returned %d:\n%s", ret, l)
	}
}

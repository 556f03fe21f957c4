// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/internal/machine"
)

// crashes is how often TestInputCrashes kills Fluent Bit.
var crashes = flag.Int("crashes", 10, "how often Fluent Bit is killed in the trial of the input")

// reloads is how often TestInputReload reloads Fluent Bit, in each way.
var reloads = flag.Int("reloads", 5, "how often Fluent Bit is reloaded in the trial of the input")

// inputConfig is a configuration of the input that survives a crash. PORT is that of Fluent Bit's
// HTTP server.
const inputConfig = `
service:
  flush: 0.2
  grace: 1
  hot_reload: on
  http_server: on
  http_listen: 127.0.0.1
  http_port: PORT
  plugins_file: PLUGINS
  storage.path: DIR/storage
pipeline:
  inputs:
    - {name: oom_kill, tag: kernel, format: flat, cursor: DIR/cursor, storage.type: filesystem}
  outputs:
    - {name: stdout, match: '*', format: json_lines}
`

// runInput runs a configuration of the input in a directory, and returns the address of Fluent
// Bit's HTTP server.
func runInput(t *testing.T, program, dir, text string) (fb *process, url string) {
	t.Helper()
	port := backends.FreePort(t)
	return run(t, program, writeConfig(t, dir, strings.ReplaceAll(text, "PORT", port)), ""), "http://127.0.0.1:" + port
}

// runBehindRing is runInput where the cursor is already behind the kills that the ring holds: a run
// before has brought it there. It returns when the instance reads.
func runBehindRing(t *testing.T, program, dir, text string, h *hogs) (fb *process, url string) {
	t.Helper()
	fb, _ = runInput(t, program, dir, text)
	fb.started(t)
	h.kill(t)
	waitFor(t, "the first kill", fb, func() bool { return h.all(fb.stdout.String()) })
	fb.stop(t)

	fb, url = runInput(t, program, dir, text)
	fb.started(t)
	return fb, url
}

// inputStarts is what the instance oom_kill.0 says when it begins to read.
const inputStarts = "[input:oom_kill:oom_kill.0] version"

// started waits until the instance oom_kill.0 reads.
func (p *process) started(t *testing.T) {
	t.Helper()
	waitFor(t, "the input's start", p, func() bool { return strings.Contains(p.stderr.String(), inputStarts) })
}

// reloaded waits until it has been reloaded n times, and takes another reload.
func (p *process) reloaded(t *testing.T, url string, n int) {
	t.Helper()
	waitFor(t, "the reload", p, func() bool {
		var status struct {
			Count int `json:"hot_reload_count"`
		}
		return json.Unmarshal([]byte(get(url+"/api/v2/reload")), &status) == nil && status.Count == n
	})
	time.Sleep(300 * time.Millisecond) // it takes no other reload at once
}

// client does not wait for a server that a reload has ended.
var client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// get returns what Fluent Bit's HTTP server answers, "" where it does not.
func get(url string) string {
	response, err := client.Get(url)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return string(body)
}

// metric returns the sum of a metric's series whose labels match, -1 where there is none.
func metric(text, name, labels string) float64 {
	series := regexp.MustCompile(`(?m)^` + name + `\{[^}\n]*` + labels + `[^}\n]*\} ([0-9.e+]+)`)
	found := series.FindAllStringSubmatch(text, -1)
	if found == nil {
		return -1
	}
	sum := 0.0
	for _, m := range found {
		value, _ := strconv.ParseFloat(m[1], 64)
		sum += value
	}
	return sum
}

// TestInputCrashes kills Fluent Bit at random moments while the kernel of this machine kills
// processes: each kill is delivered, and its copies are equal.
func TestInputCrashes(t *testing.T) {
	program := needFluentBit(t)
	h := newHogs(t)
	dir := t.TempDir()
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ended:
				return
			case <-time.After(time.Duration(rand.IntN(900)) * time.Millisecond):
				h.kill(t)
			}
		}
	}()
	var stdout strings.Builder
	for range *crashes {
		fb, _ := runInput(t, program, dir, inputConfig)
		if rand.IntN(2) == 0 {
			time.Sleep(time.Duration(rand.IntN(1200)) * time.Millisecond)
		} else { // while a kill is on its way
			fb.started(t)
			h.kill(t)
			time.Sleep(time.Duration(rand.IntN(20000)) * time.Microsecond)
		}
		fb.cmd.Process.Kill()
		<-fb.done
		stdout.WriteString(fb.stdout.String() + "\n")
	}
	close(ended)
	<-done
	fb, _ := runInput(t, program, dir, inputConfig)
	waitFor(t, "all kills", fb, func() bool { return h.all(stdout.String() + fb.stdout.String()) })
	time.Sleep(2 * time.Second) // whatever comes too often comes now
	fb.stop(t)
	stdout.WriteString(fb.stdout.String())
	kills, repeats := h.check(t, stdout.String())
	t.Logf("Fluent Bit %s: %d crashes, %d kills, %d copies", version(t, program), *crashes, kills, repeats)
	if strings.Contains(fb.output(), "error") {
		t.Error(fb.output())
	}
}

// TestInputReload reloads Fluent Bit by SIGHUP and by HTTP, and restarts it, between real kills and
// during them: each kill is delivered, and delivered once. A reload needs no cursor for it.
func TestInputReload(t *testing.T) {
	program := needFluentBit(t)
	for _, way := range []string{"SIGHUP", "HTTP", "SIGHUP without a cursor", "restart"} {
		t.Run(way, func(t *testing.T) {
			h := newHogs(t)
			dir, text := t.TempDir(), inputConfig
			if way == "SIGHUP without a cursor" {
				text = strings.Replace(text, "cursor: DIR/cursor, ", "", 1)
			}
			fb, url := runInput(t, program, dir, text)
			fb.started(t)
			before, starts := "", 0
			for n := 1; n <= *reloads; n++ {
				killed := make(chan struct{})
				go func() {
					defer close(killed)
					h.kill(t)
				}()
				time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
				switch way {
				case "HTTP":
					response, err := client.Post(url+"/api/v2/reload", "application/json", strings.NewReader("{}"))
					if err != nil {
						t.Fatal(err)
					}
					response.Body.Close()
				case "restart":
					fb.stop(t)
					before += fb.stdout.String() + "\n"
					starts += strings.Count(fb.stderr.String(), inputStarts)
					fb, url = runInput(t, program, dir, text)
					fb.started(t)
				default:
					fb.cmd.Process.Signal(syscall.SIGHUP)
				}
				<-killed
				if way != "restart" {
					fb.reloaded(t, url, n)
				}
			}
			waitFor(t, "all kills", fb, func() bool { return h.all(before + fb.stdout.String()) })
			time.Sleep(2 * time.Second) // whatever comes too often comes now
			fb.stop(t)
			kills, repeats := h.check(t, before+fb.stdout.String())
			t.Logf("Fluent Bit %s: %d reloads, %d kills, %d copies", version(t, program), *reloads, kills, repeats)
			if repeats > 0 {
				t.Error(fb.output())
			}
			if starts += strings.Count(fb.stderr.String(), inputStarts); starts != 1+*reloads {
				t.Errorf("it started %d times, want %d:\n%s", starts, 1+*reloads, fb.output())
			}
		})
	}
}

// TestInputTwice runs two instances with cursors of their own: each gives each kill once, also
// after a restart.
func TestInputTwice(t *testing.T) {
	program := needFluentBit(t)
	h := newHogs(t)
	dir := t.TempDir()
	text := strings.Replace(inputConfig, "pipeline:\n  inputs:", "pipeline:\n  inputs:\n    - {name: oom_kill, tag: other, format: flat, host_name: other, cursor: DIR/cursor.other}", 1)
	text = strings.Replace(text, "format: flat, cursor", "format: flat, host_name: one, cursor", 1)
	both := map[string]*strings.Builder{"one": {}, "other": {}}
	for range 2 {
		fb, _ := runInput(t, program, dir, text)
		fb.started(t)
		for range 3 {
			h.kill(t)
		}
		want := 2 * 3
		waitFor(t, "all kills", fb, func() bool { return len(h.in(fb.stdout.String())) >= want })
		time.Sleep(2 * time.Second) // whatever comes too often comes now
		fb.stop(t)
		for _, k := range h.in(fb.stdout.String()) {
			host := regexp.MustCompile(`"host.name":"(one|other)"`).FindStringSubmatch(k.line)
			if host == nil {
				t.Fatalf("no host: %s", k.line)
			}
			both[host[1]].WriteString(k.line)
		}
	}
	for host, stdout := range both {
		kills, repeats := h.check(t, stdout.String())
		t.Logf("Fluent Bit %s, %s: %d kills, %d copies", version(t, program), host, kills, repeats)
		if repeats > 0 {
			t.Errorf("%s: %s", host, stdout)
		}
	}
}

// TestInputMetrics: Fluent Bit's own metrics count the kills that input and output have delivered.
func TestInputMetrics(t *testing.T) {
	program := needFluentBit(t)
	h := newHogs(t)
	dir := t.TempDir()
	text := strings.Replace(inputConfig, "{name: stdout, match: '*', format: json_lines}", "{name: oom_kill, match: '*', target: stdout, format: flat}", 1)
	fb, url := runBehindRing(t, program, dir, text, h)
	const kills = 3
	for range kills {
		h.kill(t)
	}
	page := ""
	defer func() {
		t.Log(strings.Join(regexp.MustCompile(`(?m)^.*oomtrail.*$`).FindAllString(page, -1), "\n"))
	}()
	waitFor(t, "the counters", fb, func() bool {
		// Others may kill on this machine, too: all that was printed counts.
		printed := float64(strings.Count(fb.stdout.String(), `"event.name":"oom.kill"`))
		page = get(url + "/api/v2/metrics/prometheus")
		return printed >= kills && metric(page, "oomtrail_kills_total", `name="oom_kill.0"`) == printed &&
			metric(page, "oomtrail_output_kills_total", `name="oom_kill.0"`) == printed &&
			metric(page, "oomtrail_kills_total", `scope="cgroup",cause="process_hog"`) >= kills
	})
	waitFor(t, "the end of the reports", fb, func() bool { // by the timer, since no further line comes
		page = get(url + "/api/v2/metrics/prometheus")
		return metric(page, "oomtrail_open_reports", `name="oom_kill.0"`) == 0
	})
	for name, want := range map[string]float64{
		"oomtrail_lost_records_total":        0,
		"oomtrail_refused_batches_total":     0,
		"oomtrail_output_lost_records_total": 0,
	} {
		if got := metric(page, name, `name="oom_kill.0"`); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if got := metric(page, "oomtrail_output_delivered_records_total", `name="oom_kill.0"`); got < kills {
		t.Errorf("%v records are delivered", got)
	}
	fb.stop(t)
}

// TestInputEmitAll: the kernel's lines pass in in_kmsg's shape with facility and boot id, and a
// filter behind makes no second record of the same kill.
func TestInputEmitAll(t *testing.T) {
	program := needFluentBit(t)
	for _, test := range []struct{ name, mode, filter string }{
		{"filter", "append", "  filters:\n    - {name: oom_kill, match: '*', format: flat, mode: append, trust: kernel}\n  outputs:"},
		{"filter with the mode only", "only", "  filters:\n    - {name: oom_kill, match: '*', format: flat, mode: only, trust: kernel}\n  outputs:"},
		{"processor", "append", "      processors: {logs: [{name: oom_kill, format: flat, mode: append, trust: kernel}]}\n  outputs:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHogs(t)
			text := strings.Replace(inputConfig, "format: flat", "format: flat, emit: all", 1)
			text = regexp.MustCompile(`- \{(name: oom_kill.*)\}`).ReplaceAllStringFunc(text, func(input string) string {
				return "- " + strings.ReplaceAll(strings.Trim(input, "- {}"), ", ", "\n      ") // in the block style, so that more can follow
			})
			text = strings.Replace(text, "  outputs:", test.filter, 1)
			fb, _ := runInput(t, program, t.TempDir(), text)
			fb.started(t)
			for range 3 {
				h.kill(t)
			}
			waitFor(t, "all kills", fb, func() bool { return h.all(fb.stdout.String()) })
			time.Sleep(2 * time.Second) // whatever comes too often comes now
			fb.stop(t)
			if _, repeats := h.check(t, fb.stdout.String()); repeats > 0 {
				t.Errorf("%d kills have two records:\n%s", repeats, fb.output())
			}
			lines := 0
			for line := range strings.Lines(fb.stdout.String()) {
				var l struct {
					Priority, Facility, Sequence, Sec, Usec *int64
					Boot                                    string `json:"boot_id"`
					Msg                                     *string
				}
				if json.Unmarshal([]byte(line), &l) != nil || l.Msg == nil {
					continue
				}
				lines++
				if l.Priority == nil || l.Facility == nil || l.Sequence == nil || l.Sec == nil || l.Usec == nil || l.Boot == "" {
					t.Fatalf("a line lacks a field: %s", line)
				}
			}
			if (lines > 0) != (test.mode == "append") {
				t.Errorf("%d lines of the kernel passed", lines)
			}
			if !regexp.MustCompile(`\[filter:oom_kill:.* passed_records=[1-9]`).MatchString(fb.stderr.String()) {
				t.Errorf("no record has passed the filter:\n%s", fb.stderr.String())
			}
		})
	}
}

// TestInputWrong: what cannot work is said at the start in one line with the key, its value and
// what to do; what can go on without loss says so and goes on.
func TestInputWrong(t *testing.T) {
	program := needFluentBit(t)
	for _, test := range []struct {
		name     string
		settings string                     // in place of the cursor's
		files    map[string]string          // in DIR, before the start
		spoil    func(cursor string) string // of the cursor of a run before; the input goes on
		says     []string                   // all of them, in one line
		ends     string                     // the oldest version that ends then, where not all do
	}{
		{name: "no such device", settings: "path: DIR/none", says: []string{"Path", "DIR/none", "visible"}},
		{name: "a regular file", settings: "path: DIR/file", files: map[string]string{"file": "6,1,1,-;text\n"}, says: []string{"Path", "DIR/file", "regular file"}},
		{name: "a directory", settings: "path: DIR", says: []string{"Path", "DIR", "directory", "/dev/kmsg"}},
		{name: "an unknown value", settings: "emit: some", says: []string{"Emit", "some", "use oom or all"}},
		{name: "a limit that cannot be", settings: "warnings: on, warnings_near_limit: 2", says: []string{"Warnings_Near_Limit", "2", "use 0.5 to 1"}},
		{name: "an unknown key", settings: "cursr: DIR/cursor", says: []string{"cursr"}},
		{name: "threaded", settings: "threaded: on", says: []string{"Threaded", `"on"`, "leave the key out"}, ends: "4.1"},
		{name: "a cursor in no directory", settings: "cursor: DIR/none/cursor", says: []string{"Cursor", "DIR/none/cursor", "directory"}},
		{name: "a cursor that is a directory", settings: "cursor: DIR", says: []string{"Cursor", "DIR", "directory"}},
		{name: "a cursor that cannot be written", settings: "cursor: /sys/cursor", says: []string{"Cursor", "/sys/cursor", "name a file in a directory that can be written to"}},
		{name: "a cursor of two", settings: "cursor: DIR/cursor}\n    - {name: oom_kill, alias: other, cursor: DIR/cursor", says: []string{"input:oom_kill:other", "Cursor", "DIR/cursor", "oom_kill.0", "another file"}},
		{name: "no cursor", settings: "cursor: DIR/file", files: map[string]string{"file": "text\n"}, says: []string{"Cursor", "DIR/file", "another file"}},
		{name: "a cursor of another boot", settings: "cursor: DIR/cursor", spoil: anotherBoot, says: []string{"Cursor", "DIR/cursor", "another boot"}},
		{name: "a torn cursor", settings: "cursor: DIR/cursor", spoil: tear, says: []string{"Cursor", "DIR/cursor", "torn"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range test.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var h *hogs
			if test.spoil != nil {
				h = newHogs(t)
				spoilCursor(t, program, dir, test.spoil)
				h.kill(t)
			}
			fb, _ := runInput(t, program, dir, strings.Replace(inputConfig, "cursor: DIR/cursor", test.settings, 1))
			says := func() bool {
				for line := range strings.Lines(fb.stderr.String()) {
					all := true
					for _, part := range test.says {
						all = all && strings.Contains(line, strings.ReplaceAll(part, "DIR", dir))
					}
					if all {
						t.Log(line)
						return true
					}
				}
				return false
			}
			if test.spoil != nil {
				waitFor(t, strings.Join(test.says, " "), fb, says)
				waitFor(t, "the kill", fb, func() bool { return h.all(fb.stdout.String()) })
				fb.stop(t)
				h.check(t, fb.stdout.String())
				return
			}
			if version(t, program) < test.ends {
				waitFor(t, strings.Join(test.says, " "), fb, says)
				return
			}
			select {
			case err := <-fb.done:
				if err == nil {
					t.Error("Fluent Bit ended without an error")
				}
			case <-time.After(10 * time.Second):
				t.Error("Fluent Bit goes on")
			}
			if !says() {
				t.Errorf("it does not say %q", test.says)
			}
			own := regexp.MustCompile(`\[error\] \[input:oom_kill:[a-z_.0]+\] |unknown configuration property`)
			if n := len(own.FindAllString(strings.ReplaceAll(fb.stderr.String(), "] could not initialize threaded", ""), -1)); n != 1 {
				t.Errorf("it says it in %d lines", n)
			}
			if t.Failed() {
				t.Log(fb.output())
			}
		})
	}
}

// TestInputWrongAtReload: Fluent Bit asks no input for its values before a reload stops the old
// one, so that the new one goes on with the old settings, and nothing is lost.
func TestInputWrongAtReload(t *testing.T) {
	program := needFluentBit(t)
	h := newHogs(t)
	fb, url := runInput(t, program, t.TempDir(), inputConfig)
	fb.started(t)
	h.kill(t)
	waitFor(t, "a kill before", fb, func() bool { return h.all(fb.stdout.String()) })
	config := fb.cmd.Args[len(fb.cmd.Args)-1]
	right := readFile(config)
	for n, text := range []string{strings.Replace(right, "format: flat", "format: flat, emit: some", 1), right} {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		fb.cmd.Process.Signal(syscall.SIGHUP)
		fb.reloaded(t, url, n+1)
		h.kill(t)
		waitFor(t, "a kill after", fb, func() bool { return h.all(fb.stdout.String()) })
	}
	time.Sleep(2 * time.Second) // whatever comes too often comes now
	fb.stop(t)
	if _, repeats := h.check(t, fb.stdout.String()); repeats > 0 {
		t.Errorf("%d copies", repeats)
	}
	for _, says := range []string{`[input:oom_kill:oom_kill.0] Emit "some" is not known: use oom or all`, "this input goes on with its settings from before"} {
		if strings.Count(fb.stderr.String(), says) != 1 {
			t.Errorf("it does not say once %s", says)
		}
	}
	if t.Failed() {
		t.Log(fb.stderr.String())
	}
}

// spoilCursor has Fluent Bit write a cursor in a directory, and changes it.
func spoilCursor(t *testing.T, program, dir string, spoil func(string) string) {
	t.Helper()
	file := filepath.Join(dir, "cursor")
	fb, _ := runInput(t, program, dir, inputConfig)
	waitFor(t, "a cursor", fb, func() bool { return readFile(file) != "" })
	fb.stop(t)
	text := readFile(file)
	spoiled := spoil(text)
	if spoiled == text {
		t.Fatalf("the cursor is as before: %q", text)
	}
	if err := os.WriteFile(file, []byte(spoiled), 0o600); err != nil {
		t.Fatal(err)
	}
}

// anotherBoot makes a cursor one of another boot.
func anotherBoot(cursor string) string {
	return strings.ReplaceAll(cursor, machine.BootID(), "0123456789ab4def8123456789abcdef")
}

// tear leaves the first half of a cursor.
func tear(cursor string) string { return cursor[:len(cursor)/2] }

// readFile returns a file's content, "" where there is none.
func readFile(path string) string {
	b, _ := os.ReadFile(path)
	return string(b)
}

// TestInputFull: while the output's server is down and Mem_Buf_Limit is reached the input pauses,
// the kernel's ring keeps the lines, and after it nothing is lost.
func TestInputFull(t *testing.T) {
	program := needFluentBit(t)
	h := newHogs(t)
	server := newSink(t)
	server.shut(true)
	text := strings.Replace(inputConfig, "cursor: DIR/cursor, storage.type: filesystem", "emit: all, cursor: DIR/cursor, storage.type: memory, mem_buf_limit: 40k", 1)
	text = strings.Replace(text, "{name: stdout, match: '*', format: json_lines}", fmt.Sprintf("{name: http, match: '*', format: json_lines, host: 127.0.0.1, port: %s, retry_limit: no_limits}", server.port), 1)
	text = strings.Replace(text, "service:\n", "service:\n  scheduler.base: 1\n  scheduler.cap: 2\n", 1)
	fb, _ := runInput(t, program, t.TempDir(), text)
	fb.started(t)
	for range 3 {
		h.kill(t)
	}
	waitFor(t, "the pause", fb, func() bool { return regexp.MustCompile(`oom_kill.0 paused`).MatchString(fb.output()) })
	for range 3 {
		h.kill(t)
	}
	time.Sleep(time.Second)
	server.shut(false)
	waitFor(t, "all kills", fb, func() bool { return h.all(server.String()) })
	time.Sleep(2 * time.Second) // whatever comes too often comes now
	fb.stop(t)
	kills, repeats := h.check(t, server.String())
	t.Logf("Fluent Bit %s: %d kills, %d copies", version(t, program), kills, repeats)
	if repeats > 0 {
		t.Errorf("copies:\n%s", server.String())
	}
	if !strings.Contains(fb.output(), "resume") {
		t.Errorf("it was not resumed:\n%s", fb.output())
	}
}

// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// runText runs a configuration of the test's own: PLUGINS and LOG stand for the plugins file and
// the log to read.
func runText(t *testing.T, program, text string) (fb *process, uids []string) {
	t.Helper()
	all, uids := records(t)
	dir := t.TempDir()
	text = strings.ReplaceAll(text, "LOG", writeKernLog(t, dir, all))
	return run(t, program, writeConfig(t, dir, text), ""), uids
}

// writeConfig writes a configuration of the test's own, and returns its path: PLUGINS stands for
// the plugins file, DIR for the directory.
func writeConfig(t *testing.T, dir, text string) (config string) {
	t.Helper()
	plugins, err := pluginDir()
	if err != nil {
		t.Fatal(err)
	}
	pluginsFile := filepath.Join(dir, "plugins.conf")
	config = filepath.Join(dir, "fluent-bit.yaml")
	for file, content := range map[string]string{
		pluginsFile: fmt.Sprintf("[PLUGINS]\n    Path %[1]s/flb-filter_oom_kill.so\n    Path %[1]s/out_oom_kill.so\n    Path %[1]s/flb-in_oom_kill.so\n", plugins),
		config:      strings.NewReplacer("PLUGINS", pluginsFile, "DIR", dir).Replace(text),
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config
}

// waitFor waits until Fluent Bit has printed records with these ids, in any order.
func (p *process) waitFor(t *testing.T, uids []string) {
	t.Helper()
	want := slices.Sorted(slices.Values(uids))
	for range 150 {
		if slices.Equal(slices.Sorted(slices.Values(printed(p.output()))), want) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("printed %v\nwant    %v\n%s", printed(p.output()), want, p.output())
}

// TestReload: after a hot reload in the same process filter and output work on, with their new
// settings, ten times. With Workers an output in Go ends Fluent Bit 5.1.1 at the second or third
// reload, unless it takes them back.
func TestReload(t *testing.T) {
	program := needFluentBit(t)
	const reloads = 10
	for _, test := range []struct{ name, pipeline, start string }{
		{"filter", `
  filters:
    - {name: oom_kill, match: kern.log, format: flat, mode: only}
    - {name: oom_kill, match: other, format: ecs}
  outputs:
    - {name: stdout, match: kern.log, format: json_lines}
`, "[filter:oom_kill:oom_kill.0] version"},
		{"output with workers", `
  outputs:
    - {name: oom_kill, match: kern.log, target: stdout, workers: 1}
    - {name: oom_kill, match: other, target: loki, url: "http://127.0.0.1:1", workers: 2}
`, "[output:oom_kill:oom_kill.0] version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fb, uids := runText(t, program, `
service:
  flush: 1
  hot_reload: on
  plugins_file: PLUGINS
pipeline:
  inputs:
    - name: tail
      tag: kern.log
      path: LOG
      read_from_head: true`+test.pipeline)
			fb.waitFor(t, uids)
			for range reloads { // each time the file is read again from its head
				before := printed(fb.output())
				fb.cmd.Process.Signal(syscall.SIGHUP)
				fb.waitFor(t, append(before, uids...))
				if t.Failed() {
					return
				}
			}
			fb.stop(t)
			if n := strings.Count(fb.output(), test.start); n != 1+reloads {
				t.Errorf("it started %d times, want %d:\n%s", n, 1+reloads, fb.output())
			}
			if strings.Contains(fb.output(), "worker #0 started") && test.name != "filter" {
				t.Error("Workers has an effect")
			}
		})
	}
}

// TestReloadInAReport: a report that is open goes on after a hot reload.
func TestReloadInAReport(t *testing.T) {
	program := needFluentBit(t)
	for _, test := range []struct{ name, pipeline string }{
		{"filter", `
  filters:
    - {name: oom_kill, match: kern.log, format: flat, mode: only}
  outputs:
    - {name: stdout, match: kern.log, format: json_lines}
`},
		{"output", `
  outputs:
    - {name: oom_kill, match: kern.log, target: stdout}
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			fb, uids := runText(t, program, `
service:
  flush: 0.2
  hot_reload: on
  plugins_file: PLUGINS
pipeline:
  inputs:
    - {name: tail, tag: kern.log, path: LOG.part, read_from_head: true, refresh_interval: 1, db: LOG.db}`+test.pipeline)
			dir := fb.cmd.Dir
			text, err := os.ReadFile(filepath.Join(dir, "kern.log"))
			if err != nil {
				t.Fatal(err)
			}
			head := bytes.LastIndex(text, []byte("invoked oom-killer"))
			cut := head + bytes.IndexByte(text[head:], '\n') + 1 // behind the first line of the last report
			before := 0
			err = parser.ReadAll(bytes.NewReader(text[:bytes.LastIndexByte(text[:head], '\n')+1]), parser.Options{}, func(*parser.Record) error {
				before++
				return nil
			})
			if err != nil || before == 0 || before >= len(uids) {
				t.Fatalf("%d of %d kills before the last report, %v", before, len(uids), err)
			}
			part, err := os.Create(filepath.Join(dir, "kern.log.part"))
			if err != nil {
				t.Fatal(err)
			}
			defer part.Close()
			part.Write(text[:cut])
			fb.waitFor(t, uids[:before])
			time.Sleep(time.Second)   // the last line is read by now
			for n := 1; n <= 2; n++ { // an open report is closed after ten seconds of silence
				fb.cmd.Process.Signal(syscall.SIGHUP)
				waitFor(t, "the reload", fb, func() bool { return strings.Count(fb.output(), "successful reload done") == n })
				time.Sleep(500 * time.Millisecond)
			}
			part.Write(text[cut:])
			fb.waitFor(t, uids)
			if got := strings.Count(fb.output(), `"oom.report.complete":true`); got != len(uids) {
				t.Errorf("%d of %d records are complete:\n%s", got, len(uids), fb.output())
			}
			fb.stop(t)
		})
	}
}

// TestWrongSettings: a hot reload to a wrong setting is refused before anything stops, and
// --dry-run sees it.
func TestWrongSettings(t *testing.T) {
	program := needFluentBit(t)
	fb, uids := runText(t, program, `
service:
  flush: 1
  hot_reload: on
  plugins_file: PLUGINS
pipeline:
  inputs:
    - {name: tail, tag: kern.log, path: LOG, read_from_head: true}
  filters:
    - {name: oom_kill, match: kern.log, format: flat, mode: only}
  outputs:
    - {name: stdout, match: kern.log, format: json_lines}
`)
	fb.waitFor(t, uids)
	config := fb.cmd.Args[len(fb.cmd.Args)-1]
	right, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Replace(right, []byte("mode: only"), []byte("mode: drop"), 1)
	const says = `[filter:oom_kill:oom_kill.0] Mode "drop" is not known`
	if err := os.WriteFile(config, wrong, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "--dry-run", "-c", config).CombinedOutput(); err == nil || !strings.Contains(string(out), says) {
		t.Errorf("--dry-run: %v\n%s", err, out)
	}
	fb.cmd.Process.Signal(syscall.SIGHUP)
	waitFor(t, "the refusal", fb, func() bool { return strings.Contains(fb.output(), says) })
	if err := os.WriteFile(config, right, 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second) // it takes no second reload while the first is under way, which is a second after the refusal
	fb.cmd.Process.Signal(syscall.SIGHUP)
	fb.waitFor(t, append(slices.Clone(uids), uids...))
	fb.stop(t)
}

// TestUnknownKeyOfTheOutput: the same for a key that the output does not have, where Fluent Bit can
// be given its keys.
func TestUnknownKeyOfTheOutput(t *testing.T) {
	program := needFluentBit(t)
	need(t, version(t, program) >= "5.1.1", "Fluent Bit 5.1.1 or newer, which asks an output in Go for its keys")
	fb, uids := runText(t, program, `
service:
  flush: 1
  hot_reload: on
  plugins_file: PLUGINS
pipeline:
  inputs:
    - {name: tail, tag: kern.log, path: LOG, read_from_head: true}
  outputs:
    - name: oom_kill
      match: kern.log
      alias: here
      log_level: info
      retry_limit: 3
      TARGET: stdout
      format: flat
      trust: any
      host_name: here
`)
	fb.waitFor(t, uids)
	config := fb.cmd.Args[len(fb.cmd.Args)-1]
	right, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "--dry-run", "-c", config).CombinedOutput(); err != nil {
		t.Errorf("--dry-run: %v\n%s", err, out)
	}
	wrong := bytes.Replace(right, []byte("trust: any"), []byte("trusst: any"), 1)
	const says = "oom_kill: unknown configuration property 'trusst'. The following properties are allowed: Target, Url,"
	if err := os.WriteFile(config, wrong, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "--dry-run", "-c", config).CombinedOutput(); err == nil || !strings.Contains(string(out), says) {
		t.Errorf("--dry-run: %v\n%s", err, out)
	}
	fb.cmd.Process.Signal(syscall.SIGHUP)
	waitFor(t, "the refusal", fb, func() bool { return strings.Contains(fb.output(), says) })
	if err := os.WriteFile(config, right, 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second) // it takes no second reload while the first is under way, which is a second after the refusal
	fb.cmd.Process.Signal(syscall.SIGHUP)
	fb.waitFor(t, append(slices.Clone(uids), uids...))
	fb.stop(t)
}

// TestWrongValueOfTheOutput: Fluent Bit asks no output before a reload stops the old one, so that
// the new one goes on with the old settings; not where it was to deliver elsewhere.
func TestWrongValueOfTheOutput(t *testing.T) {
	program := needFluentBit(t)
	need(t, version(t, program) >= "5.1", "Fluent Bit 5.1 or newer, which says to an output that it reloads")
	fb, uids := runText(t, program, `
service:
  flush: 1
  hot_reload: on
  plugins_file: PLUGINS
pipeline:
  inputs:
    - {name: tail, tag: kern.log, path: LOG, read_from_head: true}
  outputs:
    - {name: oom_kill, match: kern.log, target: stdout, trust: any}
`)
	fb.waitFor(t, uids)
	config := fb.cmd.Args[len(fb.cmd.Args)-1]
	right, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	reload := func(old, new string) {
		t.Helper()
		if err := os.WriteFile(config, bytes.Replace(right, []byte(old), []byte(new), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		fb.cmd.Process.Signal(syscall.SIGHUP)
	}
	reloaded := func(n int) { // until then it takes no other reload
		t.Helper()
		waitFor(t, "the reload", fb, func() bool { return strings.Count(fb.output(), "successful reload done") == n })
		time.Sleep(500 * time.Millisecond)
	}
	want := slices.Clone(uids)
	for n := 1; n <= 2; n++ { // also from settings that went on before
		reload("trust: any", "trust: anyy")
		want = append(want, uids...)
		fb.waitFor(t, want)
		reloaded(n)
		for _, says := range []string{`[output:oom_kill:oom_kill.0] Trust "anyy" is not known`, "this output goes on with its settings from before"} {
			if strings.Count(fb.output(), says) != n {
				t.Errorf("it does not say %d times %s:\n%s", n, says, fb.output())
			}
		}
	}
	reload("trust: any", "trust: kernel")
	reloaded(3)
	if !strings.Contains(fb.output(), "trust=kernel") {
		t.Errorf("the new settings do not count:\n%s", fb.output())
	}
	reload("target: stdout, trust: any", "target: loki, url: 'http://127.0.0.1:1', trust: anyy")
	waitFor(t, "the end", fb, func() bool { return strings.Contains(fb.output(), "reloading is aborted and exit") })
}

// TestThreads: as a processor of inputs with threads of their own, also with a condition, which
// makes one call of each record.
func TestThreads(t *testing.T) {
	program := needFluentBit(t)
	need(t, version(t, program) >= "4.0", "Fluent Bit 4.0 or newer, which has conditions")
	input := `
    - name: tail
      tag: NAME
      path: LOG
      read_from_head: true
      threaded: true
      processors:
        logs:
          - name: oom_kill
            format: flat
            mode: append
            condition:
              op: and
              rules:
                - {field: $log, op: regex, value: kernel}
`
	var inputs string
	var want []string
	for _, name := range []string{"a", "b", "c"} {
		inputs += strings.ReplaceAll(input, "NAME", name)
	}
	fb, uids := runText(t, program, `
service:
  flush: 1
  plugins_file: PLUGINS
pipeline:
  inputs:`+inputs+`
  outputs:
    - {name: stdout, match: '*', format: json_lines}
`)
	for range 3 {
		want = append(want, uids...)
	}
	fb.waitFor(t, want)
	fb.stop(t)
}

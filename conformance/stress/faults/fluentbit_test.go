// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

const plugin = "../../../build/fluentbit/flb-filter_oom_kill.so"

// fluentBit returns a Fluent Bit with a configuration in which @DIR@, @HOST@ and @PORT@ stand for a
// directory of its own and the backend.
func fluentBit(t *testing.T, dir, backend, config string) *Process {
	t.Helper()
	program := os.Getenv("FLUENT_BIT")
	if program == "" {
		var err error
		if program, err = exec.LookPath("fluent-bit"); err != nil {
			t.Skip("NOT RUN: this test needs Fluent Bit: put fluent-bit on the PATH or name it by FLUENT_BIT")
		}
	}
	so, err := filepath.Abs(plugin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(so); err != nil {
		t.Fatalf("no plugin at %s: run `make plugin` first", plugin)
	}
	u, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	plugins := fmt.Sprintf("[PLUGINS]\n    Path %s\n    Path %s\n", so, filepath.Join(filepath.Dir(so), "out_oom_kill.so"))
	config = strings.NewReplacer("@DIR@", dir, "@HOST@", u.Hostname(), "@PORT@", u.Port()).Replace(config)
	for name, text := range map[string]string{"plugins.conf": plugins, "fluent-bit.conf": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return NewProcess(t, dir, program, "-c", filepath.Join(dir, "fluent-bit.conf"))
}

// tailOnDisk reads @DIR@/kern.log and keeps on disk where it is and what is not sent yet.
const tailOnDisk = `
[SERVICE]
    Flush            0.2
    Plugins_File     @DIR@/plugins.conf
    storage.path     @DIR@/storage
    storage.sync     full
    scheduler.base   1
    scheduler.cap    2

[INPUT]
    Name             tail
    Tag              kern.log
    Path             @DIR@/kern.log
    Read_From_Head   true
    DB               @DIR@/tail.db
    DB.Sync          full
    storage.type     filesystem
    Refresh_Interval 1
`

// withFilter has the filter, and sends lines and records on.
const withFilter = tailOnDisk + `
[FILTER]
    Name             oom_kill
    Match            kern.log
    Format           flat

[OUTPUT]
    Name             http
    Match            *
    Host             @HOST@
    Port             @PORT@
    Uri              /insert/jsonline?_stream_fields=tag&_time_field=date&_msg_field=log,body
    Format           json_lines
    Json_Date_Format iso8601
    Retry_Limit      no_limits
    Workers          1
`

// withOutput has the output alone, and sends records only.
const withOutput = tailOnDisk + `
[OUTPUT]
    Name             oom_kill
    Match            *
    Target           loki
    Url              http://@HOST@:@PORT@` + backends.LokiPush + `
    Retry_Limit      no_limits
    Workers          1
`

// TestReloadFluentBit: hot reloads while a writer writes reports line by line and the backend is
// away now and then. Every kill arrives, and no report is cut.
func TestReloadFluentBit(t *testing.T) {
	for _, test := range []struct {
		name, config string
		match        Match
	}{
		{"filter", withFilter, byName},
		{"output alone", withOutput, Match{UID: "log_record_uid", By: "process_title"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			gate := backends.NewGate(t, server.URL)
			p := fluentBit(t, dir, gate.URL, strings.Replace(test.config, "[SERVICE]", "[SERVICE]\n    Hot_Reload       On", 1))
			p.Start(t)
			w := startWriter(t, filepath.Join(dir, "kern.log"))
			rounds := times(4, 50)
			for i := range rounds {
				gate.Set(backends.Fault{Down: i%3 == 1})
				time.Sleep(rand.N(1500 * time.Millisecond))
				p.Signal(t, syscall.SIGHUP)
				time.Sleep(rand.N(time.Second))
				gate.Set(backends.Fault{}) // by default a reload waits until all chunks are delivered
				for end := time.Now().Add(patience); bytes.Count(p.Said(), []byte("successful reload done")) <= i; time.Sleep(20 * time.Millisecond) {
					if time.Now().After(end) {
						t.Fatalf("reload %d is not done:\n%s", i+1, p.Tail())
					}
				}
			}
			kills := w.stop()
			row := settle(t, p, server, test.match, kills, 0)
			row.Scenario = fmt.Sprintf("Fluent Bit reloaded %d times, storage on disk, %s", rounds, test.name)
			row.Note = fmt.Sprintf("%d records not complete, %s", count(t, server, test.match.filter()+` (oom.report.complete:=false or oom_report_complete:=false)`), peak(p))
			report(t, p, row, 0)
		})
	}
}

// TestKillFluentBit: kill -9 at random moments, while a writer writes reports line by line and the
// backend is away now and then. A kill inside a report may cost what stood before it, never a kill.
func TestKillFluentBit(t *testing.T) {
	for _, test := range []struct {
		name, config string
		match        Match
	}{
		{"filter", withFilter, byName},
		{"output alone", withOutput, Match{UID: "log_record_uid", By: "process_title"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, dir := backends.StartVictoriaLogs(t), t.TempDir()
			gate := backends.NewGate(t, server.URL)
			p := fluentBit(t, dir, gate.URL, test.config)
			w := startWriter(t, filepath.Join(dir, "kern.log"))
			rounds := times(3, 200)
			for i := range rounds {
				gate.Set(backends.Fault{Down: i%3 == 1})
				p.Start(t)
				time.Sleep(rand.N(1500 * time.Millisecond))
				p.Kill()
			}
			gate.Set(backends.Fault{})
			kills := w.stop()
			p.Start(t)
			row := settle(t, p, server, test.match, kills, 0)
			row.Scenario = fmt.Sprintf("Fluent Bit killed %d times, storage on disk, %s", rounds, test.name)
			row.Note = fmt.Sprintf("%d records not complete, %s", count(t, server, test.match.filter()+` (oom.report.complete:=false or oom_report_complete:=false)`), peak(p))
			report(t, p, row, 0)
		})
	}
}

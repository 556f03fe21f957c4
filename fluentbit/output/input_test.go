// SPDX-License-Identifier: Apache-2.0

package output

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/internal/machine"
)

// TestBehindTheInput: straight behind our input, what it brings of a kill is delivered once, with
// or without the lines, and what a file of this machine says of the kill is no record of its own.
func TestBehindTheInput(t *testing.T) {
	boot, host := machine.BootID(), hostname(t)
	raw, err := filepath.Glob("../../testdata/captures/6.12/c_memcg_v2/kmsg.raw")
	if err != nil || len(raw) != 1 {
		t.Fatal(raw, err)
	}
	text, err := os.ReadFile(raw[0])
	if err != nil {
		t.Fatal(err)
	}
	var lines []fbtest.Event
	for _, k := range fbtest.ReadKmsg(text) {
		e := k.InOwn(boot)
		e.Time = testTime
		lines = append(lines, e)
	}
	all, records := throughInput(t, "append", lines), throughInput(t, "only", lines)
	pid := killed(t, records)
	said := appendEvent(nil, testTime, []form.KV{{Key: "log", Value: fmt.Sprintf(`%s %s earlyoom[7]: sending SIGKILL to process %s`, testTime.Format(time.Stamp), host, pid)}})
	for name, chunks := range map[string][][]byte{
		"records": {records, said}, "lines and records": {all, said}, "what a file says comes first": {said, records},
	} {
		var out bytes.Buffer
		log := &testLog{}
		o := start(t, log, &out, "Target", "stdout", "Host_Name", "")
		for _, c := range chunks {
			want(t, log, o.Flush([]byte("kern"), c, false), OK)
		}
		o.Exit()
		if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `oom.kill"`) || !strings.Contains(got, `verified"`) {
			t.Errorf("%s: delivered:\n%s\n%s", name, got, log.text())
		}
	}
}

// hostname returns the name of this machine, and skips the test where nothing tells it from others.
func hostname(t *testing.T) string {
	name, err := os.Hostname()
	if err != nil || name == "localhost" || machine.BootID() == "" {
		t.Skip("NOT RUN: this machine has no name of its own, or no boot id")
	}
	return name
}

// throughInput makes what our input makes of lines.
func throughInput(t *testing.T, mode string, lines []fbtest.Event) []byte {
	t.Helper()
	settings, err := filter.ParseSettings(func(key string) string { return map[string]string{"Mode": mode, "Host_Name": "node-1"}[key] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := filter.New(settings, func(filter.Level, string) {})
	if err != nil {
		t.Fatal(err)
	}
	out, modified := f.RunFrom("oom_kill", []byte("kern"), fbtest.Chunk(lines...))
	if !modified {
		t.Fatal("no record")
	}
	return out
}

// killed returns what a line of earlyoom calls the process that the only record of a chunk is
// about.
func killed(t *testing.T, chunk []byte) string {
	t.Helper()
	events, err := fbtest.Decode(chunk)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d records, %v", len(events), err)
	}
	oom := events[0].Record["oom"].(map[string]any)
	return fmt.Sprintf(`%v uid 0 "%v": badness 900, VmRSS 1 MiB`, oom["process_pid"], oom["process_title"])
}

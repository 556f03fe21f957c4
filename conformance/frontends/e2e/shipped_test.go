// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/parser"
)

// capture is the one that the configurations are run on: a memcg kill, then an oom.group kill of
// several processes.
var capture = []string{"../../../testdata/captures/6.12/c_memcg_v2/kmsg.raw", "../../../testdata/captures/6.12/f_oomgroup/kmsg.raw"}

// records returns the capture's records, on one time line, and the ids of the kills in them.
func records(t *testing.T) (all []fbtest.Kmsg, uids []string) {
	t.Helper()
	var raw bytes.Buffer
	for _, file := range capture {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raw.Write(b)
	}
	err := parser.ReadAll(bytes.NewReader(raw.Bytes()), parser.Options{}, func(r *parser.Record) error {
		uids = append(uids, r.Text("log.record.uid"))
		return nil
	})
	if err != nil || len(uids) < 3 {
		t.Fatalf("%d records in the captures, %v", len(uids), err)
	}
	return fbtest.ReadKmsg(raw.Bytes()), uids
}

// TestShipped runs each shipped configuration of input and filter, and waits until all kills were
// delivered.
func TestShipped(t *testing.T) {
	program := needFluentBit(t)
	v := version(t, program)
	t.Logf("%s, version %s", program, v)
	tests := []struct {
		name    string
		since   string // the oldest version that has what the configuration uses
		kmsg    bool
		journal bool
		stdout  bool
	}{
		{name: "kmsg-loki.conf", since: "3.1", kmsg: true},
		{name: "kmsg-loki.yaml", since: "3.1", kmsg: true},
		{name: "systemd-es.conf", since: "2.2", journal: true},
		{name: "systemd-es.yaml", since: "2.2", journal: true},
		{name: "tail-stdout.conf", since: "2.2", stdout: true},
		{name: "tail-stdout.yaml", since: "2.2", stdout: true},
		{name: "pager.conf", since: "2.2", kmsg: true},
		{name: "pager.yaml", since: "2.2", kmsg: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			need(t, v >= test.since, "Fluent Bit "+test.since+" or newer")
			need(t, !test.kmsg || os.Getuid() == 0, "root, to put a capture in the place of /dev/kmsg")
			need(t, !test.journal || journalRemote() != "", "systemd-journal-remote, to make a journal: install it or name it by SYSTEMD_JOURNAL_REMOTE")
			all, wanted := records(t)
			backend := newRecorder(t)
			at, _ := url.Parse(backend.URL)
			p := place{dir: t.TempDir(), port: at.Port()}
			p.kernLog = writeKernLog(t, p.dir, all)
			kmsg := ""
			if test.kmsg {
				kmsg = feedKmsg(t, p.dir, all)
			}
			if test.journal {
				p.journal = writeJournal(t, p.dir, all)
			}
			fb := run(t, program, p.configure(t, test.name), kmsg)
			got := func() []string {
				if test.stdout {
					return printed(fb.output())
				}
				uids, problem := backend.got()
				if problem != "" {
					t.Fatalf("the backend could not read what came: %s", problem)
				}
				return uids
			}
			for range 200 {
				if len(got()) >= len(wanted) {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			time.Sleep(1500 * time.Millisecond) // whatever comes too often comes now
			fb.stop(t)
			if g, w := slices.Sorted(slices.Values(got())), slices.Sorted(slices.Values(wanted)); !slices.Equal(g, w) {
				t.Errorf("delivered %v\nwant      %v\n%s", g, w, fb.output())
			}
			show(t, fb.output(), backend.body(wanted[0]), wanted[0])
		})
	}
}

// printed returns the ids of the records that the output stdout printed.
func printed(output string) (uids []string) {
	for line := range strings.Lines(output) {
		var record map[string]any
		if json.Unmarshal([]byte(line), &record) == nil {
			if uid, ok := record["log.record.uid"].(string); ok {
				uids = append(uids, uid)
			}
		}
	}
	return uids
}

// show prints the plugin's own log lines, and what the backend was sent around the id of one
// record.
func show(t *testing.T, output, body, uid string) {
	for _, line := range regexp.MustCompile(`(?m)^.*(\[(filter|input):oom_kill|version=|rror).*$`).FindAllString(output, 12) {
		if !strings.HasPrefix(line, "{") {
			t.Log(line)
		}
	}
	if at := strings.Index(body, uid); at >= 0 {
		t.Log("…" + body[max(0, at-300):min(len(body), at+900)] + "…")
	}
}

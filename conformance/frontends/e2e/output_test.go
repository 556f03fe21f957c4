// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// pointAt makes a configuration deliver to url, and try again soon.
func pointAt(t *testing.T, config, url string) {
	t.Helper()
	b, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "http://loki:3100", url)
	if strings.HasSuffix(config, ".yaml") {
		text = strings.Replace(text, "service:\n", "service:\n  scheduler.base: 1\n  scheduler.cap: 2\n", 1)
	} else {
		text = strings.Replace(text, "[SERVICE]\n", "[SERVICE]\n    scheduler.base 1\n    scheduler.cap 2\n", 1)
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// waitFor waits until ok, at most 30 s.
func waitFor(t *testing.T, what string, p *process, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited 30 s for %s; Fluent Bit said:\n%s", what, p.output())
}

// TestOutputOnly runs the shipped configurations of the output: the server is down at first, Fluent
// Bit is killed meanwhile, and after both are back each record is there, and there once.
func TestOutputOnly(t *testing.T) {
	program := needFluentBit(t)
	need(t, os.Getuid() == 0, "root, to put a capture in the place of /dev/kmsg")
	t.Logf("%s, version %s", program, version(t, program))
	for _, name := range []string{"output-only.conf", "output-only.yaml"} {
		t.Run(name, func(t *testing.T) {
			server := backends.StartVictoriaLogs(t)
			gate := backends.NewGate(t, server.URL)
			gate.Set(backends.Fault{Status: http.StatusServiceUnavailable, Body: "not now"})
			all, wanted := records(t)
			p := place{dir: t.TempDir()}
			kmsg := feedKmsg(t, p.dir, all)
			config := p.configure(t, name)
			pointAt(t, config, gate.URL+backends.LokiPush)

			fb := run(t, program, config, kmsg)
			waitFor(t, "a chunk that is tried again", fb, func() bool {
				return gate.Requests() >= 2 && strings.Contains(fb.output(), "they will be sent again: HTTP 503")
			})
			time.Sleep(2 * time.Second) // all lines are in a chunk by now
			killed := fb.output()
			fb.cmd.Process.Kill()
			<-fb.done

			gate.Set(backends.Fault{})
			fb = run(t, program, config, kmsg)
			waitFor(t, "all records", fb, func() bool { return len(server.Query(t, "log_record_uid:*")) >= len(wanted) })
			fb.stop(t)
			var got []string
			for _, entry := range server.WaitFor(t, "log_record_uid:*", len(wanted)) {
				got = append(got, entry["log_record_uid"])
			}
			if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(wanted))) {
				t.Errorf("delivered %v\nwant      %v", got, wanted)
			}
			for _, line := range regexp.MustCompile(`(?m)^.*\[output:oom_kill.*$`).FindAllString(killed+fb.output(), -1) {
				t.Log(line)
			}
			t.Log(server.Query(t, "log_record_uid:"+wanted[0])[0])
		})
	}
}

// TestOutputElasticsearch runs the output behind the filter: items that are put off, a server that
// is down and answers that are lost leave each kill in the index once.
func TestOutputElasticsearch(t *testing.T) {
	program := needFluentBit(t)
	need(t, os.Getuid() == 0, "root, to put a capture in the place of /dev/kmsg")
	server := backends.StartElasticsearch(t)
	gate := backends.NewGate(t, server.URL)
	all, wanted := records(t)
	p := place{dir: t.TempDir()}
	config := p.configure(t, "output-only.conf")
	pointAt(t, config, gate.URL)
	b, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`Target +loki`).ReplaceAllString(string(b), "Target elasticsearch")
	text = regexp.MustCompile(`(?s)\[INPUT\].*?\n\n`).ReplaceAllString(text, "[INPUT]\n    Name kmsg\n    Tag oom\n    storage.type filesystem\n\n"+
		"[FILTER]\n    Name oom_kill\n    Match oom\n    Format ecs\n\n")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	var tries atomic.Int32
	server.FailItem = func(string) (int, string) {
		n := tries.Add(1)
		if n == 6 {
			gate.Set(backends.Fault{LoseAnswer: true}) // of the next request
		}
		if n%2 == 0 && n <= 6 {
			return http.StatusTooManyRequests, "rejected execution of coordinating operation"
		}
		return 0, ""
	}
	fb := run(t, program, config, feedKmsg(t, p.dir, all))
	waitFor(t, "a lost answer", fb, func() bool { return strings.Contains(fb.output(), "EOF") })
	gate.Set(backends.Fault{Down: true})
	time.Sleep(3 * time.Second)
	gate.Set(backends.Fault{})
	waitFor(t, "all records", fb, func() bool { return len(server.Documents()) >= len(wanted) })
	time.Sleep(3 * time.Second) // whatever comes too often comes now
	fb.stop(t)
	var got []string
	for _, d := range server.Documents() {
		event, _ := d.Source["event"].(map[string]any)
		oom, _ := d.Source["oom"].(map[string]any)
		of, _ := oom["record"].(map[string]any)
		uid, _ := event["id"].(string)
		if of["key"] != d.ID || event["action"] != "oom.kill" {
			t.Errorf("document %s: %s", d.ID, d.Raw)
		}
		got = append(got, uid)
	}
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(wanted))) {
		t.Errorf("delivered %v\nwant      %v", got, wanted)
	}
	t.Log(fb.output())
	t.Log(string(server.Documents()[0].Raw))
}

// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// TestLoki runs the shipped configurations for Loki, with Fluent Bit's own output and with ours: a
// real Loki takes all that they send, and each record is found by its id, once.
func TestLoki(t *testing.T) {
	program := needFluentBit(t)
	need(t, os.Getuid() == 0, "root, to put a capture in the place of /dev/kmsg")
	v := version(t, program)
	for _, test := range []struct{ name, since, id string }{
		{"kmsg-loki.conf", "3.1", "record_uid"},
		{"kmsg-loki.yaml", "3.1", "record_uid"},
		{"output-only.conf", "2.2", "log_record_uid"},
		{"output-only.yaml", "2.2", "log_record_uid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			need(t, v >= test.since, "Fluent Bit "+test.since+" or newer")
			t.Parallel() // a Loki waits for its ring
			loki := backends.StartLoki(t)
			all, wanted := records(t)
			slices.Sort(wanted)
			p := place{dir: t.TempDir(), port: loki.URL[len("http://127.0.0.1:"):]}
			kmsg := feedKmsg(t, p.dir, all)
			config := p.configure(t, test.name)
			pointAt(t, config, loki.URL)
			fb := run(t, program, config, kmsg)
			found := func() (got []string) {
				loki.Flush(t) // queries ask the ingesters for what is new only
				for _, e := range loki.Query(t, `{service_name=~".+"} | `+test.id+`!=""`) {
					got = append(got, e.Labels[test.id])
				}
				slices.Sort(got)
				return got
			}
			waitFor(t, "all records", fb, func() bool { return len(found()) >= len(wanted) })
			time.Sleep(1500 * time.Millisecond) // whatever comes too often comes now
			fb.stop(t)
			if got := found(); !slices.Equal(got, wanted) {
				t.Errorf("Loki has   %v\nwant       %v\n%s", got, wanted, fb.output())
			}
			loki.Await(t, len(wanted)) // nothing was refused
			t.Logf("%+v", loki.Query(t, `{service_name=~".+"} | `+test.id+`="`+wanted[0]+`"`)[0])
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package parser

import "testing"

// TestTimeOfAnyLine: what waits is settled by the time of a later line, whether it holds a word of
// a program and says nothing, or holds none.
func TestTimeOfAnyLine(t *testing.T) {
	for _, later := range []string{
		"May  2 10:10:00 node-7 app[1]: request processed in 12 ms",
		"May  2 10:10:00 node-7 earlyoom[699]: sending SIGTERM when mem avail <= 10.00%",
	} {
		p, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Feed([]byte(`May  2 10:00:01 node-7 earlyoom[699]: sending SIGTERM to process 4410 uid 0 "python3": badness 902, VmRSS 30511 MiB`)).Records; len(got) != 0 {
			t.Fatalf("%d records before the failure could come", len(got))
		}
		if got := p.Feed([]byte(later)).Records; len(got) != 1 || got[0].Text("event.name") != "oom.kill" {
			t.Errorf("%q: %d records, want the kill", later, len(got))
		}
	}
}

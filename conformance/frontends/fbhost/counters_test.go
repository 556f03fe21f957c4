// SPDX-License-Identifier: Apache-2.0

package fbhost_test

import (
	"fmt"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// TestCounters: threads that are in the filter, and threads whose chunks are handed back before it,
// one of them under the same tag: nothing is lost of the records, nor of the counters.
func TestCounters(t *testing.T) {
	h, l := start(t)
	mustInit(t, h, l, 0, flat)
	report := fbtest.Chunk(inKmsg(captures(t)["6.12/c_memcg_v2"])...)
	ordinary := fbtest.Chunk(fbtest.Event{Time: fbtest.Boot, Record: []form.KV{{Key: "log", Value: "GET / 200"}}})
	const reports, ordinaries = 20, 20_000
	var jobs []fbhost.Job
	for _, tag := range []string{"a", "b", "c", "d"} {
		jobs = append(jobs, fbhost.Job{Tag: tag, Chunk: report, Times: reports}, fbhost.Job{Tag: "a", Chunk: ordinary, Times: ordinaries})
	}
	_, bytes := h.Parallel(jobs...)
	for i, job := range jobs {
		if want := bytes[i%2]; bytes[i] != want || (want > 0) != (job.Times == reports) {
			t.Errorf("threads put out %v bytes, want the same from each with reports and none from the others", bytes)
			break
		}
	}
	h.Exit(0)
	want := fmt.Sprintf("chunks=%d bytes=%d untouched=%d ", 4*(reports+ordinaries), 4*(reports*len(report)+ordinaries*len(ordinary)), 4*ordinaries)
	if !l.says(want) {
		t.Errorf("the log does not say %q:\n%s", want, l)
	}
}

// SPDX-License-Identifier: Apache-2.0

package logs

import (
	"flag"
	"fmt"
	"testing"
)

var dir = flag.String("logs", "../../../testdata/logs", "directory of labelled logs: NAME.log with NAME.json")

// known are the labels of the public logs that the logs' own words do not bear out; each with the
// reason. Labels are one reader's.
var known = map[string]string{
	"047: pid 649: oom.trigger.name":           "the invocation in this log comes after the kill: it is the next report's",
	"047: pid 649: oom.trigger.gfp_mask":       "as above",
	"047: pid 649: oom.trigger.gfp_flags":      "as above",
	"047: pid 649: oom.trigger.order":          "as above",
	"047: pid 649: oom.trigger.oom_score_adj":  "as above",
	"058: pid 4503: oom.trigger.name":          "the invocation in this log comes after the kill: it is the next report's",
	"058: pid 4503: oom.trigger.pid":           "as above",
	"058: pid 4503: oom.trigger.gfp_mask":      "as above",
	"058: pid 4503: oom.trigger.gfp_flags":     "as above",
	"058: pid 4503: oom.trigger.order":         "as above",
	"058: pid 4503: oom.trigger.oom_score_adj": "as above",
	"096: pid 6409: oom.trigger.name":          "the invocation in this log comes after the kill: it is the next report's",
	"096: pid 6409: oom.trigger.gfp_mask":      "as above",
	"096: pid 6409: oom.trigger.order":         "as above",
}

// TestLogs demands a record for each labelled victim, none else, and every labelled field.
func TestLogs(t *testing.T) {
	list, err := Load(*dir)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%-24s %8s %6s %6s %7s\n", "log", "labelled", "found", "false", "differ")
	var sum Result
	exceptions := 0
	for _, l := range list {
		res, err := Check(l)
		if err != nil {
			t.Errorf("%s: %v", l.Name, err)
			continue
		}
		fmt.Printf("%-24s %8d %6d %6d %7d\n", l.Name, res.Labelled, res.Found, len(res.False), len(res.Differ))
		if res.Found != res.Labelled {
			t.Errorf("%s: %d of %d victims found", l.Name, res.Found, res.Labelled)
		}
		for _, body := range res.False {
			t.Errorf("%s: a record that no label knows: %s", l.Name, body)
		}
		for _, d := range res.Differ {
			if reason := exception(l.Name, d); reason != "" {
				fmt.Printf("    %s\n      but %s\n", d, reason)
				exceptions++
				continue
			}
			t.Errorf("%s: %s", l.Name, d)
		}
		sum.Labelled, sum.Found = sum.Labelled+res.Labelled, sum.Found+res.Found
		sum.False, sum.Differ = append(sum.False, res.False...), append(sum.Differ, res.Differ...)
	}
	fmt.Printf("%-24s %8d %6d %6d %7d (%d of them explained above)\n", fmt.Sprintf("%d logs", len(list)),
		sum.Labelled, sum.Found, len(sum.False), len(sum.Differ), exceptions)
}

// exception returns why a label is not what the log says, or "".
func exception(log, differ string) string {
	for prefix, reason := range known {
		if full := log + ": " + differ; len(full) > len(prefix) && full[:len(prefix)] == prefix && full[len(prefix)] == ' ' {
			return reason
		}
	}
	return ""
}

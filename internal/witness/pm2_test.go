// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func pm2Fact(usage int64) Fact {
	f := Fact{Kind: Observation, Killer: "pm2", Reason: "limit"}
	if usage > 0 {
		f.RSS = report.Some(usage)
	}
	return f
}

var pm2Samples = []sample{
	{"the log of PM2", "2026-09-24T09:47:54: PM2 log: [PM2][WORKER] Process 346 restarted because it exceeds --max-memory-restart value (current_memory=178716672 max_memory_limit=146800640 [octets])", []Fact{pm2Fact(178716672)}},
	{"5.4.3 as it ran, about a program that it let have 80 MiB", "2026-11-29T18:11:22: PM2 log: [PM2][WORKER] Process 0 restarted because it exceeds --max-memory-restart value (current_memory=178999296 max_memory_limit=83886080 [octets])", []Fact{pm2Fact(178999296)}},
	{"no prefix", "Process 0 restarted because it exceeds --max-memory-restart value (current_memory=178716672 max_memory_limit=146800640 [octets])", []Fact{pm2Fact(178716672)}},
	{"no unit", "[PM2][WORKER] Process 0 restarted because it exceeds --max-memory-restart value (current_memory=385396736 max_memory_limit=375390208)", []Fact{pm2Fact(385396736)}},
	{"rounded sizes", "[PM2][WORKER] Process 2 restarted because it exceeds --max-memory-restart value (current_memory=~890MB max_memory_limit=786MB)", []Fact{pm2Fact(0)}},
}

func TestPM2(t *testing.T) {
	checkSamples(t, "pm2", Author{}, report.Stamp{}, pm2Samples)
	checkSamples(t, "pm2", Author{Container: true}, report.Stamp{}, pm2Samples)
}

func TestPM2SaysNothing(t *testing.T) {
	checkNothing(
		t, Author{Program: "pm2"},
		"App [web:0] exited with code [0] via signal [SIGINT]",
		"pm2 start app.js --max-memory-restart 300M",
		"the docs say: Process 346 restarted because it exceeds --max-memory-restart value (current_memory=1 max_memory_limit=1 [octets])",
		"see the PM2 log: [PM2][WORKER] Process 346 restarted because it exceeds --max-memory-restart value (current_memory=1 max_memory_limit=1 [octets])",
		"Process web restarted because it exceeds --max-memory-restart value (current_memory=1 max_memory_limit=1 [octets])",
		"Process 2 restarted because it exceeds --max-memory-restart (current=213 MB, limit=200 MB)",
	)
}

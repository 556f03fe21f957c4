// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

// TestBodiesOfKillers: the sentence of each killer says what its line says, and not more.
func TestBodiesOfKillers(t *testing.T) {
	const head = "May  2 10:00:00 node-7 "
	for _, test := range []struct{ line, want string }{
		{
			head + `earlyoom[812]: sending SIGTERM to process 20417 uid 1000 "java": badness 902, VmRSS 300 MiB`,
			"OOM kill by earlyoom: java (20417): 300 MiB",
		},
		{
			head + "systemd-oomd[812]: Killed /shop.slice/cart.service due to memory pressure for /shop.slice being 74.18% > 60.00% for > 30s with reclaim activity",
			"OOM kill by systemd-oomd: cart.service: memory pressure 74 %",
		},
		{
			head + "systemd-oomd[812]: Failed to select any cgroups under /shop.slice based on pressure",
			"systemd-oomd failed to kill: a cgroup that it does not name",
		},
		{
			head + "slurmstepd[812]: error: StepId=77120.0 exceeded memory limit (2 > 1), being killed",
			"OOM kill by slurm: slurm job 77120",
		},
		{
			"[PM2][WORKER] Process 0 restarted because it exceeds --max-memory-restart value (current_memory=314572800 max_memory_limit=209715200 [octets])",
			"pm2 ended a process that held too much memory: 300 MiB",
		},
	} {
		var got []string
		err := parser.ReadAll(strings.NewReader(test.line+"\n"), dated(parser.Options{}), func(r *parser.Record) error {
			got = append(got, r.Body)
			return nil
		})
		if err != nil || len(got) != 1 || got[0] != test.want {
			t.Errorf("%s\ngot  %q, %v\nwant %q", test.line, got, err, test.want)
		}
	}
}

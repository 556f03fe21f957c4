// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"fmt"
	"os"

	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// The typed reports of an input: each value in the kernel's own name and unit.
func Example() {
	log, err := os.Open("../../testdata/captures/6.12/c_memcg_v2/kmsg.raw")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()
	err = parser.ReadReports(log, parser.Options{}, parser.Handler{Report: func(r *report.Report) error {
		memory := r.Memcg.Counters[report.CounterMemory]
		fmt.Println(r.Ending, r.Scope(&r.Kills[0]), r.OOMKill.OOMMemcg, memory.LimitKB.V, "KiB")
		for task := range r.Tasks.Rows.All() {
			fmt.Println(task.PID, task.Name, task.Values[report.ColRSS], "pages")
		}
		return nil
	}})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// kill cgroup /limited 32768 KiB
	// 146 pause 289 pages
	// 147 hog 8302 pages
}

// SPDX-License-Identifier: Apache-2.0

package assembly

import "github.com/oomtrail/oomtrail/parser/report"

// lacksChosen reports whether the task table lacks the row of the process that the kernel chose out
// of it, so that the log lost rows. Only a task that is killed because it allocates need not stand
// there.
func lacksChosen(r *Report) bool {
	return r.OOMKill.PID.OK && r.Tasks.Count > 0 && int64(r.Tasks.Rows.Len()) == r.Tasks.Count &&
		r.Kills[0].Message != report.MessageAllocating && r.Tasks.ByPID(r.OOMKill.PID.V) == nil
}

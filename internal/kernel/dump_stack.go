// SPDX-License-Identifier: Apache-2.0

package kernel

// compactionForm is the line under the invocation (2.6.35+) of kernels without CONFIG_COMPACTION.
var compactionForm = form{starts: []string{"COMPACTION is disabled!!!"}}

// The lines that dump_stack prints under the CPU line. Source:
// lib/dump_stack.c:dump_stack_print_info.
var (
	taintForm     = form{starts: []string{"Tainted: ["}}                              // 6.11+
	hardwareForm  = form{starts: []string{"Hardware name: "}}                         // 3.10+
	workqueueForm = form{starts: []string{"Workqueue: ", "Stopper: ", "Sched_ext: "}} // 3.10+, 5.9+, 6.12+
)

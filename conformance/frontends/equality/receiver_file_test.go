// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

func TestReceiverFile(t *testing.T) {
	list := load(t)
	throughPipeline(t, []component{receiverOfFiles(copies(t, list, Kmsg), "oom")}, nil, expected(t, list, Kmsg, parser.Options{}))
}

// TestReceiverAndProcessorInARow: the receiver passes the kernel's lines on beside its records; the
// processor behind it, which could read them, does not tell the kills again.
func TestReceiverAndProcessorInARow(t *testing.T) {
	list := load(t)
	throughPipeline(t, []component{receiverOfFiles(copies(t, list, Kmsg), "all")}, []component{processor("oom_kill", "append")},
		expected(t, list, Kmsg, parser.Options{}))
}

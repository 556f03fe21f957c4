// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

// TestReceiverKmsg gives each capture to a receiver of its own, by a device that gives one record a
// read.
func TestReceiverKmsg(t *testing.T) {
	list := load(t)
	dir := t.TempDir()
	var receivers []component
	for _, c := range list {
		device := filepath.Join(dir, fileName(c))
		kmsgDevice(t, device, c.Kmsg)
		receivers = append(receivers, component{"oom_kill/" + fileName(c), fmt.Sprintf("    source: kmsg\n    kmsg: {path: %q}\n    report_timeout: 1s\n", device)})
	}
	throughPipeline(t, receivers, nil, expected(t, list, Kmsg, parser.Options{}))
}

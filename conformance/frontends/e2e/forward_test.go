// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// TestForward: the records of a node pass a gateway's filter as records while out_forward keeps
// metadata; where it drops it, they are none without a setting, and the gateway says which.
func TestForward(t *testing.T) {
	program := needFluentBit(t)
	for _, test := range []struct {
		retain, accept string
		pass           bool
	}{
		{"on", "marked", true},
		{"off", "marked", false},
		{"off", "any", true},
		{"on", "none", false},
	} {
		t.Run("retain "+test.retain+" accept "+test.accept, func(t *testing.T) {
			port := backends.FreePort(t)
			gateway, uids := runText(t, program, fmt.Sprintf(`
service:
  flush: 0.2
  plugins_file: PLUGINS
pipeline:
  inputs:
    - {name: forward, port: %s}
  filters:
    - {name: oom_kill, match: '*', mode: only, accept_records: %s}
  outputs:
    - {name: stdout, match: '*', format: json_lines}
`, port, test.accept))
			waitFor(t, "the gateway", gateway, func() bool {
				c, err := net.Dial("tcp", "127.0.0.1:"+port)
				if err == nil {
					c.Close()
				}
				return err == nil
			})
			node, _ := runText(t, program, fmt.Sprintf(`
service:
  flush: 0.2
  plugins_file: PLUGINS
pipeline:
  inputs:
    - {name: tail, tag: kern.log, path: LOG, read_from_head: true}
  filters:
    - {name: oom_kill, match: '*', format: flat, mode: only}
  outputs:
    - {name: forward, match: '*', host: 127.0.0.1, port: %s, retain_metadata_in_forward_mode: %s}
    - {name: stdout, match: '*', format: json_lines}
`, port, test.retain))
			node.waitFor(t, uids)
			if test.pass {
				gateway.waitFor(t, uids)
			} else if test.accept == "marked" {
				waitFor(t, "the gateway's warning", gateway, func() bool { return strings.Contains(gateway.output(), "has no mark") })
			} else {
				time.Sleep(2 * time.Second)
			}
			node.stop(t)
			gateway.stop(t)
			if got := printed(gateway.output()); !test.pass && len(got) > 0 || test.pass && len(got) != len(slices.Compact(slices.Sorted(slices.Values(uids)))) {
				t.Errorf("the gateway printed %v", got)
			}
		})
	}
}

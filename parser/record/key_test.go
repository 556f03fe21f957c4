// SPDX-License-Identifier: Apache-2.0

package record

import "testing"

// TestKeyOfLogHost: what the log calls a host keeps hosts apart that stand under one resource, and
// is no other host where it is the same name.
func TestKeyOfLogHost(t *testing.T) {
	gateway := Key("uid", "", "gateway", "")
	if Key("uid", "", "gateway", "node-1") == Key("uid", "", "gateway", "node-2") {
		t.Error("two hosts of a gateway have one key")
	}
	if Key("uid", "gateway-id", "", "node-1") == Key("uid", "gateway-id", "", "node-2") {
		t.Error("two hosts of a gateway's id have one key")
	}
	for _, name := range []string{"", "gateway", "gateway.example", "GATEWAY"} {
		if Key("uid", "", "gateway", name) != gateway {
			t.Errorf("%q is taken for another host than gateway", name)
		}
	}
}

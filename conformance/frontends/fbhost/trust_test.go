// SPDX-License-Identifier: Apache-2.0

package fbhost_test

import (
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
)

// TestInputs: a journal's fields prove something only where the host itself says that in_systemd
// brought them: an alias says nothing, and hides nothing.
func TestInputs(t *testing.T) {
	h, l := start(t)
	var events []fbtest.Event
	for _, k := range fbtest.ReadKmsg(captures(t)["6.12/c_memcg_v2"]) {
		events = append(events, fbtest.Systemd{}.Event(k, "node-1"))
	}
	chunk := fbtest.Chunk(events...)
	for _, test := range []struct {
		name string
		from fbhost.Input
		want string
	}{
		{"the journal", fbhost.Input{Name: "systemd.0"}, "verified"},
		{"a later one", fbhost.Input{Name: "systemd.123"}, "verified"},
		{"the journal under another name", fbhost.Input{Name: "systemd.0", Alias: "tail.0"}, "verified"},
		{"the same, of a name's length and more", fbhost.Input{Name: "systemd.0", Alias: "a journal with a name of more than thirty-two bytes"}, "verified"},
		{"a file that is called so", fbhost.Input{Name: "tail.0", Alias: "systemd.0"}, "unverified"},
		{"forwarded", fbhost.Input{Name: "forward.0"}, "unverified"},
		{"no number", fbhost.Input{Name: "systemd"}, "unverified"},
		{"another plugin", fbhost.Input{Name: "systemd2.0"}, "unverified"},
		{"another beginning", fbhost.Input{Name: "x_systemd.0", Alias: "systemd.0"}, "unverified"},
		{"a processor of an output", fbhost.Input{Output: true, Name: "systemd.0"}, "unverified"},
		{"no input", fbhost.Input{}, "unverified"},
	} {
		mustInit(t, h, l, 0, flat)
		a := h.Filter(0, test.from, "kernel", chunk)
		got, _, _ := sift(t, a.Out)
		if len(got) == 0 {
			t.Errorf("%s: no record", test.name)
		}
		for _, r := range got {
			if r["oom.trust"] != test.want {
				t.Errorf("%s: %v, want %s", test.name, r["oom.trust"], test.want)
			}
		}
		h.Exit(0)
	}
}

// TestTrustKernel: where no line can be verified, that is said once, with the setting that helps.
func TestTrustKernel(t *testing.T) {
	h, l := start(t)
	kernel := fbhost.Setting{Key: "Trust", Value: "kernel"}
	chunk := fbtest.Chunk(inKmsg(captures(t)["6.12/c_memcg_v2"])...)
	mustInit(t, h, l, 0, flat, kernel)
	for range 2 {
		if a := h.Filter(0, fbhost.Input{Name: "kmsg.0"}, "kernel", chunk); a.Return != fbhost.NoTouch {
			t.Error("a record was made of lines that cannot be verified")
		}
	}
	h.Exit(0)
	if want := "[ warn] [filter:oom_kill:oom_kill.0] Trust kernel: nothing that input kmsg brings can be verified, so that no record comes of it: set Trusted_Source"; !l.saysOnce(want) {
		t.Errorf("the log does not say once %q:\n%s", want, l)
	}
	mustInit(t, h, l, 0, flat, kernel, fbhost.Setting{Key: "Trusted_Source", Value: "kmsg"})
	defer h.Exit(0)
	records, _, _ := sift(t, h.Filter(0, fbhost.Input{Name: "kmsg.0"}, "kernel", chunk).Out)
	if len(records) == 0 || records[0]["oom.trust"] != "verified" {
		t.Errorf("of a trusted source come %v", records)
	}
}

// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
)

// podRecord returns the record of a pod's kill in Format flat, and what the filter warned of.
func podRecord(t *testing.T, config ...string) (record map[string]any, warnings []string) {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/captures/6.12/e_k8s_systemd/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	var events []fbtest.Event
	for _, k := range fbtest.ReadKmsg(raw) {
		events = append(events, k.InKmsg())
	}
	f, lines := newFilter(t, append(config, "Format", "flat", "Mode", "only")...)
	out, _ := f.RunFrom("kmsg", []byte("kernel"), fbtest.Chunk(events...))
	got, err := fbtest.Decode(out)
	if err != nil || len(got) != 1 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	for _, line := range *lines {
		if text, ok := strings.CutPrefix(line, "2 "); ok {
			warnings = append(warnings, text)
		}
	}
	return got[0].Record, warnings
}

// TestNames: a record has the names that the node's files give its pod, unless they are switched
// off. Elsewhere nothing is found, and nothing is said.
func TestNames(t *testing.T) {
	node, err := filepath.Abs("../../testdata/node/root")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		what   string
		config []string
		pod    any
	}{
		{"on the node", []string{"Root_Path", node}, "cart-0"},
		{"switched off", []string{"Root_Path", node, "Names", "off"}, nil},
		{"on another machine", []string{"Root_Path", t.TempDir()}, nil},
	} {
		record, warnings := podRecord(t, tc.config...)
		if record["k8s.pod.name"] != tc.pod || record["k8s.pod.uid"] != "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f" {
			t.Errorf("%s: %v", tc.what, record)
		}
		if body, _ := record["body"].(string); strings.Contains(body, "app of pod shop/cart-0") != (tc.pod != nil) {
			t.Errorf("%s: %q", tc.what, body)
		}
		if record["process.real_user.name"] != nil || record["oom.names.doubt"] != nil || len(warnings) > 0 {
			t.Errorf("%s: %v, %q", tc.what, record, warnings)
		}
	}
}

// TestNamesWithoutARoot: a root that does not exist is one warning with key, value and remedy, and
// the check before a reload says nothing.
func TestNamesWithoutARoot(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	record, warnings := podRecord(t, "Root_Path", absent)
	if record["k8s.pod.name"] != nil || len(warnings) != 1 {
		t.Fatalf("%v, %q", record, warnings)
	}
	for _, part := range []string{`Root_Path: "` + absent + `": no such file or directory`, "mount", "switch names off"} {
		if !strings.Contains(warnings[0], part) {
			t.Errorf("%q lacks %q", warnings[0], part)
		}
	}
	config := pairs{"Root_Path", absent}
	if err := Check(config.get, config.keys()); err != nil {
		t.Error(err)
	}
}

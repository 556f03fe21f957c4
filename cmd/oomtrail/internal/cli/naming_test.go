// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// A pod's kill, and the root directory of its node.
const (
	podCapture = testdata + "6.12/e_k8s_systemd/kmsg.raw"
	nodeRoot   = "../../../../testdata/node/root"
)

// TestNames: parse and explain name a pod by the files below -root.
func TestNames(t *testing.T) {
	for _, tc := range []struct {
		args        []string
		want, wants string
		named       bool
	}{
		{[]string{"parse", "--root", nodeRoot}, `"k8s.namespace.name":"shop"`, `"k8s.pod.name":"cart-0"`, true},
		{[]string{"parse", "--root", nodeRoot}, `"k8s.container.name":"app"`, `"k8s.container.restart_count":3`, true},
		{[]string{"parse", "--root", nodeRoot, "--names=false"}, "cart-0", "shop", false},
		{[]string{"parse", "--root", t.TempDir()}, "cart-0", "shop", false},
		{[]string{"parse"}, "cart-0", "shop", false},
		{[]string{"parse", "--root", nodeRoot, "-o", "text"}, "cart-0", "shop", true},
		{[]string{"explain", "--root", nodeRoot}, "cart-0", "shop", true},
		{[]string{"explain", "--root", nodeRoot, "--names=false"}, "cart-0", "shop", false},
	} {
		code, out, errOut := call(t, "", append(tc.args, podCapture)...)
		if code != exitOK || errOut != "" || !strings.Contains(out, "app-main") {
			t.Errorf("%q: exit %d, %s%s", tc.args, code, errOut, out)
		}
		for _, want := range []string{tc.want, tc.wants} {
			if strings.Contains(out, want) != tc.named {
				t.Errorf("%q: %s: %s", tc.args, want, out)
			}
		}
		if strings.Contains(out, "process.real_user.name") {
			t.Errorf("%q: a file is not this machine's own log: %s", tc.args, out)
		}
	}
}

// TestNamesInReport: a typed report names the victim's workload and that of the limit, and no more
// than is known.
func TestNamesInReport(t *testing.T) {
	name := func(args ...string) map[string]map[string]any {
		code, out, errOut := call(t, "", append(args, podCapture)...)
		var r struct {
			Names map[string]map[string]any `json:"names"`
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitOK || errOut != "" {
			t.Fatalf("%q: %v, exit %d, %s", args, err, code, errOut)
		}
		return r.Names
	}
	want := map[string]any{"namespace": "shop", "pod": "cart-0", "container": "app", "restart_count": 3.0}
	got := name("report", "--root", nodeRoot)
	for _, of := range []string{"victim", "limit"} {
		for key, value := range want {
			if got[of][key] != value {
				t.Errorf("%s: %s is %v, want %v", of, key, got[of][key], value)
			}
		}
	}
	for _, args := range [][]string{{"report", "--root", nodeRoot, "--names=false"}, {"report", "--root", t.TempDir()}} {
		if got := name(args...); got != nil {
			t.Errorf("%q: %v", args, got)
		}
	}
}

// TestNamesWithoutARoot: a root that does not exist is one error with flag, value and remedy,
// however many inputs there are. Records are as they were.
func TestNamesWithoutARoot(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	_, before, _ := call(t, "", "parse", "--names=false", podCapture)
	code, out, errOut := call(t, "", "parse", "--root", absent, podCapture, podCapture)
	if code != exitRead || out != before {
		t.Errorf("exit %d, %s\nwant %s", code, out, before)
	}
	if want := `--root: "` + absent + `": no such file or directory`; strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, want) {
		t.Errorf("got %q, want one line with %q", errOut, want)
	}
}

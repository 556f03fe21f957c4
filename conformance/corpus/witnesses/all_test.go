// SPDX-License-Identifier: Apache-2.0

package witnesses

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestEveryScenario: each scenario of the guest has its capture, and the other way round.
func TestEveryScenario(t *testing.T) {
	script, err := os.ReadFile("guest/capture.py")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range regexp.MustCompile(`(?:Run|earlyoom|audit|scenario)\(\s*"([a-z0-9-]+)"|\("(nohang-[a-z]+)", \[`).FindAllSubmatch(script, -1) {
		want = append(want, string(m[1])+string(m[2]))
	}
	for _, c := range load(t) {
		got = append(got, c.Name)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("captures %q, scenarios %q", got, want)
	}
}

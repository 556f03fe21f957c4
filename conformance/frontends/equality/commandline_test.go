// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
)

// buildCommand builds the command and returns its path.
func buildCommand(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "oomtrail")
	if out, err := exec.Command("go", "build", "-o", program, "../../../cmd/oomtrail").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

func TestCommandLine(t *testing.T) {
	program := buildCommand(t)
	list := load(t)
	var got []contract.Record
	for _, c := range list {
		cmd := exec.Command(program, "parse")
		cmd.Stdin = bytes.NewReader(c.Kmsg)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(out) {
			r, err := contract.FromJSON(line)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
		}
	}
	check(t, got, expected(t, list, Kmsg, parser.Options{}))
}

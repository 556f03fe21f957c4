// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestWrongValueOfEveryFlag: of each command, each flag that has wrong values answers one with one
// line that names flag and value and says what to use.
func TestWrongValueOfEveryFlag(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere", "at-all")
	wrong := map[string][]string{
		"all": {"perhaps"}, "by": {"colour", "PODS"}, "color": {"red", ""}, "format": {"pigeon", "dmesgs"}, "kill": {"none", "0", "-1", "1.5"}, "limit": {"many", "-1", "99999999999999999999"},
		"location": {"Mars/Base", "Europe/berlin2"}, "memory-stat": {"some"}, "names": {"perhaps"}, "observations": {"few"}, "original": {"perhaps"},
		"output": {"xml", "html2", "JSON5", ""}, "pid": {"nginx", "0", "-5"}, "root": {nowhere}, "sigkill": {"perhaps"},
		"since": {"soon", "", "2026-13-45", "7x", "-7q"}, "source": {"tape"}, "tasks-top": {"many", "51", "-1"}, "trust": {"me"},
		"until": {"soon", "", "31.12.2026"}, "interval": {"often", "1ms", "-1s", "5"}, "sample": {"often", "-1s", "5"}, "watch": {"perhaps"}, "verify": {"perhaps"},
		"warnings": {"perhaps"}, "warn-cgroup": {"/a//b", "/a/"}, "warn-near-limit": {"much", "90", "NaN"}, "warn-available": {"much", "-0.1", "Inf"}, "warn-pressure": {"much", "0"},
		"warn-per-minute": {"many", "0"},
		"verbose":         {"perhaps"}, "version": {"perhaps"}, "written": {"soon", "yesterday", "1969-01-01"},
	}
	anything := map[string]string{"help": "cobra's own", "host-name": "any name is one", "state": "a file that is made", "no-descriptions": "cobra's own"}
	log := written(t, "kern.log", []byte("[  100.000002] Out of memory: Killed process 5 (hog) "+hog))
	tried := 0
	root := newRoot(&stdio{ctx: t.Context()})
	everyCommand(root, func(c *cobra.Command) {
		if !c.Runnable() {
			return
		}
		try := func(f *pflag.Flag) {
			values := wrong[f.Name]
			for _, subject := range subjectNames() {
				if f.Name == subject {
					values = []string{""}
				}
			}
			if values == nil && anything[f.Name] == "" {
				t.Errorf("%s --%s: which values are wrong?", c.CommandPath(), f.Name)
			}
			for _, value := range values {
				args := append(strings.Fields(c.CommandPath())[1:], "--"+f.Name+"="+value)
				if c.Flags().Lookup("format") != nil {
					args = append(args, log)
				}
				tried++
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // a follow that begins has no end
				var o, e bytes.Buffer
				code := Run(ctx, args, strings.NewReader(""), &o, &e)
				cancel()
				out, errOut := o.String(), e.String()
				want := exitUsage
				if value == nowhere { // no wrong usage
					want = exitRead
				}
				if code != want || strings.Count(errOut, "\n") != 1 || want == exitUsage && out != "" {
					t.Errorf("%q: exit %d, %s%s", args, code, out, errOut)
					continue
				}
				if !strings.Contains(errOut, "--"+f.Name) || value != "" && !strings.Contains(errOut, value) || !strings.Contains(errOut, ": ") ||
					!strings.Contains(errOut, " use ") && !strings.Contains(errOut, " see ") && want == exitUsage {
					t.Errorf("%q: %s", args, errOut)
				}
			}
		}
		c.LocalFlags().VisitAll(try)
		c.InheritedFlags().VisitAll(try)
	})
	if tried < 200 {
		t.Errorf("%d tries", tried)
	}
}

// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/parser"
)

// fluentBit returns the Fluent Bit that FLUENT_BIT names, else the one on the PATH, with the filter
// as it is shipped.
func fluentBit(t *testing.T) FluentBit {
	t.Helper()
	program := os.Getenv("FLUENT_BIT")
	if program == "" {
		program, _ = exec.LookPath("fluent-bit")
	}
	if program == "" {
		t.Skip("NOT RUN: this test needs Fluent Bit: put fluent-bit on the PATH or name it by FLUENT_BIT")
	}
	return FluentBit{Program: program, Plugin: plugin(t)}
}

// TestFluentBitKmsg gives each capture to the in_kmsg of a process of its own: none outlives the
// machine it reads of.
func TestFluentBitKmsg(t *testing.T) {
	fb := fluentBit(t)
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: this test needs root, to put captures in the place of /dev/kmsg")
	}
	// A capture without a record gives nothing to wait for.
	list := slices.DeleteFunc(load(t), func(c *captures.Capture) bool {
		want, err := Expected([]*captures.Capture{c}, Kmsg, inKmsgTrust)
		return err == nil && len(want) == 0
	})
	answers := make(chan answer)
	atOnce := make(chan struct{}, 8)
	for _, c := range list {
		dir, own := t.TempDir(), fb
		own.Kmsg = filepath.Join(dir, "kmsg")
		kmsgDevice(t, own.Kmsg, append(bytes.Clone(c.Kmsg), lastWords...))
		want := expected(t, []*captures.Capture{c}, Kmsg, inKmsgTrust)
		go func() {
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			got, err := own.Run(dir, "[INPUT]\n    Name kmsg\n    Tag kernel\n", len(want))
			answers <- answer{got, err}
		}()
	}
	var got []contract.Record
	for range list {
		a := <-answers
		if a.err != nil {
			t.Error(a.err)
		}
		got = append(got, a.records...)
	}
	check(t, got, expected(t, list, Kmsg, inKmsgTrust))
}

// answer is what one of several processes gave.
type answer struct {
	records []contract.Record
	err     error
}

// TestFluentBitTail gives each capture to in_tail as rsyslog would have written it to a file, under
// a tag of its own.
func TestFluentBitTail(t *testing.T) {
	fb := fluentBit(t)
	list := load(t)
	dir := copies(t, list, KernLog)
	want := expected(t, list, KernLog, parser.Options{})
	got, err := fb.Run(t.TempDir(), fmt.Sprintf("[INPUT]\n    Name tail\n    Tag kern.*\n    Path %s/*.log\n    Read_From_Head true\n    Buffer_Max_Size 1M\n", dir), len(want))
	if err != nil {
		t.Fatal(err)
	}
	check(t, got, want)
}

// KernLog is the log as rsyslog writes it to a file: the kernel hands a record of several lines out
// as so many, each with its stamp.
func KernLog(c *captures.Capture) []byte {
	var b bytes.Buffer
	for _, k := range fbtest.ReadKmsg(append(bytes.Clone(c.Kmsg), lastWords...)) {
		for _, line := range strings.Split(k.Text, `\x0a`) {
			k.Text = line
			b.WriteString(k.InTail("node-1").Record[0].Value.(string) + "\n")
		}
	}
	return b.Bytes()
}

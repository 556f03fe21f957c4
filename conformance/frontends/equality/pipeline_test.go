// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
)

// pipeline writes a collector's configuration: receivers and processors by name, with their
// settings as YAML that is indented by four blanks. They are one logs pipeline, which ends in a
// file.
func pipeline(receivers, processors []component) string {
	var b strings.Builder
	section := func(title string, list []component) (names []string) {
		if len(list) > 0 {
			fmt.Fprintf(&b, "%s:\n", title)
		}
		for _, c := range list {
			fmt.Fprintf(&b, "  %s:\n%s", c.name, c.settings)
			names = append(names, c.name)
		}
		return names
	}
	in := section("receivers", receivers)
	through := section("processors", processors)
	fmt.Fprintf(&b, `exporters:
  file:
    path: OUT
    flush_interval: 100ms
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [%s]
      processors: [%s]
      exporters: [file]
`, strings.Join(in, ", "), strings.Join(through, ", "))
	return b.String()
}

// component is one receiver or processor of a pipeline.
type component struct{ name, settings string }

// receiverOfFiles reads all NAME.log of a directory with the receiver.
func receiverOfFiles(dir, emit string) component {
	return component{"oom_kill", fmt.Sprintf(`    source: file
    file: {include: [%q], format: kmsg}
    start_at: beginning
    report_timeout: 1s
    emit: %s
`, dir+"/*.log", emit)}
}

// fileLog reads all NAME.log of a directory with the collector's own receiver, whose lines are the
// processor's to read.
func fileLog(dir string) component {
	return component{"file_log", fmt.Sprintf(`    include: [%q]
    start_at: beginning
    include_file_path: true
    preserve_leading_whitespaces: true
    preserve_trailing_whitespaces: true
    encoding: nop
`, dir+"/*.log")}
}

func processor(name, mode string) component {
	return component{name, fmt.Sprintf("    mode: %s\n    report_timeout: 1s\n", mode)}
}

// throughPipeline runs the collector until it has written all that is expected, and compares.
func throughPipeline(t *testing.T, receivers, processors []component, want []contract.Record) {
	t.Helper()
	got, err := Collector(collectorBinary(t), t.TempDir(), pipeline(receivers, processors), len(want))
	if err != nil {
		t.Fatal(err)
	}
	check(t, got, want)
}

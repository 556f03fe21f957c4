// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"strings"
	"testing"
)

// TestTornLines parses reports whose long lines another CPU's lines tore apart, from /dev/kmsg,
// where the pieces are marked, and from syslog(2) and a console, where nothing marks them.
func TestTornLines(t *testing.T) {
	for i, name := range []string{"4.9", "4.14", "4.20", "5.0", "5.2", "rhel8.3", "5.10", "6.1", "6.12", "7.3"} {
		k := KernelNamed(name)
		for j, s := range Scenarios {
			if !s.Possible(k) {
				continue
			}
			for _, format := range []string{"kmsg", "syslog(2)", "console", "journalctl short-monotonic"} {
				checkTorn(t, k, s, int64(i+j), FormatNamed(format))
			}
		}
	}
}

func checkTorn(t *testing.T, k Kernel, s Scenario, seed int64, format Format) {
	t.Helper()
	checkMixed(t, k, s, seed, format, "torn", func(records []Record) []byte {
		torn, whole := Torn(records)
		text, _ := format.Put(torn)
		if format.Name == "kmsg" {
			text = markPieces(text, whole)
		}
		return text
	})
}

// markPieces gives the pieces of torn lines the flag that /dev/kmsg shows for them.
func markPieces(text []byte, whole []bool) []byte {
	var out bytes.Buffer
	record := 0
	for _, line := range strings.SplitAfter(string(text), "\n") {
		if line != "" && line[0] != ' ' {
			if !whole[record] {
				line = strings.Replace(line, ",-;", ",c;", 1)
			}
			record++
		}
		out.WriteString(line)
	}
	return out.Bytes()
}

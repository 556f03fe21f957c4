// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

// TestExplainHTML: the file for a browser says what the page of a terminal says, with the lines of
// the log; of an event that the kernel has no report of, too.
func TestExplainHTML(t *testing.T) {
	for input, lines := range map[string]int{
		testdata + "6.12/e_k8s_systemd/kmsg.raw": 98, testdata + "6.12/l_panic2_global/kmsg.raw": 50, "../../../../testdata/witnesses/earlyoom-term/journal.json": 1,
		"../../../../testdata/witnesses/oomd-swap/journal.json": 1,
	} {
		code, file, notes := call(t, "", "explain", "-o", "html", "--names=false", input)
		if code != exitOK || notes != "" || !strings.HasPrefix(file, "<!DOCTYPE html>\n<html lang=\"en\">") || !strings.HasSuffix(file, "</html>\n") {
			t.Fatalf("%s: exit %d, %s%.200s", input, code, notes, file)
		}
		_, text, _ := call(t, "", "explain", "--names=false", input)
		title := html.UnescapeString(regexp.MustCompile(`<h1[^>]*>([^<]*)</h1>`).FindStringSubmatch(file)[1])
		if !strings.HasPrefix(strings.ReplaceAll(text, "\n", " "), title) {
			t.Errorf("%s: %q, the page of a terminal has\n%s", input, title, text)
		}
		if n := strings.Count(file, `<td class="text">`); n < lines || lines == 1 && n != 1 {
			t.Errorf("%s: %d lines, want %d", input, n, lines)
		}
		if strings.Contains(file, "<script") || strings.Contains(file, "http:") && !strings.Contains(file, `xmlns="http:`) || strings.Contains(file, "https:") {
			t.Errorf("%s: the file loads something", input)
		}
	}
}

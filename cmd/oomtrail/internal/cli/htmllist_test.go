// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// element is one of a file of HTML, which is XML as well.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

// readHTML reads a file of HTML back.
func readHTML(t *testing.T, file string) *element {
	t.Helper()
	var root element
	if err := xml.Unmarshal([]byte(file), &root); err != nil {
		t.Fatalf("%v in %.2000s", err, file)
	}
	return &root
}

// all returns the elements below one that have a name.
func (e *element) all(name string) (found []*element) {
	for i := range e.Children {
		c := &e.Children[i]
		if c.XMLName.Local == name {
			found = append(found, c)
		}
		found = append(found, c.all(name)...)
	}
	return found
}

func (e *element) words() string {
	text := e.Text
	for i := range e.Children {
		text += e.Children[i].words()
	}
	return text
}

func (e *element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// labelled returns the table with a label, nil where there is none.
func (e *element) labelled(label string) *element {
	for _, div := range e.all("div") {
		if div.attr("aria-label") == label {
			return div
		}
	}
	return nil
}

// cellsAgree compares the rows of a table of HTML with those of the same in plain text.
func cellsAgree(t *testing.T, of *element, table string) {
	t.Helper()
	if of == nil {
		t.Fatal("no table")
	}
	lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")[1:]
	rows := of.all("tbody")[0].all("tr")
	if len(rows) != len(lines) {
		t.Fatalf("%d rows, the table has %d", len(rows), len(lines))
	}
	for i, row := range rows {
		rest := lines[i]
		for _, cell := range append(row.all("th"), row.all("td")...) {
			words := strings.TrimSpace(cell.words())
			before, after, found := strings.Cut(rest, words)
			if !found || strings.TrimSpace(before) != "" && !strings.HasSuffix(before, " ") {
				t.Errorf("the cell %q is not in %q", words, lines[i])
				break
			}
			rest = after
		}
	}
}

// TestHTMLIsTheTable: a list as HTML has the cells of the table on a terminal, and the number of a
// row leads to the page that explain writes of that kill.
func TestHTMLIsTheTable(t *testing.T) {
	captures, err := filepath.Glob(testdata + "6.12/*/kmsg.raw")
	if err != nil || len(captures) < 10 {
		t.Fatal(err, captures)
	}
	witnesses, err := filepath.Glob("../../../../testdata/witnesses/*/journal.json")
	if err != nil || len(witnesses) < 10 {
		t.Fatal(err, witnesses)
	}
	two := []string{testdata + "6.12/c_memcg_v2/kmsg.raw", testdata + "6.12/c_memcg_v2/syslog.raw", testdata + "6.12/f_oomgroup/kmsg.raw"}
	inputs := [][]string{{"testdata/nodes"}, {"--since", "2026-05-02", "testdata/nodes"}, captures, witnesses, two, {"--pod", "*", "--root", nodeRoot, podCapture}}
	for _, capture := range append(captures, witnesses...) {
		inputs = append(inputs, []string{capture})
	}
	pages := 0
	for _, args := range inputs {
		args = append([]string{"--location", "UTC"}, args...)
		_, table, _ := call(t, "", append([]string{"-o", "wide"}, args...)...)
		code, file, notes := call(t, "", append([]string{"-o", "html"}, args...)...)
		if code != exitOK {
			t.Fatalf("%q: exit %d, %s", args, code, notes)
		}
		root := readHTML(t, file)
		if table == "" {
			if !strings.HasPrefix(root.all("h1")[0].words(), "No ") {
				t.Errorf("%q: %s", args, root.all("h1")[0].words())
			}
			continue
		}
		cellsAgree(t, root.labelled("The kills"), table)
		for _, div := range root.all("div") {
			number, is := strings.CutPrefix(div.attr("id"), "kill-")
			if !is || pages > 60 {
				continue
			}
			pages++
			_, one, _ := call(t, "", append([]string{"explain", "-o", "html", "--kill", number}, args...)...)
			if got, want := div.all("article")[0].words(), readHTML(t, one).all("article")[0].words(); got != want {
				t.Errorf("%q: the page of kill %s is\n%s, explain writes\n%s", args, number, got, want)
			}
		}
	}
	if pages < 60 {
		t.Errorf("%d pages", pages)
	}
}

// TestTopHTMLIsTheTable: so does a count, with a bar for each share.
func TestTopHTMLIsTheTable(t *testing.T) {
	for _, args := range [][]string{{"--by", "process"}, {"--by", "pod,cause"}, {"--by", "host", "--all"}, {"--limit", "1"}} {
		args = append(append([]string{"top", "--location", "UTC"}, args...), "testdata/nodes")
		_, table, said := call(t, "", append(args, "-o", "wide")...)
		code, file, notes := call(t, "", append(args, "-o", "html")...)
		if code != exitOK {
			t.Fatal(code, notes)
		}
		root := readHTML(t, file)
		cellsAgree(t, root.labelled(root.all("h1")[0].words()), table)
		widest := 0.0
		for _, rect := range root.all("rect") {
			var width float64
			if _, err := fmt.Sscanf(rect.attr("width"), "%f%%", &width); err != nil {
				t.Fatal(err)
			}
			widest = max(widest, width)
		}
		if widest != 100 || len(root.all("rect")) != strings.Count(table, "\n")-1 {
			t.Errorf("%q: %d bars, the widest of %v %%", args, len(root.all("rect")), widest)
		}
		if _, more, _ := strings.Cut(said, "oomtrail: 1 more row"); more != "" && !strings.Contains(root.words(), "1 more row not shown") {
			t.Error("it is not said that rows are left out")
		}
	}
}

// TestHTMLOfNothing: where there is no kill, the file says so in a sentence, and why.
func TestHTMLOfNothing(t *testing.T) {
	deaths := filepath.Join(t.TempDir(), "syslog")
	if err := os.WriteFile(deaths, []byte("2026-05-01T12:00:00.000000+00:00 web1 systemd[1]: nginx.service: Main process exited, code=killed, status=9/KILL\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		args  []string
		stdin string
		code  int
		want  []string
	}{
		"no kill":       {[]string{"-o", "html"}, "Jan  1 00:00:00 h kernel: [    1.000000] usb 1-1: new device\n", exitOK, []string{"No out-of-memory kill was found", "1 line of syslog", "Exit code 137"}},
		"empty":         {[]string{"-o", "html"}, "", exitOK, []string{"No out-of-memory kill was found", "There was nothing to read."}},
		"explain":       {[]string{"explain", "-o", "html"}, "", exitOK, []string{"No out-of-memory kill was found", "There was nothing to read."}},
		"explain death": {[]string{"explain", "-o", "html", deaths}, "", exitOK, []string{"No out-of-memory kill was found", "Exit code 137", "But the input shows 1 death by SIGKILL"}},
		"explain other": {[]string{"explain", "-o", "html", "--unit", "x", "testdata/nodes"}, "", exitOK, []string{"No kill matches --unit x; the input has 4 others"}},
		"explain gone":  {[]string{"explain", "-o", "html", "testdata/missing"}, "", exitRead, []string{"Not everything could be read: "}},
		"another":       {[]string{"-o", "html", "--unit", "x", "testdata/nodes"}, "", exitOK, []string{"No out-of-memory kill was found", "No kill matches --unit x; the input has 4 others"}},
		"top":           {[]string{"top", "-o", "html", "--by", "pod"}, "", exitOK, []string{"0 kills by pod", "There was nothing to read."}},
		"top no kill":   {[]string{"top", "-o", "html", "--by", "pod", testdata + "6.12/m_nokill_write/kmsg.raw"}, "", exitOK, []string{"0 kills by pod", "No kill among"}},
		"missing":       {[]string{"-o", "html", "testdata/nodes", "testdata/missing"}, "", exitRead, []string{"4 kills", "Not everything could be read: ", "testdata/missing"}},
		"missing alone": {[]string{"-o", "html", "testdata/missing"}, "", exitRead, []string{"Not everything could be read: "}},
	} {
		code, file, _ := call(t, c.stdin, c.args...)
		if code != c.code {
			t.Errorf("%s: exit %d", what, code)
		}
		text := readHTML(t, file).words()
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: lacks %q in %q", what, want, text[strings.Index(text, "}}")+2:])
			}
		}
	}
}

// manyKills writes a log of kills, a minute apart.
func manyKills(t *testing.T, n int) string {
	t.Helper()
	log, err := os.ReadFile("testdata/nodes/node-1/kern.log")
	if err != nil {
		t.Fatal(err)
	}
	stamp := regexp.MustCompile(`(?m)^\S+`)
	uptime := regexp.MustCompile(`\[ *[0-9.]+\]`)
	var b strings.Builder
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		one := stamp.ReplaceAllString(string(log), at.Add(time.Duration(i)*time.Minute).Format("2006-01-02T15:04:05.000000-07:00"))
		b.WriteString(uptime.ReplaceAllStringFunc(one, func(string) string { return fmt.Sprintf("[%12.6f]", float64(1000+60*i)) }))
	}
	file := filepath.Join(t.TempDir(), "kern.log")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestHTMLOfManyKills: of many kills the newest have their page in the file, and all a place in the
// timeline and a row.
func TestHTMLOfManyKills(t *testing.T) {
	_, file, notes := call(t, "", "-o", "html", "--location", "UTC", manyKills(t, 300))
	root := readHTML(t, file)
	if !strings.HasPrefix(root.all("h1")[0].words(), "300 kills, 2026-05-01 00:00:00 to 04:59:00 (UTC)") {
		t.Error(root.all("h1")[0].words(), notes)
	}
	var linked []string
	for _, link := range root.all("a") {
		linked = append(linked, link.words())
	}
	var want []string
	for i := 251; i <= 300; i++ {
		want = append(want, fmt.Sprint(i))
	}
	if !slices.Equal(linked, want) {
		t.Errorf("pages of %q", linked)
	}
	if rows := len(root.labelled("The kills").all("tbody")[0].all("tr")); rows != 300 {
		t.Errorf("%d rows", rows)
	}
}

// SPDX-License-Identifier: Apache-2.0

package output

import (
	"regexp"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/oomtrail/oomtrail/internal/column"
)

type row struct {
	name  string
	count int64
	known bool
}

var columns = []column.Column[row]{
	{Title: "COUNT", Name: "count", In: column.Table, Right: true, Value: func(r *row) any {
		if !r.known {
			return nil
		}
		return r.count
	}},
	{Title: "NAME", Name: "name", In: column.Table, Shrink: true, Value: func(r *row) any { return r.name }},
	{Title: "WIDE", Name: "wide", In: column.Wide, Value: func(r *row) any { return 1.5 }},
	{Title: "NEVER", Name: "never", In: column.Table, Value: func(*row) any { return nil }},
	{Name: "machine", In: column.Programs, Value: func(r *row) any { return len(r.name) }},
}

func rendered(t *testing.T, f Format, o Options, rows ...row) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, f, columns, rows, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	rows := []row{{"java", 12, true}, {"a|b \"c\",\td\n\x1b[31m", 3, true}, {"=cmd()", 0, false}}
	for f, want := range map[Format]string{
		Table:    "COUNT  NAME\n   12  java\n    3  a|b \"c\",\\x09d\\x0a\\x1b[31m\n       =cmd()\n",
		Wide:     "COUNT  NAME                       WIDE\n   12  java                       1.5\n    3  a|b \"c\",\\x09d\\x0a\\x1b[31m  1.5\n       =cmd()                     1.5\n",
		JSON:     `{"count":12,"name":"java","wide":1.5,"machine":4}` + "\n" + `{"count":3,"name":"a|b \"c\",\td\n\u001b[31m","wide":1.5,"machine":16}` + "\n" + `{"name":"=cmd()","wide":1.5,"machine":6}` + "\n",
		CSV:      "count,name,wide,never,machine\n12,java,1.5,,4\n3,\"a|b \"\"c\"\",\\x09d\\x0a\\x1b[31m\",1.5,,16\n,'=cmd(),1.5,,6\n",
		TSV:      "count\tname\twide\tnever\tmachine\n12\tjava\t1.5\t\t4\n3\t\"a|b \"\"c\"\",\\x09d\\x0a\\x1b[31m\"\t1.5\t\t16\n\t'=cmd()\t1.5\t\t6\n",
		Markdown: "| COUNT | NAME |\n| ---:| --- |\n| 12 | java |\n| 3 | a\\|b \"c\",\\x09d\\x0a\\x1b\\[31m |\n|  | =cmd() |\n",
	} {
		if got := rendered(t, f, Options{}, rows...); got != want {
			t.Errorf("%s:\n%q, want\n%q", f, got, want)
		}
	}
	if Write(&strings.Builder{}, Text, columns, rows, Options{}) == nil {
		t.Error("text is no output of rows")
	}
}

// TestWidth: a table fits into its terminal as long as columns can shrink, wide characters and
// colours count what they show, and no line ends in blanks.
func TestWidth(t *testing.T) {
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	rows := []row{{strings.Repeat("long-", 30) + "end", 1, true}, {strings.Repeat("漢字", 40), 22222, true}, {"short", 3, true}}
	for _, color := range []bool{false, true} {
		for _, width := range []int{0, 20, 30, 79} {
			got := escapes.ReplaceAllString(rendered(t, Table, Options{Width: width, Color: color}, rows...), "")
			for line := range strings.Lines(got) {
				line = strings.TrimSuffix(line, "\n")
				if n := text.StringWidth(line); width > 0 && n > width || n > 7+widest {
					t.Errorf("width %d: %d columns: %s", width, n, line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Errorf("blanks at the end of %q", line)
				}
			}
			if lines := strings.Count(got, "\n"); lines != 4 || !strings.HasPrefix(got, "COUNT  NAME\n") || !strings.Contains(got, "…") || !strings.Contains(got, "-end") {
				t.Errorf("width %d: %d lines\n%s", width, lines, got)
			}
		}
	}
	if got := rendered(t, Wide, Options{Width: 30}, rows...); strings.Contains(got, "…") {
		t.Error("wide cuts")
	}
}

func TestEscapeMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"process_hog": "process_hog", "_x_": `\_x\_`, "<b>&": "&lt;b&gt;&amp;", "`ls` *x* [a](b)": "\\`ls\\` \\*x\\* \\[a\\](b)",
		"https://evil.example/": "https&#58;//evil.example/", "www.evil.example": "www&#46;evil.example", "a:b c.d": "a:b c.d",
		`a\x1b`: `a\x1b`, `a\`: `a\\`, `\|`: `\\|`, "@root me@x #12 a#1 # @": "&#64;root me@x &#35;12 a#1 # @",
	} {
		if got := EscapeMarkdown(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestFormulas: a text that a spreadsheet may take for a formula is marked as text; a number stays
// one.
func TestFormulas(t *testing.T) {
	for text, want := range map[string]string{"=1": "'=1", "  +1": "'  +1", "＝1": "'＝1", "@a": "'@a", "-a": "'-a", "a=1": "a=1", "": "", "\t=1": `\x09=1`} {
		if got := rendered(t, TSV, Options{}, row{text, -3, true}); !strings.Contains(got, "-3\t"+want+"\t") {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestFlag(t *testing.T) {
	f := Flag{Of: []Format{Text, JSON}}
	for _, c := range []struct{ value, err string }{
		{"csv", `unknown output "csv": use json or text`}, {"auto", "unknown output"}, {"", "unknown output"}, {"text", ""}, {"text", ""},
		{"json", "two outputs, text and json: give one"},
	} {
		err := f.Set(c.value)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %v, want %q", c.value, err, c.err)
		}
	}
}

// TestFit: where a terminal is too narrow, the least columns go before names become unreadable, and
// those that have to be there stay.
func TestFit(t *testing.T) {
	text := func(r *row) any { return r.name }
	some := []column.Column[row]{
		{Title: "KEPT", Value: func(*row) any { return "12345678" }},
		{Title: "FIRST", Drop: 2, Value: func(*row) any { return "12345" }},
		{Title: "SECOND", Drop: 1, Value: func(*row) any { return "123456" }},
		{Title: "EMPTY", Drop: 3, Value: func(*row) any { return nil }},
		{Title: "NAME", Shrink: true, Value: text},
	}
	rows := []row{{name: strings.Repeat("n", 40)}}
	for width, want := range map[int]string{0: "KEPT FIRST SECOND NAME", 80: "KEPT FIRST SECOND NAME", 45: "KEPT FIRST SECOND NAME", 44: "KEPT SECOND NAME", 38: "KEPT SECOND NAME", 37: "KEPT NAME", 1: "KEPT NAME"} {
		var titles []string
		for _, c := range Fit(some, rows, width) {
			titles = append(titles, c.Title)
		}
		if got := strings.Join(titles, " "); got != want {
			t.Errorf("%d: %s, want %s", width, got, want)
		}
		var b strings.Builder
		if err := Write(&b, Table, some, rows, Options{Width: width}); err != nil || strings.Join(strings.Fields(strings.Split(b.String(), "\n")[0]), " ") != want {
			t.Errorf("%d: %v: %s", width, err, b.String())
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

// FuzzWitnesses gives the parser lines of any program with any text, in every format: nothing
// panics, an input that nobody vouches for makes nothing verified, a user's entry makes nothing
// verified, a container's log makes no kill of a host's killer, and the two formats of a journal
// say the same.
func FuzzWitnesses(f *testing.F) {
	names := slices.Sorted(maps.Keys(authors))
	files, err := caseFiles(testdata)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		for _, c := range readCases(f, file) {
			var texts, by []string
			for _, l := range c.lines {
				texts = append(texts, strings.ReplaceAll(l.text, "\n", "\\n"))
				by = append(by, string(rune('A'+slices.IndexFunc(names, func(n string) bool { return authors[n] == l.by }))))
			}
			f.Add(strings.Join(by, ""), strings.Join(texts, "\n"), "ingest.service", "fe6faa94e7774663a0da52717891d8ef", true, uint16(10))
		}
	}
	f.Fuzz(func(t *testing.T, by, text, unit, id string, sigkill bool, step uint16) {
		texts := strings.Split(text, "\n")
		if len(texts) > 50 || len(text) > 8<<10 || strings.ContainsAny(unit+id, "\n\x00") {
			return
		}
		lines := make([]line, len(texts))
		writers := []rune(by)
		isForged := len(writers) > 0
		for i := range lines {
			a := authors["app"]
			if i < len(writers) {
				a = authors[names[int(uint32(writers[i]-'A')%uint32(len(names)))]]
			}
			isForged = isForged && a.forged
			lines[i] = line{by: a, text: texts[i], at: start.Add(time.Duration(i) * time.Duration(step) * time.Millisecond), more: [][2]string{{"UNIT", unit}, {"MESSAGE_ID", id}}}
		}
		var journal []string
		for i := range forms {
			form := &forms[i]
			o := form.options()
			o.Sigkill = sigkill
			var got []string
			for _, r := range read(t, form.input(lines), o) {
				got = append(got, r.UID())
				if r["oom.trust"] != "unverified" && (form.source == parser.TrustedNone || isForged) {
					t.Errorf("%s: %v is %v", form.name, r["event.name"], r["oom.trust"])
				}
				killer, _ := r["oom.killer"].(string)
				if name := r["event.name"]; form.container && (name == "oom.kill" || name == "oom.kill_attempt") && killer != "kernel" {
					t.Errorf("%s: %v of %v", form.name, name, killer)
				}
			}
			switch slices.Sort(got); form.name {
			case "journal":
				journal = got
			case "export":
				if strings.ToValidUTF8(text+unit+id, "") == text+unit+id && !slices.Equal(got, journal) {
					t.Errorf("export: %v, JSON %v", got, journal)
				}
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/parser/record"
)

// Near returns, of the names that records have for what is asked for, those that are most like the
// patterns: at most as many as most, the most like first. What is not like them is left out.
func (f *Filter) Near(records iter.Seq[*record.Record], most int) []string {
	type found struct {
		name  string
		apart int
	}
	nearest := map[string]int{}
	for r := range records {
		for i := range f.patterns {
			p := &f.patterns[i]
			want := strings.ToLower(strings.Trim(p.text, "*"))
			for _, name := range p.subject.texts(r) {
				if apart := apart(want, strings.ToLower(name)); apart <= bound(want) {
					if before, ok := nearest[name]; !ok || apart < before {
						nearest[name] = apart
					}
				}
			}
		}
	}
	var all []found
	for name, apart := range nearest {
		if _, shorter := nearest[strings.TrimSuffix(name, ".service")]; shorter && strings.HasSuffix(name, ".service") {
			continue // it is found by its short name too
		}
		all = append(all, found{name, apart})
	}
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.apart, b.apart), cmp.Compare(len(a.name), len(b.name)), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, of := range all[:min(most, len(all))] {
		names = append(names, of.name)
	}
	return names
}

// bound is how far apart two names are at most that are alike.
func bound(name string) int { return max(1, utf8.RuneCountInString(name)/3) }

// longest is how many characters of a name are compared.
const longest = 256

// apart is how many characters have to be put in, left out, changed, or swapped with the next one,
// to make one name of the other; 1 where one is part of the other.
func apart(a, b string) int {
	const shortest = 3 // parts that say something
	if a == b {
		return 0
	}
	if len(a) >= shortest && strings.Contains(b, a) || len(b) >= shortest && strings.Contains(a, b) {
		return 1
	}
	x, y := []rune(a), []rune(b)
	x, y = x[:min(len(x), longest)], y[:min(len(y), longest)]
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			change := 1
			if x[i] == y[j] {
				change = 0
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

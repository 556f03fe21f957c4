// SPDX-License-Identifier: Apache-2.0

package page

import (
	"math"
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/internal/plain"
)

// Tie stands for a blank inside a name, at which a line must not end: a no-break space, which no
// printable name has.
const Tie = "\u00a0"

// Untied is a text with blanks for its ties.
func Untied(s string) string { return strings.ReplaceAll(s, Tie, " ") }

// quoted puts a name that has blanks in quotes, so that nobody takes its words for the sentence's.
func quoted(name string) string {
	if strings.ContainsRune(name, ' ') {
		return `"` + strings.ReplaceAll(name, " ", Tie) + `"`
	}
	return name
}

// short is a name of at most twenty bytes.
func short(name string) string {
	return Untied(quoted(string(plain.AppendShort(nil, name, 20))))
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func times(n int64) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return number(n) + " times"
}

// Percent writes a share.
func Percent(part float64) string {
	if n := math.Round(100 * part); n >= 1 {
		return strconv.FormatFloat(n, 'f', 0, 64) + " %"
	}
	return "under 1 %"
}

// capital is a sentence with its first letter large.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

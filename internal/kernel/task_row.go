// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// ReadTask reads one row by the layout of its table into v, an empty task. It is false when s does
// not hold all numbers, or one that cannot be; then v holds anything. A row cut inside its name
// looks like a shorter name. The table learns from each row where its columns end.
func ReadTask(v *report.Task, s string, table *TaskTable) bool {
	if readAlignedTask(v, s, table) {
		return true
	}
	*v = report.Task{}
	return readPlainTask(v, s, table)
}

// readPlainTask is ReadTask byte by byte.
func readPlainTask(v *report.Task, s string, table *TaskTable) bool {
	pid, rest, ok := takeRowPID(s)
	if !ok {
		return false
	}
	v.PID = pid
	i := len(s) - len(rest)
	ends := ends{int32(i)}
	for k, c := range table.Columns[:table.Len] {
		field := i
		for i < len(s) && s[i] == ' ' {
			i++
		}
		if i == field {
			return false
		}
		minus := i < len(s) && s[i] == '-'
		if minus {
			i++
		}
		digits := i
		n := int64(0)
		for i < len(s) && isDigit(s[i]) {
			n = n*10 + int64(s[i]-'0')
			i++
		}
		if i-digits > mostDigits {
			if n, _, _ = takeInt(s[digits:]); n >= 0 || minus || c == report.ColUID || c == report.ColTGID || c == report.ColOOMScoreAdj {
				return false
			}
		}
		if i == digits || n > mostOf(c) {
			return false
		}
		if i == len(s) && i-field < lastWidth(c) {
			return false // a digit may be lost
		}
		if minus {
			n = -n
		}
		v.Values[c] = n
		ends[k+1] = int32(i)
	}
	table.ends = ends
	if i == len(s) {
		return true // the blank before an empty name was trimmed
	}
	v.Name = s[i+1:]
	return s[i] == ' ' && len(v.Name) <= longestName
}

// mostDigits is more digits than any value of a row has, and so few that they fit.
const mostDigits = 18

// mostOf bounds the values of a column: no address space has as many pages, nor tables as many
// bytes.
func mostOf(c report.Column) int64 {
	switch c {
	case report.ColUnknown:
		return 1<<63 - 1
	case report.ColPgtablesBytes:
		return 1 << 53
	}
	return 1 << 45
}

// longestName is the longest name in a row: a comm, each byte of it perhaps left escaped by the
// format, and some room for what a paste left after it.
const longestName = 8 * maxComm

// lastWidth is how wide the last column is with the spaces before it: a number that ends a line and
// reaches this far to the right has all its digits.
func lastWidth(c report.Column) int {
	switch c {
	case report.ColOOMScoreAdj: // "         %5hd"
		return 14
	case report.ColOOMAdj: // "     %3d"
		return 8
	}
	return 1 << 10
}

// takeRowPID cuts "[  123]" off the front of s.
func takeRowPID(s string) (pid int64, rest string, ok bool) {
	if len(s) < len("[1]") || s[0] != '[' {
		return 0, s, false
	}
	pid, rest, ok = takeUint(skipSpaces(s[1:]))
	if !ok || rest == "" || rest[0] != ']' {
		return 0, s, false
	}
	return pid, rest[1:], true
}

// isTaskRow reports whether s starts as a row does: "[pid]" and as many numbers as the narrowest
// table has.
func isTaskRow(s string) bool {
	_, rest, ok := takeRowPID(s)
	for i := 0; ok && i < MinColumns; i++ {
		if rest == "" || rest[0] != ' ' {
			return false
		}
		_, rest, ok = takeInt(skipSpaces(rest))
	}
	return ok
}

// MinColumns is the number of columns of 2.6.25's table between "[pid]" and the name. No later
// table has fewer.
const MinColumns = 6

// BeginsTaskRow reports whether s is a row broken off between two columns: "[pid]" and nothing but
// numbers.
func BeginsTaskRow(s string) bool {
	_, rest, ok := takeRowPID(s)
	if !ok || strings.TrimRight(rest, " ") == "" {
		return false
	}
	return strings.Trim(rest, "-0123456789 ") == ""
}

// TableOfRow returns the layout of a table whose head was lost, by one of its rows, where only one
// of the kernel's forms fits: by the width of the pid, the number of the columns and the wide space
// before the last of them. ok is false where several forms fit.
func TableOfRow(s string) (table TaskTable, ok bool) {
	_, rest, ok := takeRowPID(s)
	if !ok {
		return table, false
	}
	width := len(s) - len(rest) - len("[]")
	numbers := 0
	for {
		field := rest
		_, tail, isNumber := takeInt(skipSpaces(rest))
		if rest == "" || rest[0] != ' ' || !isNumber || numbers == report.MaxColumns {
			return table, false
		}
		numbers++
		if rest = tail; len(field)-len(tail) >= lastWidth(report.ColOOMScoreAdj) {
			break
		}
	}
	if rest != "" && rest[0] != ' ' {
		return table, false
	}
	for _, form := range [...]struct {
		width   int
		columns []report.Column
	}{
		{5, []report.Column{report.ColUID, report.ColTGID, report.ColTotalVM, report.ColRSS, report.ColNrPtes, report.ColNrPmds, report.ColSwapents, report.ColOOMScoreAdj}},                                                // 4.0 to 4.14
		{7, []report.Column{report.ColUID, report.ColTGID, report.ColTotalVM, report.ColRSS, report.ColPgtablesBytes, report.ColSwapents, report.ColOOMScoreAdj}},                                                           // 4.19 to 6.7
		{7, []report.Column{report.ColUID, report.ColTGID, report.ColTotalVM, report.ColRSS, report.ColRSSAnon, report.ColRSSFile, report.ColRSSShmem, report.ColPgtablesBytes, report.ColSwapents, report.ColOOMScoreAdj}}, // 6.8+
	} {
		if form.width == width && len(form.columns) == numbers {
			table.Len = copy(table.Columns[:], form.columns)
			return table, true
		}
	}
	return table, false
}

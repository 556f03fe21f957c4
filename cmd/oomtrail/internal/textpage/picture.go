// SPDX-License-Identifier: Apache-2.0

package textpage

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/internal/page"
)

// mostCells is how many characters the picture of memory has, where they fit.
const mostCells = 50

// cells is how many fit, with what they show behind them.
func (w *writer) cells() int { return min(mostCells, w.TextWidth()-28) }

// looks are the characters and colours of the parts. Processes that are named are numbered from 1.
var looks = [page.NumPartKinds]struct {
	mark  byte
	color string
}{
	page.PartVictim: {'#', red}, page.PartProcess: {'1', yellow}, page.PartProcesses: {'+', yellow}, page.PartHugetlb: {'h', cyan},
	page.PartShared: {'s', magenta}, page.PartCache: {'c', blue}, page.PartLocked: {'l', magenta}, page.PartKernel: {'k', cyan},
	page.PartSwap: {'w', blue}, page.PartFree: {'.', ""}, page.PartRest: {'?', ""},
}

// bar draws what held the memory that ran out.
func (w *writer) bar(b *page.Bar) {
	cells := divide(b, w.cells())
	w.line("")
	bar, named := []byte("["), byte(0)
	line, used := "", 0
	var legend []string
	for i := range b.Parts {
		part := &b.Parts[i]
		look := looks[part.Kind]
		if part.Kind == page.PartProcess {
			look.mark += named
			named++
		}
		bar = append(bar, w.colored(look.color, strings.Repeat(string(look.mark), cells[i]))...)
		if cells[i] == 0 {
			continue
		}
		text := string(look.mark) + " " + part.Name + " " + kill.Size(part.Bytes)
		if part.Kind == page.PartVictim {
			text += " (" + b.Percent(part) + ")"
		}
		n := utf8.RuneCountInString(text)
		if used > 0 && used+2+n > w.TextWidth() {
			legend = append(legend, line)
			line, used = "", 0
		}
		if used > 0 {
			line, used = line+"  ", used+2
		}
		line, used = line+w.colored(look.color, text), used+n
	}
	w.line(string(bar) + "]  " + kill.Size(b.Total) + " " + b.Whole)
	for _, line := range append(legend, line) {
		w.line(line)
	}
}

// divide gives each part its share of the cells: all of them together, and the largest remainders
// one more.
func divide(b *page.Bar, cells int) []int {
	whole := float64(max(b.Sum(), b.Total))
	shares := make([]int, len(b.Parts))
	order := make([]int, len(b.Parts))
	rest := make([]float64, len(b.Parts))
	left := cells
	for i := range b.Parts {
		exact := float64(b.Parts[i].Bytes) / whole * float64(cells)
		shares[i] = int(exact)
		order[i], rest[i] = i, exact-float64(shares[i])
		left -= shares[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:min(left, len(order))] {
		shares[i]++
	}
	return shares
}

// meter draws a share of 1.
func meter(share float64) string {
	const cells = 20
	n := min(cells, max(0, int(math.Round(100*share/100*cells))))
	return "[" + strings.Repeat("#", n) + strings.Repeat(".", cells-n) + "]"
}

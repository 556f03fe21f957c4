// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Measures of the picture, in pixels; a column is as wide as a character of the usual monospaced
// fonts at that size.
const (
	fontSize   = 14
	lineHeight = 19
	column     = 8.43
	margin     = 18
	titleBar   = 34
)

// style colours the picture for a light and for a dark page. Its classes are those of [classes].
const style = `
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; fill: #1f2328; white-space: pre; }
  .window { fill: #f6f8fa; stroke: #d1d9e0; }
  .bold { font-weight: bold; }
  .red { fill: #c01c28; }
  .green { fill: #1a7f37; }
  .yellow { fill: #8a5a00; }
  .blue { fill: #0550ae; }
  .magenta { fill: #8250df; }
  .cyan { fill: #0a6b74; }
  .dim { fill: #656d76; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .window { fill: #0d1117; stroke: #3d444d; }
    .red { fill: #ff7b72; }
    .green { fill: #3fb950; }
    .yellow { fill: #d29922; }
    .blue { fill: #79c0ff; }
    .magenta { fill: #d2a8ff; }
    .cyan { fill: #39c5cf; }
    .dim { fill: #9198a1; }
  }
`

// classes are the classes of the picture by the parameters of the terminal's colour sequence (SGR).
var classes = map[string]string{
	"1": "bold", "2": "dim", "31": "red", "32": "green", "33": "yellow", "34": "blue", "35": "magenta", "36": "cyan",
	"90": "dim", "91": "red", "92": "green", "93": "yellow", "94": "blue", "95": "magenta", "96": "cyan",
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Picture draws a terminal that shows a command and its coloured output, as SVG. It is an error if
// the output has a terminal sequence that is no colour of [classes].
func Picture(command, output string) (string, error) {
	lines := append([]string{"\x1b[2m$\x1b[0m " + command}, strings.Split(strings.TrimRight(output, "\n"), "\n")...)
	var text strings.Builder
	columns, class := 0, ""
	for i, line := range lines {
		fmt.Fprintf(&text, `<text x="%d" y="%d" xml:space="preserve">`, margin, titleBar+margin/2+(i+1)*lineHeight-5)
		width := 0
		for line != "" {
			part, rest, colour := strings.Cut(line, "\x1b[")
			width += utf8.RuneCountInString(part)
			writeSpan(&text, class, part)
			if !colour {
				break
			}
			parameters, after, found := strings.Cut(rest, "m")
			if !found {
				return "", fmt.Errorf("line %q of the output has a sequence that is no colour", lines[i])
			}
			var err error
			if class, err = classOf(parameters); err != nil {
				return "", err
			}
			line = after
		}
		columns = max(columns, width)
		text.WriteString("</text>\n")
	}
	width, height := int(float64(columns)*column)+2*margin, titleBar+len(lines)*lineHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s</style>\n", escaper.Replace(command), style)
	fmt.Fprintf(&b, `<rect class="window" x="0.5" y="0.5" width="%d" height="%d" rx="8"/>`+"\n", width-1, height-1)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="17" r="6" fill="%s"/>`+"\n", margin+4+i*20, colour)
	}
	b.WriteString(text.String())
	b.WriteString("</svg>\n")
	return b.String(), nil
}

// writeSpan writes text of one colour.
func writeSpan(b *strings.Builder, class, text string) {
	switch {
	case text == "":
	case class == "":
		b.WriteString(escaper.Replace(text))
	default:
		fmt.Fprintf(b, `<tspan class="%s">%s</tspan>`, class, escaper.Replace(text))
	}
}

// classOf returns the classes of the parameters of a colour sequence: "" for those that end it.
func classOf(parameters string) (string, error) {
	var all []string
	for p := range strings.SplitSeq(parameters, ";") {
		if p = strings.TrimLeft(p, "0"); p == "" {
			all = nil
			continue
		}
		class, ok := classes[p]
		if !ok {
			return "", fmt.Errorf("colour %q is not known: add it to classes", p)
		}
		all = append(all, class)
	}
	return strings.Join(all, " "), nil
}

// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// look has the functions that run in a page.
//
//go:embed look.js
var look string

// accessible checks that everybody can use what the tab shows, in light, in dark and on paper: by
// the checks of this package and by axe-core.
func (b *tab) accessible() {
	b.Helper()
	b.usable(b.axe)
}

// usable is accessible with other checks in the place of axe-core, which takes seconds on a large
// page.
func (b *tab) usable(more func(scheme string)) {
	b.Helper()
	b.exec(look)
	b.report("the page", b.findings("structure()"))
	b.named()
	for _, as := range [...][2]string{{"screen", "light"}, {"screen", "dark"}, {"print", "dark"}} {
		b.media(as[0], as[1])
		b.report(as[0]+", "+as[1], b.findings("contrast()"))
		if as[0] == "screen" {
			more(as[1])
		}
	}
	b.media("screen", "light")
}

// findings returns what a function of look.js found.
func (b *tab) findings(call string) []string {
	b.Helper()
	return eval[[]string](b, "look."+call)
}

// report reports what was found: the first of each kind is enough.
func (b *tab) report(where string, found []string) {
	b.Helper()
	if len(found) > 8 {
		found = append(found[:8], "…")
	}
	for _, f := range found {
		b.Errorf("%s: %s", where, f)
	}
}

// named checks that a screen reader has a name for everything that it stops at.
func (b *tab) named() {
	b.Helper()
	tree := run(b, func(ctx context.Context, t *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	stops := 0
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		role := value(n.Role)
		if slices.Contains([]string{"button", "link", "textbox", "checkbox", "combobox", "radio", "switch", "slider", "spinbutton", "DisclosureTriangle", "image", "img", "region", "article", "RootWebArea", "heading", "progressbar"}, role) {
			stops++
			if strings.TrimSpace(value(n.Name)) == "" {
				b.Errorf("a screen reader has no name for a %s", role)
			}
		}
	}
	if stops < 2 {
		b.Errorf("a screen reader stops at %d things", stops)
	}
}

// value is a value of the accessibility tree as a text.
func value(v *accessibility.Value) (s string) {
	if v != nil {
		json.Unmarshal(v.Value, &s) // another type has no text
	}
	return s
}

// axe checks the page by axe-core, where that is here.
func (b *tab) axe(scheme string) {
	b.Helper()
	if *axeFile == "" {
		return
	}
	source, err := os.ReadFile(*axeFile)
	if errors.Is(err, fs.ErrNotExist) {
		return // make says so
	}
	if err != nil {
		b.Fatal(err)
	}
	if !eval[bool](b, `"axe" in window`) {
		b.exec(string(source) + "\n")
	}
	options, least := "{}", 10
	if scheme == "dark" { // in which only the colors differ
		options, least = `{runOnly: ["color-contrast"]}`, 1
	}
	result := eval[struct {
		Passes     int
		Violations []string
	}](b, `axe.run(document, `+options+`).then(r => ({Passes: r.passes.length, Violations: r.violations.map(
		v => v.id + " (" + v.impact + "): " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + n.failureSummary).join(" | "))}))`)
	if result.Passes < least {
		b.Errorf("axe-core passed %d rules", result.Passes)
	}
	b.report("axe-core, "+scheme, result.Violations)
}

// walk presses Tab until the focus is where it began, and returns what had it. Each must be in
// sight and be seen to have it.
func (b *tab) walk() (stops []string) {
	b.Helper()
	b.exec(look + ";look.start()")
	for range 200 {
		b.do(chromedp.KeyEvent(kb.Tab))
		stop := eval[struct{ Name, Trouble string }](b, "look.focused()")
		if stop.Name == "" {
			return stops
		}
		if stop.Trouble != "" {
			b.Errorf("the focus on %s: %s", stop.Name, stop.Trouble)
		}
		stops = append(stops, stop.Name)
	}
	b.Error("the focus does not come to an end")
	return stops
}

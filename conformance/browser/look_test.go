// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"strings"
	"testing"
)

// bad is a page with a fault of each kind.
const bad = `<!DOCTYPE html><html><head><title> </title><style>
p.pale{color:#999;background:#fff}div.dark{background:#222}div.dark p{color:#444}p.tiny{font-size:9px}
svg .r{fill:#888}svg .t{fill:#aaa}div.wide{width:3000px}button:focus{outline:none}
</style></head><body><h1>One</h1><h3>Three</h3>
<p class="pale">pale words</p><div class="dark"><p>dark words</p></div><p class="tiny">tiny words</p>
<svg width="300" height="50"><rect class="r" width="300" height="50"/><text class="t" x="5" y="20">words on a part</text></svg>
<table><tr><th>a</th></tr><tr><td>b</td></tr></table><table><tr><td>c</td></tr></table>
<p id="two">x</p><p id="two">y</p><section aria-labelledby="nowhere">z</section><button id="later" tabindex="3">later</button><button id="first">first</button><div class="wide">wide</div>
</body></html>`

// TestLook: the checks of this package find each fault of a page that has one of each kind.
func TestLook(t *testing.T) {
	b := open(t, 1280, 800)
	b.show(file(t, []byte(bad)))
	b.exec(look)
	found := strings.Join(append(append(b.findings("structure()"), b.findings("contrast()")...), b.findings("wide()")...), "\n")
	for _, want := range [...]string{
		"no language", "no title", "not one main", `h3 "Three" comes after a heading of level 1`, "two elements have the id two", "refers to nowhere",
		"changes the order of the focus", "a picture that is neither named nor hidden", "a head without scope", "a table without heads",
		`too little contrast: p "pale words"`, `too little contrast: p "dark words"`, `too little contrast: text "words on a part"`, "letters of 9 px", "the page is 3008 px wide",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("it was not found: %s", want)
		}
	}
	if t.Failed() {
		t.Log(found)
	}
	b.exec("look.start(); document.getElementById('later').focus()")
	if stop := eval[struct{ Name, Trouble string }](b, "look.focused()"); stop.Trouble != "it cannot be seen" {
		t.Errorf("of a focus without a frame: %q", stop.Trouble)
	}
	for text, value := range map[string]string{"24 MiB": "25165824", "23.7 MiB": "24851251", "0 B": "0"} {
		if trouble := misread(text, value); trouble != "" {
			t.Errorf("%s is no %s: %s", text, value, trouble)
		}
	}
	for text, value := range map[string]string{"24 MiB": "25690113", "23.7 MiB": "24746394", "1 GiB": "1048576", "2 B": "x"} {
		if misread(text, value) == "" {
			t.Errorf("%s passes as %s", text, value)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package html

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"sync"
)

// policy lets a browser use the one style sheet of the page, and load and run nothing.
var policy = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(Style()))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
})

// longTitle is the longest title of a file, in bytes.
const longTitle = 120

// document returns a whole file; body writes what it shows.
func document(title string, body func(*writer)) []byte {
	w := &writer{out: []byte("<!DOCTYPE html>\n")}
	w.open("html", "lang", "en")
	w.open("head")
	w.empty("meta", "charset", "utf-8")
	w.empty("meta", "http-equiv", "Content-Security-Policy", "content", policy())
	w.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
	w.empty("meta", "name", "color-scheme", "content", "light dark")
	w.empty("meta", "name", "referrer", "content", "no-referrer")
	w.element("title", cmp.Or(short(title, longTitle), "oomtrail"))
	w.open("style")
	w.out = append(w.out, Style()...) // a constant of this package
	w.close("style")
	w.close("head")
	w.open("body")
	w.open("main")
	body(w)
	w.close("main")
	w.open("footer")
	w.element("p", "Written by oomtrail from the log. Nothing in this file runs or loads anything.")
	w.close("html")
	return w.out
}

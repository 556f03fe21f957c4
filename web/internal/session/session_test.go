// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ulikunitz/xz"
)

const captures = "../../../testdata/captures"

// text is a file that was pasted.
func text(name, content string) File {
	return File{Name: name, Content: strings.NewReader(content), Size: int64(len(content))}
}

// disk is a file of a disk.
func disk(t *testing.T, path string) File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: path, Content: f, Size: info.Size(), Written: info.ModTime()}
}

// read reads files in UTC.
func read(files ...File) (*Session, Result) {
	s := &Session{}
	return s, s.Read(files, time.UTC)
}

// rows returns the cells of the list, its heads first.
func rows(result Result) (rows [][]string) {
	_, table, _ := strings.Cut(string(result.List), ">The kills</h3>")
	for _, tr := range regexp.MustCompile(`(?s)<tr[ >].*?</tr>`).FindAllString(table, -1) {
		var row []string
		for _, cell := range regexp.MustCompile(`(?s)<t[hd][ >].*?</t[hd]>`).FindAllString(tr, -1) {
			row = append(row, html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(cell, "")))
		}
		rows = append(rows, row)
	}
	return rows
}

// capture returns the text of a capture.
func capture(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(captures, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestCommand: the page lists the kills that the command lists, and the page of each is, byte by
// byte, what the command writes, but for the ids, which must not be those of the list.
func TestCommand(t *testing.T) {
	command := filepath.Join(t.TempDir(), "oomtrail")
	build := exec.Command("go", "build", "-o", command, "./cmd/oomtrail")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	logs, err := filepath.Glob(captures + "/*/*/kmsg.raw")
	if err != nil || len(logs) == 0 {
		t.Fatal(err, logs)
	}
	several := [][]string{logs[:5], {captures + "/6.12/e_k8s_systemd/kmsg.raw", captures + "/6.12/e_k8s_systemd/syslog.raw"}}
	for _, log := range logs {
		several = append(several, []string{log})
	}
	// One log in which a kill stands twice.
	twice := filepath.Join(t.TempDir(), "twice")
	if err := os.WriteFile(twice, []byte(strings.Repeat(capture(t, "6.12/e_k8s_systemd/syslog.raw"), 2)), 0o600); err != nil {
		t.Fatal(err)
	}
	several = append(several, []string{twice})
	explained := 0
	for _, paths := range several {
		options := append([]string{"--names=false", "--location=UTC"}, paths...)
		run := func(args ...string) []byte {
			out, err := exec.Command(command, append(args, options...)...).Output()
			if err != nil {
				t.Fatalf("%v: %v", args, err)
			}
			return out
		}
		var files []File
		for _, path := range paths {
			files = append(files, disk(t, path))
		}
		s, result := read(files...)
		if len(result.Errors) > 0 {
			t.Errorf("%v: %v", paths, result.Errors)
		}
		if want := bytes.Count(run("-o", "json"), []byte("\n")); result.Kills != want || len(result.Numbers) != want || want > 0 && len(rows(result)) != want+1 {
			t.Errorf("%v: %d kills, %d rows, the command has %d", paths, result.Kills, len(rows(result))-1, want)
		}
		for n := 1; n <= min(3, result.Kills); n++ {
			explained++
			want := run("explain", "-o", "html", "--kill", fmt.Sprint(n))
			if got := bytes.ReplaceAll(bytes.ReplaceAll(s.File(n), []byte(`"page-`), []byte(`"`)), []byte(" page-"), []byte(" ")); !bytes.Equal(got, want) {
				t.Errorf("%v: the page of kill %d is not the command's", paths, n)
			}
		}
	}
	if explained < len(logs)/2 {
		t.Errorf("only %d pages were compared", explained)
	}
}

// TestPacked: what is packed is read as what it holds.
func TestPacked(t *testing.T) {
	plain := capture(t, "6.12/e_k8s_systemd/syslog.raw")
	var zipped, xzipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(plain))
	_ = z.Close()
	x, err := xz.NewWriter(&xzipped)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = x.Write([]byte(plain))
	_ = x.Close()
	_, want := read(text("log", plain))
	if want.Kills != 1 {
		t.Fatalf("%d kills", want.Kills)
	}
	for name, content := range map[string]string{"gz": zipped.String(), "xz": xzipped.String()} {
		_, got := read(text("log", content))
		if len(got.Errors) > 0 || !bytes.Equal(got.List, want.List) {
			t.Errorf("%s: %v, %v", name, got.Errors, got.List)
		}
	}
	_, cut := read(text("log", zipped.String()[:zipped.Len()-20]))
	if len(cut.Errors) != 1 || !strings.Contains(cut.Errors[0], "cut off") {
		t.Errorf("a file that is cut off: %v", cut.Errors)
	}
}

// TestNoLog: what is no log, or has no kill, is said in a sentence.
func TestNoLog(t *testing.T) {
	random := bytes.Repeat([]byte{0, 1, 2, 0xff, 'a'}, 100_000)
	for _, test := range []struct{ name, content, err, nothing string }{
		{"binary", string(random), "it is binary data, not a log", ""},
		{"program", "\x7fELF" + string(random), "it is a program, not a log", ""},
		{"zip", "PK\x03\x04" + string(random), "it is a zip archive, not a log", ""},
		{"empty", "", "", "There was nothing to read"},
		{"chat", "hello\nworld\n", "", "no out-of-memory kill in the input\n  read chat: 2 lines"},
	} {
		s, result := read(text(test.name, test.content))
		errors := strings.Join(result.Errors, "\n")
		if result.Kills != 0 || !strings.Contains(errors, test.err) || (errors == "") != (test.err == "") || !strings.Contains(result.Nothing, test.nothing) || (result.Nothing == "") != (test.nothing == "") {
			t.Errorf("%s: %+v", test.name, result)
		}
		if s.Article(1) != nil || s.File(0) != nil || s.Article(-1) != nil {
			t.Errorf("%s: there is a page of a kill that is not there", test.name)
		}
	}
}

// TestOneBad: a file that is no log does not keep the others from being read.
func TestOneBad(t *testing.T) {
	_, result := read(text("a.bin", "\x7fELF"), text("b.log", capture(t, "6.12/e_k8s_systemd/syslog.raw")))
	if result.Kills != 1 || len(result.Errors) != 1 {
		t.Errorf("%d kills, %v", result.Kills, result.Errors)
	}
}

// TestKept: pages are made ahead as long as there is room, and are the same where there is none.
func TestKept(t *testing.T) {
	files := []File{text("burst", capture(t, "6.12/o_burst/kmsg.raw")), text("group", capture(t, "6.12/f_oomgroup/kmsg.raw"))}
	roomy, result := read(files...)
	cramped := &Session{kept: keeper{most: 1}}
	cramped.Read(files, time.UTC)
	if result.Kills < 3 {
		t.Fatalf("%d kills", result.Kills)
	}
	for n := result.Kills; n > 0; n-- {
		article := roomy.Article(n)
		if !bytes.HasPrefix(article, []byte("<article")) || !bytes.Equal(article, cramped.Article(n)) {
			t.Errorf("where there is no room the page of kill %d is another one", n)
		}
	}
	if len(roomy.kept.pages) != result.Kills || len(cramped.kept.pages) != 0 {
		t.Errorf("of %d pages %d were made ahead, and %d where there was no room", result.Kills, len(roomy.kept.pages), len(cramped.kept.pages))
	}
}

// TestYears: stamps without a year are dated by the years that follow one another in the file.
func TestYears(t *testing.T) {
	report := capture(t, "6.12/e_k8s_systemd/syslog.raw")
	var log strings.Builder
	for _, month := range []string{"Dec 20", "Jan 15", "Feb 10", "Mar 25", "Dec 28"} {
		for line := range strings.Lines(report) {
			_, message, _ := strings.Cut(line, "] ")
			fmt.Fprintf(&log, "%s 10:00:00 node kernel: %s", month, message)
		}
		for day := range 9 {
			fmt.Fprintf(&log, "%s 1%d:00:01 node kernel: eth0: link is up\n", month, day)
		}
	}
	f := text("kern.log", log.String())
	f.Written = time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	_, result := read(f)
	var times []string
	list := rows(result)
	for _, row := range list[1:] {
		times = append(times, row[slices.Index(list[0], "Time (UTC)")][:10])
	}
	if want := []string{"2025-12-20", "2026-01-15", "2026-02-10", "2026-03-25", "2026-12-28"}; !slices.Equal(times, want) {
		t.Errorf("%v, want %v", times, want)
	}
}

// TestProgress: the progress comes to the whole, over all files, and never runs back.
func TestProgress(t *testing.T) {
	var steps []int64
	content := strings.Repeat("Nov 29 10:00:00 node kernel: [1.0] eth0: link is up\n", 40_000)
	s := Session{Progress: func(done, total int64) {
		if total != int64(2*len(content)) {
			t.Fatalf("%d of %d", done, total)
		}
		steps = append(steps, done)
	}}
	s.Read([]File{text("a", content), text("b", content)}, time.UTC)
	if !slices.IsSorted(steps) || len(steps) < 20 || steps[len(steps)-1] != int64(2*len(content)) {
		t.Errorf("%d steps: %v", len(steps), steps[max(0, len(steps)-3):])
	}
}

// TestHostile: names in the list are no markup, and lead nowhere.
func TestHostile(t *testing.T) {
	report := strings.ReplaceAll(capture(t, "6.12/e_k8s_systemd/syslog.raw"), "app-main", "<img/src=x>")
	_, result := read(text("<b>", report), text("javascript:x", capture(t, "6.12/e_podman/syslog.raw")))
	list := string(result.List)
	if result.Kills != 2 || strings.Contains(list, "<img") || !strings.Contains(list, "&lt;img/src=x&gt;") {
		t.Errorf("%d kills: %s", result.Kills, list)
	}
	for _, link := range regexp.MustCompile(`href="[^"]*"`).FindAllString(list, -1) {
		if !regexp.MustCompile(`^href="#kill=\d+"$`).MatchString(link) {
			t.Errorf("the list has %s", link)
		}
	}
}

// TestTrust: a page knows of nobody who wrote a text, so no record is verified.
func TestTrust(t *testing.T) {
	s, _ := read(text("log", capture(t, "6.12/e_k8s_systemd/kmsg.raw")))
	for _, k := range s.kills {
		if trust := k.Record.Text("oom.trust"); trust != "unverified" {
			t.Errorf("trust is %q", trust)
		}
	}
}

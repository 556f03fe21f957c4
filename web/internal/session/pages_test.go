// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// several is a log of three reports, of which each kills another process.
func several(t *testing.T) []File {
	t.Helper()
	var files []File
	for i, name := range []string{"node-1/kern.log.1", "node-1/kern.log", "node-2/messages"} {
		log, err := os.ReadFile("../../../cmd/oomtrail/internal/cli/testdata/nodes/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 { // two reports in one file
			files[0].Content, files[0].Size = bytes.NewReader(append(contentOf(t, files[0]), log...)), files[0].Size+int64(len(log))
			continue
		}
		files = append(files, File{Name: name, Content: bytes.NewReader(log), Size: int64(len(log))})
	}
	return files
}

func contentOf(t *testing.T, f File) []byte {
	t.Helper()
	content := make([]byte, f.Size)
	if _, err := f.Content.ReadAt(content, 0); err != nil {
		t.Fatal(err)
	}
	return content
}

// TestEachKillHasItsOwnPage: of several reports, whose memory serves one after the other, each kill
// has the page of its own; also one that was not kept for want of room, or that is asked for again.
func TestEachKillHasItsOwnPage(t *testing.T) {
	for _, most := range []int{maxKept, 1, 12 << 10} {
		s := Session{kept: keeper{most: most}}
		result := s.Read(several(t), time.UTC)
		if result.Kills < 3 || len(result.Numbers) != result.Kills || len(result.Errors) > 0 {
			t.Fatalf("%d kills, %d rows, %q", result.Kills, len(result.Numbers), result.Errors)
		}
		if s.kept.kept > most || len(s.kept.open) > 0 {
			t.Errorf("%d bytes of pages are kept, of at most %d; %d reports are open", s.kept.kept, most, len(s.kept.open))
		}
		if overview := string(result.List); !strings.Contains(overview, "3 kills, 2026-05-01 10:00:00 to 2026-05-02 11:00:00 (UTC)</h2>") || !strings.Contains(overview, `class="timeline"`) {
			t.Errorf("no overview: %s", overview)
		}
		for range 2 {
			for _, row := range rows(result)[1:] {
				var number int
				if _, err := fmt.Sscan(row[0], &number); err != nil {
					t.Fatal(err)
				}
				name, pid, _ := strings.Cut(strings.TrimSuffix(row[3], ")"), " (")
				want := name + " (pid " + pid + ")"
				article := string(s.Article(number))
				if heading, _, _ := strings.Cut(article, "</h1>"); !strings.Contains(heading, want) {
					t.Errorf("with room for %d bytes, the page of kill %d lacks %q: %s", most, number, want, heading)
				}
				if file := string(s.File(number)); !strings.Contains(file, article) || !strings.Contains(file, "<title>") {
					t.Errorf("the file of kill %d has not its page", number)
				}
			}
		}
		if s.Article(0) != nil || s.Article(result.Kills+1) != nil || s.File(99) != nil {
			t.Error("a page of no kill")
		}
	}
}

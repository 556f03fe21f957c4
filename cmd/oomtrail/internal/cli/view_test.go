// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"
)

// TestReportsAreIndentedJSON: what is written piece by piece is what encoding/json would write of
// the whole.
func TestReportsAreIndentedJSON(t *testing.T) {
	files, err := filepath.Glob(testdata + "*/*/*.raw")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		_, out, _ := call(t, "", "report", file)
		var want bytes.Buffer
		for d := json.NewDecoder(bytes.NewReader([]byte(out))); d.More(); {
			var one json.RawMessage
			if err := d.Decode(&one); err != nil {
				t.Fatal(file, err)
			}
			if err := json.Indent(&want, one, "", "  "); err != nil {
				t.Fatal(file, err)
			}
			want.WriteByte('\n')
		}
		if out != want.String() {
			t.Errorf("%s: not as encoding/json indents it", file)
		}
	}
}

// TestExplainGoesOnAfterAnUnreadableFile: what the other files hold is shown, and the exit code
// tells of the rest.
func TestExplainGoesOnAfterAnUnreadableFile(t *testing.T) {
	code, out, errOut := call(t, "", "explain", "/nowhere/a.log", testdata+"6.12/c_memcg_v2/kmsg.raw")
	if code != 1 || out == "" || errOut != "oomtrail explain: cannot read /nowhere/a.log: no such file or directory\n" {
		t.Errorf("exit %d, %d bytes, %q", code, len(out), errOut)
	}
}

// TestReportChooses: a report is printed where one of its kills is wanted.
func TestReportChooses(t *testing.T) {
	files := []string{testdata + "6.12/f_oomgroup/kmsg.raw", testdata + "6.12/c_memcg_v2/kmsg.raw", testdata + "6.12/l_panic2_global/kmsg.raw"}
	for pattern, want := range map[string]int{"*": 2, "grp-1": 1, "hog": 1, "nobody": 0} {
		for _, inputs := range [][]string{files, files[:1], files[1:2]} {
			_, out, errOut := call(t, "", append([]string{"report", "--process", pattern}, inputs...)...)
			got := 0
			for d := json.NewDecoder(bytes.NewReader([]byte(out))); d.More(); got++ {
				var one json.RawMessage
				if err := d.Decode(&one); err != nil {
					t.Fatal(err)
				}
			}
			if len(inputs) == 3 && got != want || got > want {
				t.Errorf("%s of %d files: %d reports, want %d (%s)", pattern, len(inputs), got, want, errOut)
			}
		}
	}
}

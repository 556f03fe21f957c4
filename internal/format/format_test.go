// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

func TestParseFormat(t *testing.T) {
	for f := range report.NumFormats {
		got, err := report.ParseFormat(f.String())
		if err != nil || got != f {
			t.Errorf("%v read as %v, %v", f, got, err)
		}
	}
	_, err := report.ParseFormat("journald")
	if err == nil || !strings.Contains(err.Error(), `"journald"`) || !strings.Contains(err.Error(), "journal-export") {
		t.Errorf("error %v names neither the value nor the remedy", err)
	}
	if s := report.Format(200).String(); s == "" {
		t.Error("no text for a format that is none")
	}
}

// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // for --location on a machine without the time zone database

	"github.com/oomtrail/oomtrail/internal/format"
)

// Dating reads the flags --location and --written. Without the second, each input has a reference
// of its own.
func Dating(location, written string) (d format.Dating, err error) {
	d.Location = time.Local
	if location != "" {
		if d.Location, err = time.LoadLocation(location); err != nil {
			return d, fmt.Errorf("--location: unknown time zone %q: use a name such as Europe/Berlin, UTC or Local", location)
		}
	}
	if written == "" {
		return d, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02"} {
		t, err := time.ParseInLocation(layout, written, d.Location)
		if err != nil {
			continue
		}
		if layout == "2006-01-02" { // all of that day
			t = t.AddDate(0, 0, 1)
		}
		if !format.WrittenBy(t, time.Time{}).Equal(t) {
			return d, fmt.Errorf("--written: %q: no log that can be read is so old: use a later time", written)
		}
		d.Reference = func() time.Time { return t }
		return d, nil
	}
	return d, fmt.Errorf("--written: %q is no time: use one such as 2026-05-01 or 2026-05-01T12:00:00Z", written)
}

// writtenBy sets the reference of an input: of a file, which standard input may be too, its
// modification time; of anything else the present, since its lines are written as they come.
func (in *Input) writtenBy(r any) {
	if in.Dating.Reference != nil {
		return
	}
	in.Dating.Reference = time.Now
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			at := format.WrittenBy(info.ModTime(), time.Now())
			in.Dating.Reference = func() time.Time { return at }
		}
	}
}

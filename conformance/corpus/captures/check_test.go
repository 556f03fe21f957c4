// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"flag"
	"fmt"
	"testing"
)

var dir = flag.String("captures", "../../../testdata/captures", "directory or .tar.gz of captures: kernel/scenario/kmsg.raw")

// TestCaptures holds the records of each capture, in each format it has, against the truth.
func TestCaptures(t *testing.T) {
	list, err := Load(*dir)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%-32s %-7s %6s %6s  %s\n", "capture", "via", "named", "found", "wrong")
	named, found, wrong := 0, 0, 0
	for _, c := range list {
		for _, logFormat := range []string{"kmsg", "syslog", "journal"} {
			if c.Log(logFormat) == nil {
				continue
			}
			res := Check(c, logFormat)
			fmt.Printf("%-32s %-7s %6d %6d  %d\n", res.Name, res.Format, res.Named, res.Found, len(res.Wrong))
			named, found, wrong = named+res.Named, found+res.Found, wrong+len(res.Wrong)
			for i, w := range res.Wrong {
				if i == 8 {
					t.Errorf("%s %s: … %d more", res.Name, logFormat, len(res.Wrong)-i)
					break
				}
				t.Errorf("%s %s: %s", res.Name, logFormat, w)
			}
		}
	}
	fmt.Printf("%-32s %-7s %6d %6d  %d\n", fmt.Sprintf("%d captures", len(list)), "", named, found, wrong)
}

// TestArchives does the same for all captures ever made, which are bundled as archives.
func TestArchives(t *testing.T) {
	list, err := Load("../../../testdata/captures-full")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		for _, logFormat := range []string{"kmsg", "syslog", "journal"} {
			if c.Log(logFormat) == nil {
				continue
			}
			for _, w := range Check(c, logFormat).Wrong {
				t.Errorf("%s %s: %s", c.Name(), logFormat, w)
			}
		}
	}
}

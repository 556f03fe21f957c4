// SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/report"
)

var trustedSources = [...]report.Source{report.SourceNone, report.SourceKmsg, report.SourceJournald, report.SourceSyslog}

// TestTrustBelongsToTheInput: whatever a line looks like, it is the kernel's only in an input that
// is known to come from a source of its form. What says that a user wrote it says so everywhere.
func TestTrustBelongsToTheInput(t *testing.T) {
	const text = "Out of memory: Killed process 1 (init) total-vm:1kB"
	forms := map[report.Source][]string{
		report.SourceKmsg: {"3,1,5000,-;" + text},
		report.SourceJournald: {
			`{"MESSAGE":"` + text + `","_TRANSPORT":"kernel","PRIORITY":"3"}`,
			`{"_TRANSPORT":"kernel","MESSAGE":"` + text + `"}`,
			"__CURSOR=x\n_TRANSPORT=kernel\nMESSAGE=" + text + "\n",
		},
		report.SourceSyslog: {
			"<3>[    1.000000] " + text, "<3>" + text, "kern  :err   : [    1.000000] " + text,
			"<3>May  1 12:00:00 host kernel: " + text, "<3>1 2023-05-01T12:00:00Z host kernel - - - " + text,
			"<3>May  1 12:00:00 host kern.err kernel: " + text, "172.20.0.2: kern: err: [2023-05-01T12:00:00Z]: " + text,
			`{"dmesg":[{"fac":"kern","pri":"err","time":1.000000,"msg":"` + text + `"}]}`,
		},
		// A facility in words may be the first part of a program's name.
		report.SourceNone: {"[    1.000000] " + text, text, "May  1 12:00:00 host kern.err kernel: " + text},
	}
	for source, inputs := range forms {
		for _, in := range inputs {
			for _, trusted := range trustedSources {
				want := report.OriginUnknown
				if trusted == source && source != report.SourceNone {
					want = report.OriginKernel
				}
				for _, in := range []string{in, in + "\n" + in} {
					got := decodeTrusted(report.Auto, trusted, strings.Split(in, "\n")...)
					if len(got) == 0 {
						t.Fatalf("%q: nothing comes out", in)
					}
					for _, l := range got {
						if l.Origin != want || string(l.Text) != text {
							t.Errorf("%q from %v: origin %d, want %d", in, trusted, l.Origin, want)
						}
					}
				}
			}
		}
	}
	for _, in := range []string{"12,1,4000,-;" + text, "<11>[    1.000000] " + text, `{"MESSAGE":"` + text + `","_TRANSPORT":"kernel","SYSLOG_FACILITY":"1"}`} {
		for _, trusted := range trustedSources {
			if got := decodeTrusted(report.Auto, trusted, in); got[0].Origin != report.OriginUser {
				t.Errorf("%q from %v: origin %d, want a user's", in, trusted, got[0].Origin)
			}
		}
	}
}

// TestTrustOfContainers: what a container printed is never the kernel's, whoever vouches for the
// file.
func TestTrustOfContainers(t *testing.T) {
	const stamp = "2023-05-01T12:00:00.123456789Z"
	for _, line := range []string{"3,1,5000,-;x", "<3>[    1.000000] x"} {
		for _, in := range []string{stamp + " stdout F " + line, `{"log":"` + line + `\n","stream":"stdout","time":"` + stamp + `"}`} {
			for _, trusted := range trustedSources {
				if got := decodeTrusted(report.Auto, trusted, in); len(got) != 1 || got[0].Origin != report.OriginUnknown || string(got[0].Text) != "x" {
					t.Errorf("%q from %v: %+v", in, trusted, got)
				}
			}
		}
	}
}

func TestParseTrustedSource(t *testing.T) {
	for name, want := range map[string]report.Source{"": report.SourceNone, "none": report.SourceNone, "kmsg": report.SourceKmsg, "journald": report.SourceJournald, "syslog": report.SourceSyslog} {
		got, err := report.ParseSource(name)
		if got != want || err != nil || name != "" && got.String() != name {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	_, err := report.ParseSource("dmesg")
	if err == nil || !strings.Contains(err.Error(), `"dmesg"`) || !strings.Contains(err.Error(), "use kmsg, journald or syslog") {
		t.Errorf("%v", err)
	}
	if got := report.Source(200).String(); got != "trusted source 200" {
		t.Error(got)
	}
}

// TestFacilityInWords: a program's name may have blanks, so anybody can write the words of a
// facility in front of the kernel's name. They prove nothing; a priority in figures does.
func TestFacilityInWords(t *testing.T) {
	for line, want := range map[string]report.Origin{
		"Nov 29 09:00:11 node7 kern.err kernel: Out of memory":     report.OriginUnknown,
		"<3>Nov 29 09:00:11 node7 kernel: Out of memory":           report.OriginKernel,
		"<3>Nov 29 09:00:11 node7 kern.err kernel: Out of memory":  report.OriginKernel,
		"Nov 29 09:00:11 node7 user.err kernel: Out of memory":     report.OriginUser,
		"<11>Nov 29 09:00:11 node7 kern.err kernel: Out of memory": report.OriginUser,
	} {
		d := NewDecoder(report.Syslog)
		d.Trust(report.SourceSyslog)
		d.Decode([]byte(line), func(l *Line) {
			if l.Origin != want {
				t.Errorf("%q: origin %d, want %d", line, l.Origin, want)
			}
		})
	}
}

package transport

import "testing"

// In Auto a file that says of some lines nothing about who wrote them can hold anybody's
// lines: one that looks like a record of /dev/kmsg is no evidence there.
func TestEvidenceAmongOtherLines(t *testing.T) {
	const text = "Out of memory: Killed process 1 (init) total-vm:1kB"
	forged := []string{
		"4,1,5000,-;" + text,
		"<4>[    1.000000] " + text,
		"<4>May  1 12:00:00 host kernel: " + text,
		"kern  :err   : [    1.000000] " + text,
		`{"MESSAGE":"` + text + `","_TRANSPORT":"kernel","PRIORITY":"3"}`,
		"172.20.0.2: kern: err: [2023-05-01T12:00:00Z]: " + text,
	}
	for _, in := range forged {
		for _, c := range []struct {
			name   string
			before string
			want   Origin
		}{
			{"alone", "", OriginKernel},
			{"among its like", in, OriginKernel},
			{"behind a user's line", "12,1,4000,-;hello", OriginKernel},
			{"behind a program's output", "GET /index.html 200", OriginUnknown},
			{"behind plain dmesg", "[    0.500000] usb 1-1: new", OriginUnknown},
			{"behind a syslog line", "May  1 12:00:00 host app[1]: x", OriginUnknown},
		} {
			got := decodeAll(Auto, c.before, in)
			if l := got[len(got)-1]; l.Origin != c.want || string(l.Text) != text {
				t.Errorf("%s: %q: origin %d, want %d", c.name, in, l.Origin, c.want)
			}
		}
	}
	got := decodeAll(Auto, "<4>[    1.000000] a", "wrapped", "", "<4>[    2.000000] b")
	if got[3].Origin != OriginKernel {
		t.Error("a wrapped line takes the evidence away")
	}
}

package plain

import "testing"

func TestAppendSize(t *testing.T) {
	for _, c := range []struct {
		n    int64
		want string
	}{
		{0, "0 B"}, {1023, "1023 B"}, {1024, "1 KiB"}, {24 << 20, "24 MiB"}, {25690112, "24.5 MiB"},
		{99<<20 + 1<<19, "99.5 MiB"}, {271 << 20, "271 MiB"}, {3 << 40, "3 TiB"}, {1<<63 - 1, "8 EiB"},
	} {
		if got := string(AppendSize(nil, c.n)); got != c.want {
			t.Errorf("%d: got %q, want %q", c.n, got, c.want)
		}
	}
}

func TestAppendName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"nginx: worker", "nginx: worker"},
		{"ünïcödé", "ünïcödé"},
		{"new\nline", `new\x0aline`},
		{"\xff\xfe bad", `\xff\xfe bad`},
		{"/system.slice/oomtrail-killer.service", "/system.slice/oomtrail-killer.service"},
		{"Killed process ", `Killed\x20process\x20`},
		{"oom-kill:constr", `oom\x2dkill\x3aconstr`},
	} {
		if got := string(AppendName(nil, c.name)); got != c.want {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package fbhost_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/form"
)

var flat = fbhost.Setting{Key: "Format", Value: "flat"}

// theEnd is a record so much later than others that every report of their stream is closed.
func theEnd(records []fbtest.Kmsg) fbtest.Kmsg {
	var last fbtest.Kmsg // the zero record of a log that is empty
	if n := len(records); n > 0 {
		last = records[n-1]
	}
	return fbtest.Kmsg{Priority: 6, Sequence: last.Sequence + 1, Usec: last.Usec + 3600e6, Text: "the end"}
}

// inKmsg makes the events that in_kmsg makes of a capture, and one at the end that closes what is
// open.
func inKmsg(raw []byte) []fbtest.Event {
	var events []fbtest.Event
	records := fbtest.ReadKmsg(raw)
	for _, k := range records {
		events = append(events, k.InKmsg())
	}
	return append(events, theEnd(records).InKmsg())
}

// TestCaptures: through the plugin every capture gives the records that the parser makes, and every
// event passes with its bytes.
func TestCaptures(t *testing.T) {
	h, l := start(t)
	for name, raw := range captures(t) {
		t.Run(name, func(t *testing.T) {
			mustInit(t, h, l, 0, flat)
			defer h.Exit(0)
			chunk := fbtest.Chunk(inKmsg(raw)...)
			got, _, rest := sift(t, through(t, h, 0, "kernel", chunk))
			same(t, "one chunk", got, want(t, raw))
			if !bytes.Equal(rest, chunk) {
				t.Error("the events that pass are not the events that came")
			}
		})
	}
}

// TestSplit: wherever a chunk ends, the records are the same.
func TestSplit(t *testing.T) {
	h, l := start(t)
	for name, raw := range captures(t) {
		events := inKmsg(raw)
		if len(events) > 250 && testing.Short() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			wanted := want(t, raw)
			var single [][]byte
			for _, e := range events {
				single = append(single, fbtest.Chunk(e))
			}
			mustInit(t, h, l, 0, flat)
			got, _, _ := sift(t, through(t, h, 0, "kernel", single...))
			same(t, "one event a chunk", got, wanted)
			h.Exit(0)
			for at := 1; at < len(events); at += 1 + len(events)/250 {
				mustInit(t, h, l, 0, flat)
				got, _, _ := sift(t, through(t, h, 0, "kernel", fbtest.Chunk(events[:at]...), fbtest.Chunk(events[at:]...)))
				h.Exit(0)
				if !same(t, "split in two", got, wanted) {
					t.Fatalf("split before event %d of %d", at, len(events))
				}
			}
		})
	}
}

// TestMixedHosts: the lines of several hosts, shuffled into each other in one chunk and through
// every input, give each host's own records.
func TestMixedHosts(t *testing.T) {
	h, l := start(t)
	all := captures(t)
	hosts := []string{"6.12/c_memcg_v2", "6.12/f_oomgroup", "6.12/e_service"}
	inputs := map[string]func(fbtest.Kmsg, string) fbtest.Event{
		"systemd":          fbtest.Systemd{}.Event,
		"systemd_renamed":  fbtest.Systemd{Lowercase: true, StripUnderscores: true}.Event,
		"syslog":           fbtest.Kmsg.InSyslog,
		"tail":             fbtest.Kmsg.InTail,
		"kmsg_with_a_host": fbtest.Kmsg.InKmsgOf,
	}
	for name, input := range inputs {
		t.Run(name, func(t *testing.T) {
			var wanted []contract.Record
			var streams [][]fbtest.Event
			for _, host := range hosts {
				wanted = append(wanted, want(t, all[host])...)
				var events []fbtest.Event
				records := fbtest.ReadKmsg(all[host])
				for i, k := range append(records, theEnd(records)) {
					e := input(k, host)
					e.Old = i%2 == 0
					events = append(events, e)
				}
				streams = append(streams, events)
			}
			mustInit(t, h, l, 0, flat)
			defer h.Exit(0)
			chunk := fbtest.Chunk(shuffle(streams)...)
			got, events, rest := sift(t, through(t, h, 0, "gateway", chunk))
			if differences := contract.Compare(got, wanted); len(differences) > 0 {
				t.Error(strings.Join(differences, "\n"))
			}
			if !bytes.Equal(rest, chunk) {
				t.Error("the events that pass are not the events that came")
			}
			for _, e := range events {
				if e.Record["host.name"] == nil {
					t.Errorf("a record without its host: %v", e.Record)
				}
			}
		})
	}
}

// shuffle draws from several streams in turn, each in its own order.
func shuffle(streams [][]fbtest.Event) []fbtest.Event {
	random := rand.New(rand.NewPCG(1, 2))
	var mixed []fbtest.Event
	for len(streams) > 0 {
		i := random.IntN(len(streams))
		mixed = append(mixed, streams[i][0])
		if streams[i] = streams[i][1:]; len(streams[i]) == 0 {
			streams = append(streams[:i], streams[i+1:]...)
		}
	}
	return mixed
}

// TestInstances: two instances know nothing of each other, and one that ended and began again
// nothing of before.
func TestInstances(t *testing.T) {
	h, l := start(t)
	raw := captures(t)["6.12/c_memcg_v2"]
	events, wanted := inKmsg(raw), want(t, raw)
	half := len(events) / 2
	first, second := fbtest.Chunk(events[:half]...), fbtest.Chunk(events[half:]...)

	mustInit(t, h, l, 1, flat)
	mustInit(t, h, l, 2, flat)
	out := through(t, h, 1, "kernel", first)
	for _, chunk := range [][]byte{first, second} {
		got, _, _ := sift(t, through(t, h, 2, "kernel", chunk))
		if &chunk[0] == &second[0] {
			same(t, "instance 2", got, wanted)
		}
	}
	got, _, _ := sift(t, append(out, through(t, h, 1, "kernel", second)...))
	same(t, "instance 1", got, wanted)

	through(t, h, 1, "kernel", first)
	if ret := h.Exit(1); ret != 0 {
		t.Errorf("exit returned %d", ret)
	}
	mustInit(t, h, l, 1, flat)
	got, _, _ = sift(t, through(t, h, 1, "kernel", first, second))
	same(t, "after a new start", got, wanted)
	h.Exit(1)
	h.Exit(2)
}

// TestBadSettings: what is wrong is refused with the key, the value and the remedy, and the host
// goes on.
func TestBadSettings(t *testing.T) {
	h, l := start(t)
	tests := []struct {
		setting fbhost.Setting
		want    string
	}{
		{fbhost.Setting{Key: "Mode", Value: "drop"}, `[error] [filter:oom_kill:oom_kill.0] Mode "drop" is not known: use append, replace or only`},
		{fbhost.Setting{Key: "Tasks_Top", Value: "-1"}, `[error] [filter:oom_kill:oom_kill.0] Tasks_Top "-1" is out of range: use a number from 0 (none) to 50`},
		{fbhost.Setting{Key: "Mod", Value: "only"}, `[error] [filter:oom_kill:oom_kill.0] Mod is no setting of this filter: use Key, Format,`},
	}
	for _, test := range tests {
		if ret := h.Init(0, test.setting); ret == 0 {
			t.Errorf("%v: init returned 0", test.setting)
		}
		if !l.says(test.want) {
			t.Errorf("%v: the log does not say %q:\n%s", test.setting, test.want, l)
		}
	}
	mustInit(t, h, l, 0, flat, fbhost.Setting{Key: "mode", Value: "Only"}, fbhost.Setting{Key: "active", Value: "true"})
	if want := "[ info] [filter:oom_kill:oom_kill.0] version v1.2.3 (commit 0123abcd, 2026-05-01T12:00:00Z): key=auto format=flat mode=only"; !l.says(want) {
		t.Errorf("the log does not say %q:\n%s", want, l)
	}
	h.Exit(0)
	if want := "[ info] [filter:oom_kill:oom_kill.0] chunks=0 bytes=0"; !l.says(want) {
		t.Errorf("the log does not say %q:\n%s", want, l)
	}
}

// TestCheck: the settings are checked by themselves, as --dry-run and a hot reload do, beside an
// instance that works on.
func TestCheck(t *testing.T) {
	h, l := start(t)
	mustInit(t, h, l, 0, flat)
	defer h.Exit(0)
	for _, setting := range []fbhost.Setting{{Key: "Mode", Value: "drop"}, {Key: "Mod", Value: "only"}, {Key: "Location", Value: "Mars"}} {
		if ret := h.Check(flat, setting); ret == 0 {
			t.Errorf("%v: the check returned 0", setting)
		}
		if want := "[error] [filter:oom_kill:oom_kill.0] " + setting.Key + " "; !l.says(want) {
			t.Errorf("%v: the log does not say %q:\n%s", setting, want, l)
		}
	}
	if ret := h.Check(flat, fbhost.Setting{Key: "Mode", Value: "only"}); ret != 0 {
		t.Errorf("right settings: the check returned %d:\n%s", ret, l)
	}
	raw := captures(t)["6.12/c_memcg_v2"]
	got, _, _ := sift(t, through(t, h, 0, "kernel", fbtest.Chunk(inKmsg(raw)...)))
	same(t, "the instance beside", got, want(t, raw))
}

// TestStrangeHost: with instances of a layout that is not known, unknown keys are not looked for,
// and that is said.
func TestStrangeHost(t *testing.T) {
	h, l := start(t, "strange")
	mustInit(t, h, l, 0, fbhost.Setting{Key: "Mod", Value: "only"})
	h.Exit(0)
	if want := "[ warn] [filter:oom_kill:oom_kill.0] this Fluent Bit does not list the keys that were given"; !l.says(want) {
		t.Errorf("the log does not say %q:\n%s", want, l)
	}
	if ret := h.Init(0, fbhost.Setting{Key: "Mode", Value: "drop"}); ret == 0 {
		t.Error("a wrong value of a known key was not refused")
	}
}

// TestForkedHost: a process that was forked after loading is told so, and does not hang.
func TestForkedHost(t *testing.T) {
	h, l := start(t, "fork")
	if ret := h.Init(0); ret != -1 {
		t.Errorf("init returned %d, want -1", ret)
	}
	if want := "[error] [filter:oom_kill] daemon mode is not possible"; !l.says(want) {
		t.Errorf("the log does not say %q:\n%s", want, l)
	}
}

// TestUntouched: a chunk of nothing of interest stays the host's own buffer.
func TestUntouched(t *testing.T) {
	h, l := start(t)
	at := fbtest.Boot
	chunk := fbtest.Chunk(fbtest.GroupStart("a"),
		fbtest.Event{Time: at, Record: []form.KV{{Key: "log", Value: "GET / 200"}}},
		fbtest.Event{Time: at, Old: true, Record: []form.KV{{Key: "n", Value: int64(1)}}}, fbtest.GroupEnd())
	for mode, want := range map[string]fbhost.Answer{
		"append":  {Return: fbhost.NoTouch},
		"replace": {Return: fbhost.NoTouch},
		"only":    {Return: fbhost.Modified, Wrote: true},
	} {
		mustInit(t, h, l, 0, fbhost.Setting{Key: "Mode", Value: mode})
		if got := h.Filter(0, fbhost.Input{}, "app", chunk); got.Return != want.Return || got.Wrote != want.Wrote || len(got.Out) != 0 {
			t.Errorf("%s: %+v, want %+v", mode, got, want)
		}
		h.Exit(0)
	}
}

// TestGarbage: whatever bytes come in, the host lives, and they pass as they are.
func TestGarbage(t *testing.T) {
	h, l := start(t)
	mustInit(t, h, l, 0, flat)
	defer h.Exit(0)
	whole := fbtest.Chunk(inKmsg(captures(t)["6.12/c_memcg_v2"])...)
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		from := random.IntN(len(whole))
		garbage := append([]byte("Killed process oom-kill: "), whole[from:from+random.IntN(len(whole)-from)]...)
		through(t, h, 0, "kernel", garbage, garbage[random.IntN(len(garbage)):])
	}
	if got := through(t, h, 0, "x", []byte("\xc1 Killed process")); string(got) != "\xc1 Killed process" {
		t.Errorf("garbage became %q", got)
	}
}

// TestThreads: several threads on one instance and on several, as processors call them.
func TestThreads(t *testing.T) {
	h, l := start(t)
	chunk := fbtest.Chunk(inKmsg(captures(t)["6.12/c_memcg_v2"])...)
	var jobs []fbhost.Job
	for i := range 6 {
		id := 1 + i/2 // two threads for each of three instances
		if i%2 == 0 {
			mustInit(t, h, l, id, flat)
		}
		jobs = append(jobs, fbhost.Job{ID: id, Tag: string(rune('a' + i)), Chunk: chunk, Times: 20})
	}
	_, bytes := h.Parallel(jobs...)
	for i := range jobs {
		if bytes[i] != bytes[0] || bytes[i] == 0 {
			t.Errorf("threads put out %v bytes, want the same from each", bytes)
		}
	}
	for id := 1; id <= 3; id++ {
		h.Exit(id)
	}
}

// SPDX-License-Identifier: Apache-2.0

// Package mutate damages real captures in every way a log is damaged, and demands that no kill
// whose line is whole is lost, that nobody is said to be killed whom the kernel did not name, and
// that nobody is killed twice.
package mutate

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/corpus/captures"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

var whole = flag.Bool("mutate.whole", false, "cut at every byte, not at a sample; damage every line of every capture")

// sample is how many places of each capture the default test damages.
const sample = 40

// killLine is read independently of the parser: a whole kill line of the kernel's, in /dev/kmsg's
// and syslog(2)'s form.
var killLine = regexp.MustCompile(`(?m)^(?:3,\d+,\d+,[^;]*;|<3>\[[ \d.]+\] )(?:Out of memory: |Memory cgroup out of memory: |Out of memory \(oom_kill_allocating_task\): )Killed process (\d+) \(.*\) total-vm:\d+kB, anon-rss:\d+kB, file-rss:\d+kB, shmem-rss:\d+kB, UID:\d+ pgtables:\d+kB oom_score_adj:-?\d+$`)

// named is whom the kernel's own lines name as killed or chosen, in whole lines or broken ones.
var named = regexp.MustCompile(`(?:Killed process |,pid=)(\d+)`)

// damage is one way to change a log at the place n of its lines or bytes.
type damage struct {
	name   string
	places func(log []byte) int
	apply  func(log []byte, n int) []byte
}

var damages = []damage{
	{"cut the tail", bytePlaces, func(log []byte, n int) []byte { return log[:n] }},
	{"cut the head", bytePlaces, func(log []byte, n int) []byte { return log[n:] }},
	{"drop a line", linePlaces, func(log []byte, n int) []byte {
		return join(slices.Delete(lines(log), n, n+1))
	}},
	{"double a line", linePlaces, func(log []byte, n int) []byte {
		l := lines(log)
		return join(slices.Insert(l, n, l[n]))
	}},
	{"swap two lines", func(log []byte) int { return linePlaces(log) - 1 }, func(log []byte, n int) []byte {
		l := lines(log)
		l[n], l[n+1] = l[n+1], l[n]
		return join(l)
	}},
	{"foreign lines between", linePlaces, func(log []byte, n int) []byte {
		return join(slices.Insert(lines(log), n, foreign(log)...))
	}},
	{"drop a run of lines", linePlaces, func(log []byte, n int) []byte {
		l := lines(log)
		return join(slices.Delete(l, n, min(n+7, len(l))))
	}},
	{"flip a byte", bytePlaces, func(log []byte, n int) []byte {
		c := bytes.Clone(log)
		if n < len(c) && c[n] != '\n' {
			c[n] ^= 0x20
		}
		return c
	}},
}

// foreign returns lines that may stand between any two: a user's, a driver's, a user's that
// pretends to be the kernel's.
func foreign(log []byte) [][]byte {
	if bytes.HasPrefix(log, []byte("<")) {
		return [][]byte{
			[]byte("<30>[    1.000000] noise[1]: Killed process 99999 (nobody)"),
			[]byte("<6>[    1.000001] usb 1-1: new high-speed USB device number 2 using xhci_hcd"),
			[]byte("<11>[    1.000002] Out of memory: Killed process 99999 (nobody) total-vm:1kB, anon-rss:1kB, file-rss:1kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0"),
		}
	}
	return [][]byte{
		[]byte("30,1,1,-;noise[1]: Killed process 99999 (nobody)"),
		[]byte("6,2,2,-;usb 1-1: new high-speed USB device number 2 using xhci_hcd"),
		[]byte(" SUBSYSTEM=usb"),
		[]byte("11,3,3,-;Out of memory: Killed process 99999 (nobody) total-vm:1kB, anon-rss:1kB, file-rss:1kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0"),
	}
}

func bytePlaces(log []byte) int { return len(log) }

func linePlaces(log []byte) int { return len(lines(log)) }

func lines(log []byte) [][]byte {
	return bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
}

func join(l [][]byte) []byte { return append(bytes.Join(l, []byte("\n")), '\n') }

func TestDamage(t *testing.T) {
	list, err := captures.Load("../../../testdata/captures")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		for format, log := range map[string][]byte{"kmsg": c.Kmsg, "syslog": c.Syslog} {
			if log == nil {
				continue
			}
			t.Run(c.Name()+"/"+format, func(t *testing.T) {
				t.Parallel()
				known := pids(named, log)
				for _, d := range damages {
					for _, n := range places(d.places(log), c.Name()+d.name) {
						check(t, fmt.Sprintf("%s at %d", d.name, n), d.apply(bytes.Clone(log), n), known)
					}
				}
			})
		}
	}
}

// places chooses where to damage: everywhere, or a sample that is the same each time.
func places(n int, seed string) (list []int) {
	if n <= 0 {
		return nil
	}
	if *whole || n <= sample {
		for i := range n {
			list = append(list, i)
		}
		return list
	}
	random := rand.New(rand.NewPCG(uint64(n), uint64(len(seed))))
	for range sample {
		list = append(list, random.IntN(n))
	}
	return list
}

// check reads a damaged log. A kill is lost when its line is whole and has no record; false when no
// line names it; doubled when it has two.
func check(t *testing.T, what string, log []byte, known map[int64]bool) {
	t.Helper()
	got := map[int64]int{}
	err := parser.ReadAll(bytes.NewReader(log), parser.Options{}, func(r *record.Record) error {
		if r.Text("event.name") == "oom.kill" {
			pid, _ := r.Get("process.pid")
			got[pid.Int64()]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pid := range pids(killLine, log) {
		if got[pid] == 0 {
			t.Errorf("%s: the kill of %d is lost", what, pid)
		}
	}
	for pid, n := range got {
		if n > 1 {
			t.Errorf("%s: %d records of %d", what, n, pid)
		}
		if !known[pid] {
			t.Errorf("%s: a record of %d, whom nothing names", what, pid)
		}
	}
}

// pids returns the pids that a pattern finds.
func pids(pattern *regexp.Regexp, log []byte) map[int64]bool {
	set := map[int64]bool{}
	for _, m := range pattern.FindAllSubmatch(log, -1) {
		pid, err := strconv.ParseInt(string(m[1]), 10, 64)
		if err == nil {
			set[pid] = true
		}
	}
	return set
}

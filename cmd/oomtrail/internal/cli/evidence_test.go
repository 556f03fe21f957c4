// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kernelOf is the kernel's report of a kill in a unit, systemdOf what systemd says of it. Each line
// begins with head.
func kernelOf(head, unit string, pid int) string {
	return fmt.Sprintf(`%[1]skernel: [ 1000.000001] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=%[2]s,mems_allowed=0,oom_memcg=/system.slice/%[2]s,task_memcg=/system.slice/%[2]s,task=worker,pid=%[3]d,uid=998
%[1]skernel: [ 1000.000101] Memory cgroup out of memory: Killed process %[3]d (worker) total-vm:66532kB, anon-rss:65204kB, file-rss:0kB, shmem-rss:0kB, UID:998 pgtables:168kB oom_score_adj:0
`, head, unit, pid)
}

func systemdOf(head, unit string) string {
	return fmt.Sprintf(`%[1]ssystemd[1]: %[2]s: A process of this unit has been killed by the OOM killer.
%[1]ssystemd[1]: %[2]s: Main process exited, code=killed, status=9/KILL
%[1]ssystemd[1]: %[2]s: Failed with result 'oom-kill'.
`, head, unit)
}

const second = "2026-05-02T10:00:01.000000+00:00 "

// TestWitnessesInOtherFiles: what one file says of a kill that another file of the same host has is
// no event of its own, in whatever order they come, and whatever the command. Hosts stay apart.
func TestWitnessesInOtherFiles(t *testing.T) {
	const unit = "ingest.service"
	// journal is what journalctl -o json prints of lines without a head; host is "" for none.
	journal := func(host, log string) (entries string) {
		for line := range strings.Lines(log) {
			entry := map[string]string{"__REALTIME_TIMESTAMP": "1777716001200000", "SYSLOG_IDENTIFIER": "systemd", "_PID": "1", "_UID": "0", "_COMM": "systemd", "_TRANSPORT": "journal"}
			who, message, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			if entry["MESSAGE"] = message; who == "kernel" {
				_, message, _ = strings.Cut(message, "] ")
				entry = map[string]string{"__REALTIME_TIMESTAMP": "1777716001200000", "SYSLOG_IDENTIFIER": "kernel", "_TRANSPORT": "kernel", "MESSAGE": message}
			}
			if host != "" {
				entry["_HOSTNAME"] = host
			}
			encoded, err := json.Marshal(entry)
			if err != nil {
				t.Fatal(err)
			}
			entries += string(encoded) + "\n"
		}
		return entries
	}
	killer := func(head string) string {
		return head + "systemd-oomd[690]: Killed /system.slice/ingest.service due to memory pressure for /system.slice being 74.18% > 60.00% for > 30s with reclaim activity\n"
	}
	web1, web2 := second+"web-1 ", second+"web-2 "
	tests := []struct {
		name  string
		files map[string]string
		want  []string // the events
	}{
		{"kern.log and syslog", map[string]string{"kern.log": kernelOf(web1, unit, 4410), "syslog": systemdOf(web1, unit)}, []string{"oom.kill"}},
		{"daemon.log before kern.log", map[string]string{"daemon.log": systemdOf(web1, unit), "kern.log": kernelOf(web1, unit, 4410)}, []string{"oom.kill"}},
		{"a journal", map[string]string{"journal.json": journal("web-1", systemdOf("", unit)), "kern.log": kernelOf(web1, unit, 4410)}, []string{"oom.kill"}},
		{"an hour of other lines between", map[string]string{
			"daemon.log": systemdOf(web1, unit) + "2026-05-02T11:30:00.000000+00:00 web-1 systemd[1]: Started A process of this unit has been killed by the OOM killer.\n",
			"kern.log":   kernelOf(web1, unit, 4410),
		}, []string{"oom.kill"}},
		{"both in both", map[string]string{"messages": kernelOf(web1, unit, 4410) + systemdOf(web1, unit), "syslog": kernelOf(web1, unit, 4410) + systemdOf(web1, unit)}, []string{"oom.kill"}},
		{"another killer, in another file", map[string]string{"kern.log": "", "messages": killer(web1), "syslog": web1 + "systemd[1]: ingest.service: systemd-oomd killed 4 process(es) in this unit.\n"}, []string{"oom.kill"}},
		{"with a domain and without", map[string]string{
			"kern.log": kernelOf(web1, unit, 4410), "messages": kernelOf(second+"web-1.example.com ", unit, 4410), "syslog": systemdOf(second+"web-1.example.com ", unit),
		}, []string{"oom.kill"}},
		{"with a domain first", map[string]string{"daemon.log": systemdOf(second+"web-1.example.com ", unit), "kern.log": kernelOf(web1, unit, 4410)}, []string{"oom.kill"}},
		{"two domains", map[string]string{"1": kernelOf(second+"web-1.example.com ", unit, 4410), "2": systemdOf(second+"web-1.example.net ", unit)}, []string{"oom.kill", "oom.observed"}},
		{"two domains, and none", map[string]string{
			"1": kernelOf(second+"web-1.example.com ", unit, 4410), "2": kernelOf(second+"web-1.example.net ", "nginx.service", 4411), "3": systemdOf(web1, unit),
		}, []string{"oom.kill", "oom.kill", "oom.observed"}},
		{"none, and two domains", map[string]string{
			"1": kernelOf(web1, unit, 4410), "2": kernelOf(second+"web-1.example.com ", unit, 4410), "3": systemdOf(second+"web-1.example.net ", unit),
		}, []string{"oom.kill", "oom.observed"}},
		{"two hosts in two directories", map[string]string{"n1/kern.log": kernelOf(web1, unit, 4410), "n2/syslog": systemdOf(web2, unit)}, []string{"oom.kill", "oom.observed"}},
		{"two hosts in one file", map[string]string{"all": kernelOf(web1, unit, 4410), "more": systemdOf(web2, unit) + systemdOf(web1, unit)}, []string{"oom.kill", "oom.observed"}},
		{"files that name no host", map[string]string{"n1.log": journal("", kernelOf("", unit, 4410)), "n2.log": journal("", systemdOf("", unit))}, []string{"oom.kill", "oom.observed"}},
		{"one file that names no host", map[string]string{"n1.log": journal("", kernelOf("", unit, 4410)+systemdOf("", unit)), "n2.log": ""}, []string{"oom.kill"}},
		{"another unit", map[string]string{"kern.log": kernelOf(web1, unit, 4410), "syslog": systemdOf(web1, "nginx.service")}, []string{"oom.kill", "oom.observed"}},
		{"another time", map[string]string{"kern.log": kernelOf(web1, unit, 4410), "syslog": strings.ReplaceAll(systemdOf(web1, unit), "T10:", "T12:")}, []string{"oom.kill", "oom.observed"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range test.files {
				file := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			names := func(out string) (events []string) {
				for line := range strings.Lines(out) {
					var rec struct {
						Event string `json:"event.name"`
					}
					if err := json.Unmarshal([]byte(line), &rec); err != nil {
						t.Fatal(err, out)
					}
					events = append(events, rec.Event)
				}
				slices.Sort(events)
				return events
			}
			for _, command := range [][]string{{"-o", "json"}, {"parse"}} {
				if _, out, notes := call(t, "", append(command, dir)...); !slices.Equal(names(out), test.want) {
					t.Errorf("%q: %q, want %q\n%s%s", command, names(out), test.want, out, notes)
				}
			}
			var explained []string
			for i := range test.want {
				_, out, _ := call(t, "", "explain", "-o", "json", "--kill", fmt.Sprint(i+1), dir)
				explained = append(explained, names(out)...)
			}
			if slices.Sort(explained); !slices.Equal(explained, test.want) {
				t.Errorf("explain: %q, want %q", explained, test.want)
			}
			if code, out, _ := call(t, "", "explain", "--kill", fmt.Sprint(len(test.want)+1), dir); code != exitUsage {
				t.Errorf("explain has one more: %s", out)
			}
			if _, out, _ := call(t, "", "-o", "text", dir); strings.Count(out, "\nWhy\n") != len(test.want) {
				t.Errorf("%d pages, want %d:\n%s", strings.Count(out, "\nWhy\n"), len(test.want), out)
			}
			counted := 0
			_, out, _ := call(t, "", "top", "--by", "killer", dir)
			for line := range strings.Lines(out) {
				var row struct{ Kills int }
				if err := json.Unmarshal([]byte(line), &row); err != nil {
					t.Fatal(err, out)
				}
				counted += row.Kills
			}
			if kills := len(slices.DeleteFunc(slices.Clone(test.want), func(event string) bool { return event != "oom.kill" })); counted != kills {
				t.Errorf("top counts %d kills, want %d: %s", counted, kills, out)
			}
		})
	}
}

// TestAnObservationNamesItsFile: what is printed after the last file is of the file that it was
// read from.
func TestAnObservationNamesItsFile(t *testing.T) {
	dir := t.TempDir()
	first, last := filepath.Join(dir, "first"), filepath.Join(dir, "last")
	for file, text := range map[string]string{first: systemdOf(second+"web-1 ", "nginx.service"), last: kernelOf(second+"web-1 ", "ingest.service", 4410)} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, out, _ := call(t, "", "-o", "csv", first, last)
	for _, want := range []string{"oom.observed,unverified,," + first, "oom.kill,unverified,/system.slice/ingest.service," + last} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %s:\n%s", want, out)
		}
	}
}

// TestAStreamAmongFilesWaitsForNothing: it may never end, so that what other programs say in it
// comes with its own later lines.
func TestAStreamAmongFilesWaitsForNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kern.log")
	if err := os.WriteFile(file, []byte(kernelOf(second+"web-1 ", "ingest.service", 4410)), 0o644); err != nil {
		t.Fatal(err)
	}
	in, log := io.Pipe()
	printed, out := io.Pipe()
	go func() {
		run([]string{"parse", file, "-"}, in, out, io.Discard)
		out.Close()
	}()
	go io.WriteString(log, systemdOf(second+"web-2 ", "nginx.service")+
		strings.ReplaceAll(kernelOf(second+"web-2 ", "shop.service", 4411), "10:00:01", "10:00:31")+
		"2026-05-02T10:01:31.000000+00:00 web-2 kernel: [ 1090.0] usb 1-1: new device\n")
	lines := bufio.NewScanner(printed)
	for i, want := range []string{"oom.kill", "oom.kill", "oom.observed"} {
		if !lines.Scan() || !strings.Contains(lines.Text(), `"event.name":"`+want+`"`) {
			t.Fatalf("record %d is %s, want %s", i+1, lines.Text(), want)
		}
	}
	log.Close()
	if lines.Scan() {
		t.Error(lines.Text())
	}
}

// TestTheLastKillIsTheNewest: files are read one after another, and what is last in them is not
// what happened last.
func TestTheLastKillIsTheNewest(t *testing.T) {
	dir := t.TempDir()
	for name, at := range map[string]string{"a": "T11:", "b": "T13:", "c": "T12:"} {
		log := kernelOf(strings.ReplaceAll(second, "T10:", at)+"web-"+name+" ", name+".service", 4410)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(log), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{{nil, "b.service"}, {[]string{"--unit", "a", "--unit", "c"}, "c.service"}, {[]string{"--kill", "1"}, "a.service"}} {
		if _, out, notes := call(t, "", append(append([]string{"explain"}, c.args...), dir)...); !strings.Contains(out, c.want) {
			t.Errorf("%q is not about %s:\n%s%s", c.args, c.want, out, notes)
		}
	}
}

// TestTheLastKillIsNamed: who asks for the last kill, and gets a report that is cut off after it,
// learns the number of the kill.
func TestTheLastKillIsNamed(t *testing.T) {
	const cut = "[  900.000001] app invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	one, two := reportOf("java", 42, 100), reportOf("node", 43, 200)
	for name, c := range map[string]struct {
		log, want string
		args      []string
	}{
		"cut off after it": {one + cut, "this event is no kill; the last kill is --kill 1\n", nil},
		"cut off before":   {strings.ReplaceAll(cut, "900.", " 90.") + one, "", nil},
		"by its number":    {one + cut, "", []string{"--kill", "2"}},
		"no kill":          {cut, "", nil},
		"two kills":        {one + two + cut, "the last kill is --kill 2\n", nil},
		"another is meant": {one + two + cut, "", []string{"--process", "java"}},
	} {
		code, _, notes := call(t, c.log, append([]string{"explain"}, c.args...)...)
		if code != exitOK || c.want == "" && notes != "" || !strings.HasSuffix(notes, c.want) {
			t.Errorf("%s: want %q, got %d, %q", name, c.want, code, notes)
		}
	}
}

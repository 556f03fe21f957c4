// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"strings"
	"testing"
)

// FuzzLine feeds any bytes to every reader.
func FuzzLine(f *testing.F) {
	for _, c := range realLines {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, s string) { readLine(t, s) })
}

// FuzzComm puts any comm into the lines that name one: each must give it back, and the figures with
// it.
func FuzzComm(f *testing.F) {
	for _, comm := range hostileComms {
		f.Add(comm)
	}
	f.Fuzz(func(t *testing.T, comm string) {
		if len(comm) > maxComm || strings.IndexByte(comm, 0) >= 0 {
			t.Skip()
		}
		line, want := killLine(comm)
		if got, ok := ParseKill(line); !ok || got != want {
			t.Errorf("%q: got %+v %v", line, got, ok)
		}
		if kind := Classify(line); kind != KillLine {
			t.Errorf("%q is %v", line, kind)
		}
		line = comm + " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"
		if got, ok := ParseInvocation(line); !ok || got.Comm != comm || !got.Complete {
			t.Errorf("%q: got %+v %v", line, got, ok)
		}
		if kind := Classify(line); kind != InvocationLine {
			t.Errorf("%q is %v", line, kind)
		}
		line = oomKillLine("/", "/a", "/a", comm)
		if got, ok := ParseOOMKillOf(line, comm); !ok || got.Task != comm || got.TaskMemcg != "/a" {
			t.Errorf("%q: got %+v %v", line, got, ok)
		}
		line = "oom_reaper: reaped process 7 (" + comm + "), now anon-rss:1kB, file-rss:2kB, shmem-rss:4kB"
		if got, ok := ParseReaper(line); !ok || got.Comm != comm || got.ShmemRSSKB != Some(4) {
			t.Errorf("%q: got %+v %v", line, got, ok)
		}
		line = "Out of memory: Kill process 7 (" + comm + ") score 9 or sacrifice child"
		if got, ok := ParseSelection(line); !ok || got.Comm != comm || got.Score != 9 {
			t.Errorf("%q: got %+v %v", line, got, ok)
		}
	})
}

// FuzzCgroup puts any cgroup name and comm into an oom-kill line that tells the limit's path.
func FuzzCgroup(f *testing.F) {
	for i, name := range hostileCgroups {
		f.Add(name, hostileComms[i])
	}
	f.Fuzz(func(t *testing.T, name, comm string) {
		if len(comm) > maxComm || len(name) > 255 || name == "" || strings.ContainsAny(name, "/\n\x00") || strings.IndexByte(comm, 0) >= 0 {
			t.Skip()
		}
		path := "/evilcg/" + name
		line := oomKillLine(name, path, path, comm)
		got, ok := ParseOOMKillOf(line, comm)
		if !ok || got.Cpuset != name || got.OOMMemcg != path || got.TaskMemcg != path || got.Task != comm || got.PID != Some(271) || got.UID != Some(1000) || !got.Complete {
			t.Errorf("%q: got %+v %v", line, got, ok)
		}
	})
}

// FuzzGFP decodes any mask of any release: each bit must be told once.
func FuzzGFP(f *testing.F) {
	f.Add(uint64(0x201da), "3.10.0-1062.el7.x86_64")
	f.Add(uint64(0x24000c0), "")
	f.Fuzz(func(t *testing.T, mask uint64, release string) {
		text := DecodeGFP(mask, release)
		if mask == 0 && text != "" || strings.HasPrefix(text, "|") || strings.HasSuffix(text, "|") {
			t.Errorf("%#x on %q: %q", mask, release, text)
		}
		eras, known := erasOf(release)
		if known && len(eras) == 1 && mask != 0 && text == "" {
			t.Errorf("%#x on %q has no names", mask, release)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// killer has this machine's kernel kill processes.
type killer struct {
	t      *testing.T
	cgroup string
}

func newKiller(t *testing.T, mib int) *killer {
	t.Helper()
	device, err := kmsg.ThisHost().Open(kmsg.Path)
	if err != nil {
		t.Skip("the kernel log of this machine cannot be read: ", err)
	}
	device.Close()
	return &killer{t, kmsgtest.MemoryCgroup(t, mib<<20)}
}

// kill returns the process id of a process that the kernel has killed: tail keeps what has no end
// of a line.
func (f *killer) kill() int {
	f.t.Helper()
	hog := exec.Command("sh", "-c", `echo $$ > "$0/cgroup.procs" && exec tail /dev/zero`, f.cgroup)
	out, err := hog.CombinedOutput()
	if status, ok := hog.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		f.t.Fatalf("the kernel has not killed it: %v: %s", err, out)
	}
	return hog.Process.Pid
}

// following is the command as a process.
type following struct {
	*exec.Cmd
	pipe  io.ReadCloser
	out   *bufio.Reader
	notes bytes.Buffer
	state string
}

// follow starts the command, and waits until it reads.
func (f *killer) follow(flags ...string) *following {
	f.t.Helper()
	p := &following{state: filepath.Join(f.t.TempDir(), "state")}
	p.Cmd = command(f.t, append([]string{"follow", "--source", "kmsg", "--state", p.state}, flags...)...)
	var err error
	if p.pipe, err = p.StdoutPipe(); err != nil {
		f.t.Fatal(err)
	}
	p.out, p.Stderr = bufio.NewReader(p.pipe), &p.notes
	if err := p.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = p.Process.Kill() })
	time.AfterFunc(time.Minute, func() { _ = p.Process.Kill() }) // so that no read waits for ever
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(p.state); err == nil {
			return p
		}
		if time.Now().After(end) {
			f.t.Fatal("follow does not start: ", p.notes.String())
		}
	}
}

// victim reads records until one is about a process.
func (f *killer) victim(out *bufio.Reader, pid int) (event string) {
	f.t.Helper()
	for {
		line, err := out.ReadBytes('\n')
		if err != nil {
			f.t.Fatal("the output ends: ", err)
		}
		var r struct {
			Event    string `json:"event.name"`
			PID      int    `json:"process.pid"`
			Selected int    `json:"oom.selected.pid"`
		}
		if err := json.Unmarshal(line, &r); err != nil {
			f.t.Fatal(err, string(line))
		}
		if r.PID == pid || r.Selected == pid {
			return r.Event
		}
	}
}

// TestFollowProcess: the command prints a kill of this machine's own log, and Ctrl-C or SIGTERM
// ends it in peace, with its state saved.
func TestFollowProcess(t *testing.T) {
	f := newKiller(t, 16)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		p := f.follow()
		pid := f.kill()
		if event := f.victim(p.out, pid); event != "oom.kill" {
			t.Errorf("it prints %s", event)
		}
		if err := p.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(); err != nil || p.notes.Len() > 0 {
			t.Errorf("%v: %v: %s", sig, err, &p.notes)
		}
		if saved, err := os.ReadFile(p.state); err != nil || bytes.Contains(saved, []byte("running")) || !bytes.Contains(saved, []byte(`"sequence"`)) {
			t.Errorf("%v: state %s, %v", sig, saved, err)
		}
	}
}

// TestFollowIntoAPipeThatEnds: as for head -1, which is no error. The state does not pass what
// nobody has read.
func TestFollowIntoAPipeThatEnds(t *testing.T) {
	f := newKiller(t, 16)
	p := f.follow()
	before, err := os.ReadFile(p.state)
	if err != nil {
		t.Fatal(err)
	}
	p.pipe.Close()
	f.kill()
	if err := p.Wait(); err != nil || p.notes.Len() > 0 {
		t.Errorf("%v: %s", err, &p.notes)
	}
	if after, err := os.ReadFile(p.state); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the state was %s and is %s, %v", before, after, err)
	}
}

// TestFollowWarnings: a leak is warned of before the kernel kills it, and the kill names the
// warning. Nothing else is printed or said.
func TestFollowWarnings(t *testing.T) {
	f := newKiller(t, 64)
	kmsgtest.UntilReported(t, func() bool { return f.warns(t) })
}

// warns is one attempt. It returns false where the kernel has not said where it killed.
func (f *killer) warns(t *testing.T) bool {
	path := filepath.Base(f.cgroup)
	p := f.follow("--warnings", "--warn-cgroup", "**/"+path, "--warn-near-limit", "0.7", "--cgroup", path)
	leak := kmsgtest.NewLeak(f.cgroup, 44, 200*time.Millisecond)
	if err := kmsgtest.RunHog(leak); err != nil {
		t.Fatal(err)
	}
	if !kmsgtest.Reported(t, leak.Process.Pid) {
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.Wait() // it was killed
		return false
	}
	type printed struct {
		Event   string  `json:"event.name"`
		UID     string  `json:"log.record.uid"`
		Cause   string  `json:"oom.warning.cause"`
		Cgroup  string  `json:"oom.cgroup.path"`
		PID     int     `json:"process.pid"`
		Warning string  `json:"oom.warning.id"`
		Lead    float64 `json:"oom.warning.lead"`
	}
	read := func() (r printed) {
		line, err := p.out.ReadBytes('\n')
		if err != nil {
			t.Fatal("the output ends: ", err, p.notes.String())
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err, string(line))
		}
		return r
	}
	warned, killed := read(), read()
	if warned.Event != "oom.warning" || warned.Cause != "cgroup_near_limit" || filepath.Base(warned.Cgroup) != path || warned.UID == "" || warned.Warning != warned.UID || warned.PID != 0 {
		t.Errorf("the warning is %+v", warned)
	}
	if killed.Event != "oom.kill" || killed.PID != leak.Process.Pid || killed.Warning != warned.UID || killed.Lead <= 0 || killed.Lead > 60 {
		t.Errorf("the kill is %+v after %+v", killed, warned)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(p.out); err != nil || len(rest) > 0 {
		t.Errorf("it also prints %s, %v", rest, err)
	}
	if err := p.Wait(); err != nil || p.notes.Len() > 0 {
		t.Errorf("%v: %s", err, &p.notes)
	}
	t.Logf("warned %.1f s before the kill", killed.Lead)
	return true
}

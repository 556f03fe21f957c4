// SPDX-License-Identifier: Apache-2.0

// Package witnesses holds records of real deaths against what truly happened: who sent which signal
// to whom, by the kernel's tracepoints, and how the victim ended, by /proc and waitpid(2).
// README.md says how the captures of testdata/witnesses are made.
package witnesses

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Capture is one scenario: what was logged, and what happened.
type Capture struct {
	Name string
	Truth
	dir string
}

// Log returns one of the capture's files, nil where it has none.
func (c *Capture) Log(name string) []byte {
	b, _ := os.ReadFile(filepath.Join(c.dir, name))
	return b
}

// Truth is truth.json: see README.md.
type Truth struct {
	About    string   `json:"about"`
	Programs []string `json:"programs"`
	// Chosen are the processes that the OOM killer chose (tracepoint oom:mark_victim).
	Chosen []int64 `json:"chosen_by_oom_killer"`
	// Signals were sent to victims (tracepoint signal:signal_generate), in the order of time.
	Signals []Signal `json:"signals"`
	Victims []Victim `json:"victims"`
	// Container is the id of the container, "" where there is none.
	Container string `json:"container"`
}

// Signal is one that was delivered to a victim.
type Signal struct {
	From     Task    `json:"from"`
	To       Task    `json:"to"`
	Time     float64 `json:"time"`
	Number   int     `json:"signal"`
	ByKernel bool    `json:"by_kernel"`
}

// Task is a process of the machine that the capture was made on.
type Task struct {
	PID  int64  `json:"pid"`
	Comm string `json:"comm"`
}

// Victim is a process that the harness started and that ended.
type Victim struct {
	Task
	UID    int64   `json:"uid"`
	Cgroup string  `json:"cgroup"`
	Exited float64 `json:"exited"`
	// PIDs are its pids, from that of the machine's own namespace to that of the innermost.
	PIDs []int64 `json:"pids_by_namespace"`
}

// killers end processes for want of memory; the kernel does where a process was chosen.
var killers = []string{"systemd-oomd", "earlyoom", "nohang"}

// Death is the end of a victim by a signal.
type Death struct {
	Victim
	// Killer is "kernel" or one of killers, "" where the death had nothing to do with memory.
	Killer string
	// Last is the signal that it died of.
	Last Signal
	At   time.Time
}

// Deaths are those of the capture, in the order of their pids.
func (t *Truth) Deaths() (deaths []Death) {
	for _, v := range t.Victims {
		d := Death{Victim: v, At: wall(v.Exited)}
		for _, s := range t.Signals {
			if s.To.PID == v.PID && s.Time <= v.Exited {
				d.Last = s
			}
		}
		switch {
		case d.Last.Number == 0:
			continue // it ended by itself
		case slices.Contains(t.Chosen, v.PID):
			d.Killer = "kernel"
		case slices.Contains(killers, d.Last.From.Comm):
			d.Killer = d.Last.From.Comm
		}
		deaths = append(deaths, d)
	}
	return deaths
}

// Survived returns the signals of killers that no death followed within ten seconds.
func (t *Truth) Survived() (signals []Signal) {
	for _, s := range t.Signals {
		died := slices.ContainsFunc(t.Victims, func(v Victim) bool { return v.PID == s.To.PID && v.Exited-s.Time < 10 })
		if slices.Contains(killers, s.From.Comm) && !died {
			signals = append(signals, s)
		}
	}
	return signals
}

// IsEvicted reports whether the API server says that the pod was evicted.
func (c *Capture) IsEvicted() bool {
	var pod struct{ Status struct{ Reason string } }
	return json.Unmarshal(c.Log("pod.json"), &pod) == nil && pod.Status.Reason == "Evicted"
}

func wall(seconds float64) time.Time { return time.UnixMicro(int64(seconds * 1e6)) }

// Load returns all captures of a directory.
func Load(dir string) ([]*Capture, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "truth.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s: no captures (DIR/NAME/truth.json): %w", dir, os.ErrNotExist)
	}
	var captures []*Capture
	for _, file := range files {
		c := &Capture{dir: filepath.Dir(file)}
		c.Name = filepath.Base(c.dir)
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(b, &c.Truth); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		captures = append(captures, c)
	}
	return captures, nil
}

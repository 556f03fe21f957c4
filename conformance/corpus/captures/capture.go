// SPDX-License-Identifier: Apache-2.0

// Package captures reads captures of real kernels and the truth that stands beside them, and holds
// records against it.
package captures

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"sort"
	"strings"
)

// Capture is one scenario on one kernel: what was logged, in up to three formats, and what truly
// happened.
type Capture struct {
	// Kernel and Scenario name it: "6.12", "f_oomgroup".
	Kernel, Scenario string
	// Kmsg is the log as read from /dev/kmsg; Syslog as read by syslog(2), nil after a panic;
	// Journal as journalctl gives it in JSON, nil where journald did not run.
	Kmsg, Syslog, Journal []byte
	// Truth was observed by the harness, never taken from the log.
	Truth Truth
}

// Name returns "6.12/f_oomgroup".
func (c *Capture) Name() string { return c.Kernel + "/" + c.Scenario }

// Truth is what the harness saw by fork and wait, /proc and the cgroups' counters.
type Truth struct {
	Complete           bool      `json:"complete"`
	KernelRelease      string    `json:"kernel_release"`
	ExpectedConstraint string    `json:"expected_constraint"`
	Description        string    `json:"description"`
	KmsgOverruns       int       `json:"kmsg_overruns"`
	Settings           []Setting `json:"limits_and_sysctls_set"`
	Processes          []Process `json:"processes"`
}

// Setting is a limit or sysctl that the harness wrote.
type Setting struct {
	CgroupHex string `json:"cgroup_hex"`
	File      string `json:"file"`
	Value     string `json:"value"`
}

// Process is one process of the scenario.
type Process struct {
	Role        string   `json:"role"`
	PID         int64    `json:"pid"`
	CommHex     string   `json:"proc_comm_hex"`
	UID         int64    `json:"proc_uid"`
	OOMScoreAdj int64    `json:"proc_oom_score_adj"`
	CgroupHex   string   `json:"cgroup_hex"`
	Victim      bool     `json:"oom_victim"`
	Threads     []Thread `json:"threads"`
}

// Thread is one thread of a process.
type Thread struct {
	TID     int64  `json:"tid"`
	CommHex string `json:"comm_hex"`
	Comm    string `json:"comm"`
}

// Load reads all captures of an archive (.tar.gz), or below a directory, those of the archives in
// it too. Their layout is kernel/scenario/kmsg.raw.
func Load(root string) ([]*Capture, error) {
	found, err := readFiles(root)
	if err != nil {
		return nil, err
	}
	var list []*Capture
	for dir, files := range found {
		if files["kmsg.raw"] == nil {
			continue
		}
		c := &Capture{Kernel: path.Base(path.Dir(dir)), Scenario: path.Base(dir),
			Kmsg: files["kmsg.raw"], Syslog: files["syslog.raw"], Journal: files["journal.json"]}
		if err := json.Unmarshal(files["truth.json"], &c.Truth); err != nil {
			return nil, fmt.Errorf("%s/truth.json: %w", dir, err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no captures (kernel/scenario/kmsg.raw, or .tar.gz archives of them) below %s", root)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name() < list[j].Name() })
	return list, nil
}

// Log returns the log in a format: "kmsg", "syslog" or "journal". Nil: it was not captured.
func (c *Capture) Log(logFormat string) []byte {
	switch logFormat {
	case "syslog":
		return c.Syslog
	case "journal":
		return c.Journal
	}
	return c.Kmsg
}

// comm returns the name of the process or of the thread of it that has this id.
func (p *Process) comm(id int64) (string, bool) {
	for _, t := range p.Threads {
		if t.TID == id && t.CommHex != "" {
			return unhex(t.CommHex), true
		}
		if t.TID == id && t.Comm != "" {
			return t.Comm, true
		}
	}
	return unhex(p.CommHex), p.CommHex != "" && p.PID == id
}

// cgroup returns the path of the process's cgroup, "/" where the harness left it where it was.
func (p *Process) cgroup() string {
	if path := unhex(p.CgroupHex); path != "" {
		return path
	}
	return "/"
}

// recordMax is the longest text of one printk record on the kernels captured, in bytes.
const recordMax = 991

// cutByPrintk reports whether the path of the process's cgroup is longer than printk can print.
func (t *Truth) cutByPrintk(pid int64) bool {
	p := t.process(pid)
	return p != nil && len(p.cgroup()) > recordMax
}

// process returns the process that an id (its own, or a thread's) belongs to.
func (t *Truth) process(id int64) *Process {
	for i := range t.Processes {
		p := &t.Processes[i]
		if p.PID == id {
			return p
		}
		for _, th := range p.Threads {
			if th.TID == id {
				return p
			}
		}
	}
	return nil
}

// limit returns the memory limit last set on a cgroup.
func (t *Truth) limit(path string) (string, bool) {
	value, ok := "", false
	for _, s := range t.Settings {
		if (s.File == "memory.max" || s.File == "memory.limit_in_bytes") && strings.TrimPrefix(unhex(s.CgroupHex), "/sys/fs/cgroup") == path {
			value, ok = s.Value, true
		}
	}
	return value, ok
}

func unhex(s string) string {
	b, _ := hex.DecodeString(s)
	return string(b)
}

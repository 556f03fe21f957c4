// SPDX-License-Identifier: Apache-2.0

// Package logs holds the records of labelled logs, as people paste and damage them, against their
// labels.
package logs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Label is what a reader says a log holds. Null fields are what the log does not say.
type Label struct {
	// Negative marks a log that holds no OOM report at all, and trips naive searches.
	Negative bool `json:"negative"`
	// Kills are the kernel's victims that the log names.
	Kills []Kill `json:"kills"`
	// UserspaceKiller is another killer that the log has lines of, as oom.killer names it. Its
	// kills are not labelled.
	UserspaceKiller string `json:"userspace_killer"`
	// Invoker is the task whose allocation failed, where the log holds one report.
	Invoker     *Invoker `json:"invoker"`
	Invocations int      `json:"invocations"`
	Notes       string   `json:"notes"`
}

// Kill is one labelled victim. Sizes are in KiB.
type Kill struct {
	PID         int64   `json:"pid"`
	Comm        *string `json:"comm"`
	TotalVM     *int64  `json:"total_vm_kb"`
	AnonRSS     *int64  `json:"anon_rss_kb"`
	FileRSS     *int64  `json:"file_rss_kb"`
	ShmemRSS    *int64  `json:"shmem_rss_kb"`
	Pgtables    *int64  `json:"pgtables_kb"`
	UID         *int64  `json:"uid"`
	OOMScoreAdj *int64  `json:"oom_score_adj"`
	Constraint  *string `json:"constraint"`
	Memcg       *string `json:"memcg"`
	OOMMemcg    *string `json:"oom_memcg"`
}

// Invoker is the labelled trigger.
type Invoker struct {
	Comm        *string `json:"comm"`
	PID         *int64  `json:"pid"`
	GFPMask     *string `json:"gfp_mask"`
	GFPFlags    *string `json:"gfp_flags"`
	Order       *int64  `json:"order"`
	OOMScoreAdj *int64  `json:"oom_score_adj"`
}

// Log is one labelled log.
type Log struct {
	Name  string
	Text  []byte
	Label Label
}

// Load reads NAME.log and NAME.json of a directory.
func Load(dir string) (list []*Log, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no labelled logs (NAME.log with NAME.json) in %s", dir)
	}
	for _, file := range files {
		l := &Log{Name: strings.TrimSuffix(filepath.Base(file), ".log")}
		if l.Text, err = os.ReadFile(file); err != nil {
			return nil, err
		}
		label, err := os.ReadFile(strings.TrimSuffix(file, ".log") + ".json")
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(label, &l.Label); err != nil {
			return nil, fmt.Errorf("label of %s: %w", file, err)
		}
		list = append(list, l)
	}
	return list, nil
}

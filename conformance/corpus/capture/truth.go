// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// finishTruth adds to a guest's truth.json what is for a reader's eyes: names in plain text beside
// their hexadecimal digits, the list of victims in the order of their deaths, and the machine.
func finishTruth(raw []byte, machine map[string]any) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var truth map[string]any
	if err := dec.Decode(&truth); err != nil {
		return nil, fmt.Errorf("truth.json: %w", err)
	}
	for _, list := range []string{"processes", "cgroups", "limits_and_sysctls_set"} {
		for _, o := range objects(truth[list]) {
			decodeNames(o)
		}
	}
	victims := victimsOf(truth)
	truth["victims"] = victims
	truth["n_victims"] = len(victims)
	truth["vm"] = machine
	return json.MarshalIndent(truth, "", " ")
}

func objects(list any) (out []map[string]any) {
	items, _ := list.([]any)
	for _, item := range items {
		if o, ok := item.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

// decodeNames puts NAME beside NAME_hex.
func decodeNames(o map[string]any) {
	for _, name := range []string{"comm", "proc_comm", "cgroup", "proc_cgroup", "path"} {
		digits, ok := o[name+"_hex"].(string)
		if b, err := hex.DecodeString(digits); ok && err == nil {
			o[name] = string(bytes.ToValidUTF8(b, []byte("\ufffd")))
		}
	}
}

var victimFields = []string{"role", "pid", "comm", "comm_hex", "uid", "cgroup", "cgroup_hex", "touched_kb", "last_sample", "exit_monotonic_ns"}

func victimsOf(truth map[string]any) []map[string]any {
	victims := []map[string]any{}
	for _, p := range objects(truth["processes"]) {
		if p["oom_victim"] != true {
			continue
		}
		v := map[string]any{"oom_score_adj": p["proc_oom_score_adj"], "oom_score_adj_requested": p["oom_score_adj"]}
		for _, f := range victimFields {
			v[f] = p[f]
		}
		victims = append(victims, v)
	}
	slices.SortStableFunc(victims, func(a, b map[string]any) int {
		return int(number(a["exit_monotonic_ns"]) - number(b["exit_monotonic_ns"]))
	})
	return victims
}

func number(v any) int64 {
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return i
}

// clockSlack: the log's clock and CLOCK_MONOTONIC differ by less than this.
const clockSlack = 2000

// startOf returns when a scenario began, in microseconds of the log's clock.
func startOf(truth []byte) (int64, error) {
	var t struct {
		Start int64 `json:"t_start_monotonic_ns"`
	}
	err := json.Unmarshal(truth, &t)
	return t.Start/1000 - clockSlack, err
}

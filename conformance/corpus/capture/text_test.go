// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestParseFrames(t *testing.T) {
	line := "noise\n@@FILE a/kmsg.raw 3\none" + // with no newline behind it
		"\n@@FILE a/truth.json 21\n\n@@FILE x/y 1\n{not one}" + // holds what looks like a frame
		"\n@@FILE a/kmsg.raw 3\ntwo" +
		"\n@@FILE b/kmsg.raw 0\n" +
		"\n@@FILE c/bad x\n\n@@FILE nameless 1\nx\n@@FILE d/cut 10\nshort"
	r := parseFrames([]byte(line))
	want := map[string]string{"a/kmsg.raw": "two", "a/truth.json": "\n@@FILE x/y 1\n{not on", "b/kmsg.raw": ""}
	got := map[string]string{}
	for s, files := range r {
		for f, data := range files {
			got[s+"/"+f] = string(data)
		}
	}
	if len(got) != len(want) {
		t.Errorf("frames: %q", got)
	}
	for name, data := range want {
		if v, ok := got[name]; !ok || v != data {
			t.Errorf("%s is %q, want %q", name, v, data)
		}
	}
}

const kmsg = "6,10,1500000,-;first\\x0asecond\n SUBSYSTEM=cpu\n DEVICE=+cpu:0\n4,11,1000000123456,c;later\n"

func TestRenderDmesg(t *testing.T) {
	want := "[    1.500000] first\\x0asecond\n[1000000.123456] later\n"
	if got := string(renderDmesg([]byte(kmsg))); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSince(t *testing.T) {
	if got := string(since([]byte(kmsg), 1500001)); got != "4,11,1000000123456,c;later\n" {
		t.Errorf("%q", got)
	}
	if got := string(since([]byte(kmsg), 1500000)); got != kmsg {
		t.Errorf("%q", got)
	}
}

func TestFinishTruth(t *testing.T) {
	raw := `{"processes":[
		{"pid":7,"comm_hex":"c3bc","cgroup_hex":"2f61","oom_victim":true,"exit_monotonic_ns":9007199254740993,"proc_oom_score_adj":5},
		{"pid":8,"comm_hex":"ff0a","oom_victim":true,"exit_monotonic_ns":9007199254740992},
		{"pid":9,"comm_hex":"62","oom_victim":false}],
		"cgroups":[{"path_hex":"2f61"}],"limits_and_sysctls_set":[]}`
	out, err := finishTruth([]byte(raw), map[string]any{"machine": "m"})
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Victims []struct {
			PID  int64  `json:"pid"`
			Comm string `json:"comm"`
			Adj  *int64 `json:"oom_score_adj"`
		}
		N         int                     `json:"n_victims"`
		Cgroups   []struct{ Path string } `json:"cgroups"`
		Machine   map[string]string       `json:"vm"`
		Processes []struct {
			Exit json.Number `json:"exit_monotonic_ns"`
		}
	}
	if err := json.Unmarshal(out, &truth); err != nil {
		t.Fatal(err)
	}
	if truth.N != 2 || truth.Victims[0].PID != 8 || truth.Victims[1].PID != 7 {
		t.Errorf("victims not in the order of their deaths: %+v", truth.Victims)
	}
	if v := truth.Victims[1]; v.Comm != "ü" || v.Adj == nil || *v.Adj != 5 {
		t.Errorf("victim 7: %+v", v)
	}
	if c := truth.Victims[0].Comm; c != "\ufffd\n" {
		t.Errorf("comm of bytes that are no text: %q", c)
	}
	if truth.Cgroups[0].Path != "/a" || truth.Machine["machine"] != "m" {
		t.Errorf("cgroup %q, machine %v", truth.Cgroups[0].Path, truth.Machine)
	}
	if n := truth.Processes[0].Exit; n != "9007199254740993" {
		t.Errorf("a number of 64 bits came out as %s", n)
	}
	if _, err := finishTruth([]byte("{"), nil); err == nil || !strings.Contains(err.Error(), "truth.json") {
		t.Errorf("broken truth: %v", err)
	}
}

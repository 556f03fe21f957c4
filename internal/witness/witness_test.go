// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"reflect"
	"slices"
	"testing"
	"unsafe"
)

// TestTriggers holds the table to what package scan can search for.
func TestTriggers(t *testing.T) {
	for _, p := range programs {
		if len(p.triggers)+len(p.deaths) == 0 || p.new == nil {
			t.Errorf("%s: a row needs a trigger and a reader", p.name)
		}
		for _, trigger := range append(append([]string{}, p.triggers...), p.deaths...) {
			if len(trigger) != 8 {
				t.Errorf("%s: trigger %q has %d bytes, want 8", p.name, trigger, len(trigger))
			}
		}
	}
}

// TestCloneOwnsItsStrings sets each string of a fact, at any depth, and looks where the clone's
// are.
func TestCloneOwnsItsStrings(t *testing.T) {
	var f Fact
	var visit func(v reflect.Value, fn func(reflect.Value))
	visit = func(v reflect.Value, fn func(reflect.Value)) {
		switch {
		case v.Kind() == reflect.String:
			fn(v)
		case v.Kind() == reflect.Struct && v.Type().PkgPath() != "time":
			for i := range v.NumField() {
				if v.Type().Field(i).Name != "Input" { // it is the caller's, who keeps it
					visit(v.Field(i), fn)
				}
			}
		}
	}
	text := []byte("text")
	shared := unsafe.String(&text[0], len(text))
	n := 0
	visit(reflect.ValueOf(&f).Elem(), func(v reflect.Value) { v.SetString(shared); n++ })
	c := f.Clone()
	visit(reflect.ValueOf(&c).Elem(), func(v reflect.Value) {
		if s := v.String(); unsafe.StringData(s) == &text[0] {
			t.Errorf("a string of the clone is the line's")
		}
	})
	if n < 30 {
		t.Errorf("only %d strings visited", n)
	}
}

// TestWhereLinesStand: the journal's entries of all programs are found by these units and
// identifiers.
func TestWhereLinesStand(t *testing.T) {
	units := []string{
		"condor.service", "containerd.service", "docker.service", "earlyoom.service", "ecs.service",
		"k3s-agent.service", "k3s.service", "kubelet.service", "node-problem-detector.service", "nohang-desktop.service",
		"nohang.service", "nomad.service", "rke2-agent.service", "rke2-server.service", "slurmd.service",
		"slurmstepd.scope", "systemd-oomd.service",
	}
	if got := Units(); !slices.Equal(got, units) {
		t.Errorf("units %q", got)
	}
	if got := Identifiers(false); !slices.Equal(got, []string{"conmon", "podman"}) {
		t.Errorf("identifiers %q", got)
	}
	if got := Identifiers(true); !slices.Equal(got, []string{"conmon", "podman", "sudo"}) {
		t.Errorf("identifiers with deaths %q", got)
	}
}

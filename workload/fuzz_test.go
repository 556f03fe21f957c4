// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// valid fails the test unless all names are valid by their rules.
func valid(t *testing.T, n Names) {
	t.Helper()
	for _, c := range []struct {
		name string
		ok   func(string) bool
	}{
		{n.Namespace, isLabel}, {n.Pod, isSubdomain}, {n.Container, isLabel}, {n.Image, isImage}, {n.ContainerName, isName},
		{n.ComposeProject, isName}, {n.ComposeService, isName}, {n.JobName, isJob}, {n.GroupName, isJob}, {n.TaskName, isJob},
		{n.Machine, isName}, {n.User, isUser},
	} {
		if c.name == "" {
			continue
		}
		if !c.ok(c.name) || len(c.name) > maxImage || !utf8.ValidString(c.name) || strings.ContainsAny(c.name, " \n\t\x00\x1b\"\\<>&;") {
			t.Errorf("%q is a name in %+v", c.name, n)
		}
	}
	if (n.Namespace == "") != (n.Pod == "") || n.ComposeProject == "" != (n.ComposeService == "") || n.RestartCount < 0 {
		t.Errorf("half a name: %+v", n)
	}
}

// seed adds what the files of the written and real trees have.
func seed(f *testing.F, pattern string) {
	for _, tree := range []string{"testdata/written/*/", "testdata/real/*/root/"} {
		files, err := filepath.Glob(tree + pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
}

func FuzzAnnotations(f *testing.F) {
	seed(f, containerdTasks[0].dir+"*/config.json")
	seed(f, crioContainers[1]+"*/userdata/config.json")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ociAnnotations(strings.NewReader(text))
		if err != nil {
			return
		}
		valid(t, containerdClaim(a, true).Names)
		valid(t, containerdClaim(a, false).Names)
		valid(t, crioClaim(a).Names)
	})
}

func FuzzDocker(f *testing.F) {
	seed(f, dockerContainers+"*/config.v2.json")
	f.Fuzz(func(t *testing.T, text string) {
		var d dockerConfig
		if json.Unmarshal([]byte(text), &d) == nil {
			valid(t, dockerClaim(&d).Names)
		}
	})
}

func FuzzStored(f *testing.F) {
	seed(f, "var/lib/containers/storage/*/*containers.json")
	f.Fuzz(func(t *testing.T, text string) {
		by := map[string]claim{}
		readStored(strings.NewReader(text), by)
		for id, c := range by {
			if !ids.IsContainerID(id) {
				t.Errorf("the id %q", id)
			}
			valid(t, c.Names)
		}
	})
}

func FuzzPasswd(f *testing.F) {
	seed(f, "etc/passwd")
	f.Fuzz(func(t *testing.T, text string) {
		by := map[string]string{}
		readPasswd(strings.NewReader(text), by)
		for id, name := range by {
			if !isNumber(id) {
				t.Errorf("the id %q", id)
			}
			valid(t, Names{User: name})
			if !strings.Contains(text, name+":") {
				t.Errorf("%q is not in the file", name)
			}
		}
	})
}

// FuzzLogNames: a name that is read is the one that the kubelet makes of what was read.
func FuzzLogNames(f *testing.F) {
	f.Add("shop_cart-0_" + uid)
	f.Add("cart-0_shop_app-" + id("3b") + ".log")
	f.Add("/var/log/pods/shop_cart-0_" + uid + "/app/3.log")
	f.Add("/var/log/pods/" + uid + "/app_3.log")
	f.Fuzz(func(t *testing.T, name string) {
		if c, ok := podLogDir(name); ok {
			if valid(t, c.Names); c.Namespace+"_"+c.Pod+"_"+c.uid != name || !ids.IsPodUID(c.uid) {
				t.Errorf("%q: %+v", name, c)
			}
		}
		if c, ok := containerLog(name); ok {
			if valid(t, c.Names); !strings.HasPrefix(name, c.Pod+"_"+c.Namespace+"_"+c.Container+"-") {
				t.Errorf("%q: %+v", name, c)
			}
		}
		if c, ok := logFile(name); ok {
			if valid(t, c.Names); !c.HasRestartCount || !ids.IsPodUID(c.uid) || c.Container == "" || !strings.Contains(name, c.uid) {
				t.Errorf("%q: %+v", name, c)
			}
		}
	})
}

// FuzzMachineName: what libvirt makes of a name is a host's name of at most 64 bytes, which stays
// as it is.
func FuzzMachineName(f *testing.F) {
	f.Add("web01")
	f.Add("db_1.-x-")
	f.Fuzz(func(t *testing.T, vm string) {
		got := machineName("", vm)
		if len(got) > 64 || machineName("", got) != got || got != "" && !isWord(got, ".-") {
			t.Errorf("%q gives %q", vm, got)
		}
	})
}

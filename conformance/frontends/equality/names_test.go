// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
	"github.com/oomtrail/oomtrail/workload"
)

// node is what a real runtime left of a real kill: the kernel's log, and the node's files.
type node struct {
	name, root string
	log        []byte
	// want is the record that the parser makes of the two, bare the one that it makes of the log
	// alone.
	want, bare contract.Record
}

// nodes returns all that are there.
func nodes(t *testing.T) (list []node) {
	t.Helper()
	logs, err := filepath.Glob("../../../workload/testdata/real/*/kmsg.raw")
	if err != nil || len(logs) < 4 {
		t.Fatalf("%d nodes, %v", len(logs), err)
	}
	for _, path := range logs {
		root, err := filepath.Abs(filepath.Join(filepath.Dir(path), "root"))
		if err != nil {
			t.Fatal(err)
		}
		n := node{name: filepath.Base(filepath.Dir(path)), root: root}
		if n.log, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		resolver, err := workload.New(workload.Options{Root: root})
		if err != nil {
			t.Fatal(err)
		}
		n.want, n.bare = n.record(t, resolver.Lookup), n.record(t, nil)
		if names := namesOf(n.want); len(names) <= len(namesOf(n.bare)) {
			t.Fatalf("%s: nothing is named: %v", n.name, names)
		}
		list = append(list, n)
	}
	return list
}

// record returns what the parser makes of the log.
func (n *node) record(t *testing.T, names func(parser.Workload) parser.Names) (kill contract.Record) {
	t.Helper()
	err := parser.ReadAll(bytes.NewReader(n.log), parser.Options{Names: names}, func(r *record.Record) (err error) {
		if kill != nil {
			return fmt.Errorf("a second record: %s", r.Body)
		}
		kill, err = contract.FromJSON(r.AppendJSON(nil))
		return err
	})
	if err != nil || kill == nil {
		t.Fatalf("%s: %v, %v", n.name, kill, err)
	}
	return kill
}

// namesOf returns what names are in a record, and what is made of them.
func namesOf(r contract.Record) map[string]string {
	names := map[string]string{}
	for name, value := range r {
		for _, of := range []string{"body", "oom.diagnosis.summary", "oom.job.", "oom.machine.", "oom.names.", "k8s.", "container.", "process.real_user.name"} {
			if strings.HasPrefix(name, of) {
				names[name] = fmt.Sprint(value)
			}
		}
	}
	return names
}

// checkNames compares the one record that a frontend gave of a node's kill.
func checkNames(t *testing.T, what string, got []contract.Record, want contract.Record) {
	t.Helper()
	if len(got) != 1 {
		t.Errorf("%s: %d records", what, len(got))
		return
	}
	if g, w := namesOf(got[0]), namesOf(want); !maps.Equal(g, w) {
		t.Errorf("%s:\ngot  %v\nwant %v", what, g, w)
	}
	for _, d := range contract.Differences(got[0], want) {
		t.Errorf("%s: %s", what, d)
	}
}

// kubelet returns the node whose kubelet left most.
func kubelet(t *testing.T) node {
	t.Helper()
	list := nodes(t)
	i := slices.IndexFunc(list, func(n node) bool {
		return strings.HasPrefix(n.name, "kubelet-") && n.want["container.image.name"] != nil
	})
	if i < 0 {
		t.Fatal("no node has a kubelet")
	}
	return list[i]
}

// TestNamesCommandLine: the same names by --root, and none where they are switched off or there is
// no root.
func TestNamesCommandLine(t *testing.T) {
	program := buildCommand(t)
	for _, n := range nodes(t) {
		for _, tc := range []struct {
			args []string
			want contract.Record
		}{
			{[]string{"--root", n.root}, n.want}, {[]string{"--root", n.root, "--names=false"}, n.bare},
			{[]string{"--root", filepath.Join(n.root, "absent")}, n.bare},
		} {
			cmd := exec.Command(program, append([]string{"parse"}, tc.args...)...)
			cmd.Stdin = bytes.NewReader(n.log)
			out, err := cmd.Output()
			if exit := new(exec.ExitError); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1 && bytes.Contains(exit.Stderr, []byte("--root"))) {
				t.Fatal(err) // of a root that is not there it says so, and reads on
			}
			r, err := contract.FromJSON(out)
			if err != nil {
				t.Fatal(err)
			}
			checkNames(t, fmt.Sprintf("%s %q", n.name, tc.args), []contract.Record{r}, tc.want)
		}
	}
}

// TestNamesReceiver: kmsg and file, of each node with its names, without, and without a root, all
// of them in one collector. Each receiver says by its host name which one it is.
func TestNamesReceiver(t *testing.T) {
	dir := t.TempDir()
	want := map[string]contract.Record{}
	var receivers []component
	add := func(name, source, more string, r contract.Record) {
		name = strings.ReplaceAll(name, " ", "-")
		want[name] = r
		receivers = append(receivers, component{"oom_kill/" + name, fmt.Sprintf("    %s\n    report_timeout: 1s\n    host_name: %q\n    %s\n", source, name, more)})
	}
	for _, n := range nodes(t) {
		file := filepath.Join(dir, n.name+".log")
		if err := os.WriteFile(file, n.log, 0o600); err != nil {
			t.Fatal(err)
		}
		sources := map[string]func(what string) string{
			"kmsg": func(what string) string {
				device := filepath.Join(dir, n.name+"-"+what)
				kmsgDevice(t, device, n.log)
				return fmt.Sprintf("source: kmsg\n    kmsg: {path: %q}", device)
			},
			"file": func(string) string {
				return fmt.Sprintf("source: file\n    file: {include: [%q], format: kmsg}\n    start_at: beginning", file)
			},
		}
		for from, source := range sources {
			add(n.name+" "+from, source("named"), fmt.Sprintf("root_path: %q", n.root), n.want)
			if strings.HasPrefix(n.name, "kubelet-") {
				add(n.name+" "+from+" off", source("off"), fmt.Sprintf("root_path: %q\n    names: false", n.root), n.bare)
				add(n.name+" "+from+" absent", source("absent"), fmt.Sprintf("root_path: %q", filepath.Join(n.root, "absent")), n.bare)
			}
		}
	}
	got, err := Collector(collectorBinary(t), dir, pipeline(receivers, nil), len(want))
	if err != nil {
		t.Fatal(err)
	}
	byHost := map[string][]contract.Record{}
	for _, r := range got {
		host := fmt.Sprint(r["host.name"])
		byHost[host] = append(byHost[host], r)
	}
	for name, r := range want {
		checkNames(t, name, byHost[name], r)
	}
	if len(byHost) != len(want) {
		t.Errorf("records of %d receivers, expected %d", len(byHost), len(want))
	}
}

// TestNamesProcessor: the processor on the node names the pod by the same files, with names off or
// without a root it does not, and in a gateway there is nothing to find.
func TestNamesProcessor(t *testing.T) {
	n := kubelet(t)
	logs := t.TempDir()
	if err := os.WriteFile(filepath.Join(logs, "node.log"), n.log, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		what, settings string
		want           contract.Record
	}{
		{"on the node", fmt.Sprintf("    root_path: %q\n", n.root), n.want},
		{"off", fmt.Sprintf("    root_path: %q\n    names: false\n", n.root), n.bare},
		{"in a gateway", fmt.Sprintf("    root_path: %q\n", t.TempDir()), n.bare},
		{"without a root", fmt.Sprintf("    root_path: %q\n", filepath.Join(n.root, "absent")), n.bare},
	} {
		p := processor("oom_kill", "only")
		p.settings += tc.settings
		got, err := Collector(collectorBinary(t), t.TempDir(), pipeline([]component{fileLog(logs)}, []component{p}), 1)
		if err != nil {
			t.Fatal(err)
		}
		checkNames(t, tc.what, got, tc.want)
	}
}

// TestNamesFluentBit: the shipped plugin's filter and output name the pod by the same files.
func TestNamesFluentBit(t *testing.T) {
	host, log := pluginHost(t)
	absent := filepath.Join(t.TempDir(), "absent")
	for _, n := range nodes(t) {
		for _, tc := range []struct {
			root, names string
			named       bool
		}{{n.root, "", true}, {n.root, "off", false}, {absent, "on", false}} {
			want := n.bare
			if tc.named {
				want = n.want
			}
			settings := []fbhost.Setting{{Key: "Format", Value: "flat"}, {Key: "Mode", Value: "only"}, {Key: "Root_Path", Value: tc.root}, {Key: "Names", Value: tc.names}}
			if ret := host.Init(0, settings...); ret != 0 {
				t.Fatalf("init returned %d", ret)
			}
			a := host.Filter(0, fbhost.Input{}, "kernel", fbtest.Chunk(inKmsg(n.log)...))
			host.Exit(0)
			checkNames(t, "filter "+n.name, fromChunk(t, a.Out), want)

			url, received := lokiRecorder(t)
			host.Output("kernel", [][]byte{fbtest.Chunk(inKmsg(n.log)...)}, append(settings[2:], fbhost.Setting{Key: "Target", Value: "loki"}, fbhost.Setting{Key: "Url", Value: url})...)
			line, metadata := received()
			if line != want["body"] {
				t.Errorf("output %s: %q, want %q", n.name, line, want["body"])
			}
			for name, value := range namesOf(want) {
				if name = strings.ReplaceAll(name, ".", "_"); name != "body" && metadata[name] != value {
					t.Errorf("output %s: %s is %q, want %q", n.name, name, metadata[name], value)
				}
			}
			if !tc.named && metadata["k8s_pod_name"]+metadata["container_name"] != "" {
				t.Errorf("output %s: %v", n.name, metadata)
			}
		}
	}
	if err := host.Close(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	warning := fmt.Sprintf("Root_Path: %q: no such file or directory", absent)
	if got, want := strings.Count(log.String(), warning), 2*len(nodes(t)); got != want { // filter and output
		t.Errorf("%d warnings, want %d:\n%s", got, want, log.String())
	}
}

// lokiRecorder is a server that keeps the one entry that it is sent.
func lokiRecorder(t *testing.T) (url string, received func() (line string, metadata map[string]string)) {
	t.Helper()
	url, body := recorder(t)
	return url, func() (line string, metadata map[string]string) {
		var push struct {
			Streams []struct{ Values [][3]json.RawMessage }
		}
		if err := json.Unmarshal(body(), &push); err != nil || len(push.Streams) != 1 || len(push.Streams[0].Values) != 1 {
			t.Fatalf("%s: %v", body(), err)
		}
		entry := push.Streams[0].Values[0]
		if err := json.Unmarshal(entry[1], &line); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(entry[2], &metadata); err != nil {
			t.Fatal(err)
		}
		return line, metadata
	}
}

// recorder is a server that keeps what it is sent.
func recorder(t *testing.T) (url string, received func() []byte) {
	t.Helper()
	var mu sync.Mutex
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		body = append(body, b...)
		mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []byte {
		mu.Lock()
		defer mu.Unlock()
		return body
	}
}

// TestNamesInFluentBit: a real Fluent Bit, whose in_kmsg reads each node's log.
func TestNamesInFluentBit(t *testing.T) {
	fb := fluentBit(t)
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: this test needs root, to put a log in the place of /dev/kmsg")
	}
	for _, n := range nodes(t) {
		dir := t.TempDir()
		fb.Kmsg, fb.Settings = filepath.Join(dir, "kmsg"), "    Root_Path "+n.root
		kmsgDevice(t, fb.Kmsg, append(bytes.Clone(n.log), lastWords...))
		got, err := fb.Run(dir, "[INPUT]\n    Name kmsg\n    Tag kernel\n", 1)
		if err != nil {
			t.Fatal(err)
		}
		checkNames(t, n.name, got, n.want)
	}
}

// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/conformance/stress/faults"
)

// examples holds the shipped configurations, below this directory.
const examples = "../../../otelprocessor/examples/fleet/"

// name is the name whose addresses are those of the gateways.
const name = "oom-gateways.test"

// patience is how long a collector may take to be ready, and how long nothing may arrive before
// what is not there counts as lost.
const patience = 45 * time.Second

// Tier is a row of gateways, of which some may die and others join.
type Tier struct {
	collector string
	config    string
	env       []string
	// grpc and http are the ports of all gateways, whose addresses are 127.0.0.11 and so on.
	grpc, http string

	mu       sync.Mutex
	gateways []*faults.Process
	alive    []string // their addresses
	hosts    string   // the file that says where the name is, see hosts(5)
}

// NewTier prepares gateways that run a shipped configuration in a collector.
func NewTier(t testing.TB, collector, config string, env ...string) *Tier {
	t.Helper()
	return &Tier{
		collector: collector, config: config, env: env,
		grpc: backends.FreePort(t), http: backends.FreePort(t), hosts: filepath.Join(t.TempDir(), "hosts"),
	}
}

// Join starts one more gateway. It gets work once it is ready.
func (g *Tier) Join(t testing.TB) {
	t.Helper()
	g.mu.Lock()
	address := fmt.Sprintf("127.0.0.%d", 11+len(g.gateways))
	g.mu.Unlock()
	more := []string(nil)
	if !strings.HasPrefix(g.config, "kafka") {
		more = []string{
			fmt.Sprintf("yaml:receivers::otlp::protocols::grpc::endpoint: %s:%s", address, g.grpc),
			fmt.Sprintf("yaml:receivers::otlp::protocols::http::endpoint: %s:%s", address, g.http),
		}
	}
	p := run(t, nil, g.env, g.collector, g.config, more...)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gateways = append(g.gateways, p)
	g.alive = append(g.alive, address)
	g.publish(t)
}

// Kill kills a gateway as kill -9 does. Its address stays known until it leaves, as in a cluster
// that has not noticed yet.
func (g *Tier) Kill(i int) { g.gateways[i].Kill() }

// Leave takes the address of a gateway away.
func (g *Tier) Leave(t testing.TB, i int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	address := fmt.Sprintf("127.0.0.%d", 11+i)
	g.alive = slices.DeleteFunc(g.alive, func(s string) bool { return s == address })
	g.publish(t)
}

// publish writes where the name is. The file stays the same: it is mounted.
func (g *Tier) publish(t testing.TB) {
	text := "127.0.0.1 localhost\n"
	for _, address := range g.alive {
		text += address + " " + name + "\n"
	}
	if err := os.WriteFile(g.hosts, []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}

// Of returns where a host's logs go over HTTP, as the exporter load_balancing chooses: always the
// same gateway while the same gateways are there.
func (g *Tier) Of(host string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	best, highest := "", uint64(0)
	for _, address := range g.alive {
		h := fnv.New64a()
		_, _ = h.Write([]byte(address + host)) // a hash takes all
		if score := h.Sum64() * 0x9e3779b97f4a7c15; best == "" || score > highest {
			best, highest = address, score
		}
	}
	return fmt.Sprintf("http://%s:%s/v1/logs", best, g.http)
}

// Usage returns the processor time of all gateways that run, and the most memory that one of them
// has resident.
func (g *Tier) Usage(t testing.TB) (cpu time.Duration, resident int64) {
	for _, p := range g.gateways {
		c, r := p.Usage(t)
		cpu, resident = cpu+c, max(resident, r)
	}
	return cpu, resident
}

// Agent starts what stands for the nodes: a shipped configuration that takes OTLP in place of a
// file. It knows the gateways by a name. Its address is returned.
func (g *Tier) Agent(t testing.TB, config string, records bool, env ...string) (p *faults.Process, url string) {
	t.Helper()
	address := backends.FreeAddress(t)
	more := []string{
		"yaml:receivers::otlp::protocols::http::endpoint: " + address,
		"yaml:service::pipelines::logs::receivers: [otlp]",
	}
	if records {
		more = append(more, "yaml:processors::oom_kill: {mode: only, reorder_wait: 0}", "yaml:service::pipelines::logs::processors: [oom_kill]")
	}
	state := t.TempDir()
	env = append(env, "NODE_NAME=agent", "STATE_DIRECTORY="+state, "GATEWAYS="+name, "GATEWAY_PORT="+g.grpc)
	// The agent alone sees the file as /etc/hosts.
	wrap := []string{"unshare", "--user", "--map-root-user", "--mount", "sh", "-c", `mount --bind "$0" /etc/hosts && exec "$@"`, g.hosts}
	return run(t, wrap, env, g.collector, config, more...), "http://" + address + "/v1/logs"
}

// needNamespace skips a test where a process cannot have its own /etc/hosts.
func needNamespace(t testing.TB) {
	t.Helper()
	if out, err := exec.Command("unshare", "--user", "--map-root-user", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: this machine gives no mount namespace, which the names of the gateways take: %v: %s", err, out)
	}
}

// run starts a collector with a shipped configuration and changes to it, and waits until it is
// ready.
func run(t testing.TB, wrap, env []string, collector, config string, more ...string) *faults.Process {
	t.Helper()
	args := append(append([]string{"env"}, env...), wrap...)
	args = append(args, collector, "--config", examples+config, "--config", "yaml:service::telemetry::metrics::level: none")
	for _, m := range more {
		args = append(args, "--config", m)
	}
	p := faults.NewProcess(t, t.TempDir(), args...)
	p.Start(t)
	p.Ready(t, patience)
	return p
}

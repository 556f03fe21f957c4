// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/conformance/stress/faults"
)

var (
	full = flag.Bool("full", false, "run with thousands of hosts and the load balancer, as make scale does")
	rows []Row
	// notes are printed below the table.
	notes []string
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	printRows(os.Stdout)
	os.Exit(code)
}

// How the logs of the hosts come to the gateways.
const (
	direct   = "" // the test itself chooses the gateway
	balanced = "load_balancing"
	kafka    = "kafka"
)

// Scenario is one run of a fleet.
type Scenario struct {
	Title string
	// Hosts is how many there are, Ordinary how many lines each has beside its report.
	Hosts, Ordinary int
	// Quiet says that nothing is killed.
	Quiet bool
	// Gateways is how many there are, 0 for three.
	Gateways int
	// Through is how they reach the gateways.
	Through string
	// Records says that the nodes make the records.
	Records bool
	// Faults says that one gateway is killed and one joins while kills flow.
	Faults bool
}

// Row is what a scenario came to.
type Row struct {
	Scenario
	Lines, Kills int
	// Lost are the kills of which no record came, Copies the records that came once more than
	// needed, Incomplete the records that lack a part which their log has. Halves are second
	// records of a kill, with another id: one gateway had the lines before a kill line, another one
	// that line.
	Lost, Copies, Incomplete, Halves int
	LinesLost, LinesAgain            int
	// Again is how often the test sent something again.
	Again int
	// Others counts the records that are no kill.
	Others map[string]int
	// CPU is the processor time of all gateways, Idle and Resident the most memory of one of them
	// before and after. Not measured with faults.
	CPU            time.Duration
	Idle, Resident int64
	Took           time.Duration
}

// TestGatewayKilled: a gateway of three is killed and another one joins, and no kill is lost, also
// where no load balancer stands between.
func TestGatewayKilled(t *testing.T) {
	row := play(t, Scenario{Title: "a gateway killed, one added", Hosts: 120, Ordinary: 20, Faults: true})
	if row.Lost != 0 || row.LinesLost != 0 {
		t.Errorf("%d kills and %d lines are lost", row.Lost, row.LinesLost)
	}
	if row.Again == 0 {
		t.Error("nothing was sent again, so that the dead gateway was not felt")
	}
}

// TestScale: what gateways take of processor and memory, and what a gateway that is killed costs.
func TestScale(t *testing.T) {
	if !*full {
		t.Skip("NOT RUN: thousands of hosts take minutes: `make scale` runs them, with -full")
	}
	needNamespace(t)
	for _, s := range []Scenario{
		{Title: "lines", Hosts: 300, Ordinary: 100, Through: balanced},
		{Title: "lines", Hosts: 1000, Ordinary: 100, Through: balanced},
		{Title: "lines", Hosts: 3000, Ordinary: 100, Through: balanced},
		{Title: "lines", Hosts: 10000, Ordinary: 100, Through: balanced},
		{Title: "lines, one gateway", Hosts: 10000, Ordinary: 100, Through: balanced, Gateways: 1},
		{Title: "lines, no kill", Hosts: 3000, Ordinary: 200, Through: balanced, Quiet: true},
		{Title: "lines, a gateway killed, one added", Hosts: 3000, Ordinary: 100, Through: balanced, Faults: true},
		{Title: "records, a gateway killed, one added", Hosts: 3000, Ordinary: 100, Through: balanced, Faults: true, Records: true},
		{Title: "lines by Kafka, a gateway killed, one added", Hosts: 3000, Ordinary: 100, Through: kafka, Faults: true},
	} {
		t.Run(fmt.Sprintf("%s, %d hosts", s.Title, s.Hosts), func(t *testing.T) {
			row := play(t, s)
			if row.Lost != 0 || row.LinesLost != 0 {
				t.Errorf("%d kills and %d lines are lost", row.Lost, row.LinesLost)
			}
			if row.Halves*100 > row.Kills {
				t.Errorf("%d kills have two ids", row.Halves)
			}
			if (!s.Faults || s.Records) && row.Incomplete != 0 {
				t.Errorf("%d records are not complete", row.Incomplete)
			}
			if !s.Faults && row.Copies != 0 {
				t.Errorf("%d records came twice", row.Copies)
			}
		})
	}
}

// TestConnections: what a node costs that is connected and says nothing.
func TestConnections(t *testing.T) {
	if !*full {
		t.Skip("NOT RUN: thousands of hosts take minutes: `make scale` runs them, with -full")
	}
	const nodes = 3000
	tier := NewTier(t, built(t, "otelcol-oom"), "gateway.yaml", "LOKI_URL=http://127.0.0.1:1")
	tier.Join(t)
	_, before := tier.Usage(t)
	for range nodes {
		conn, err := net.Dial("tcp", "127.0.0.11:"+tier.grpc)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() }) // the gateway has ended
		// What an HTTP/2 client says first (RFC 9113, section 3.4), and the head of the answer.
		if _, err := conn.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 9)); err != nil {
			t.Fatal(err)
		}
	}
	_, after := tier.Usage(t)
	notes = append(notes, fmt.Sprintf("A gateway with %d connections of nodes that say nothing: %d MiB, %d MiB before, %d KiB each.",
		nodes, after>>20, before>>20, (after-before)/nodes>>10))
	if each := (after - before) / nodes; each > 256<<10 {
		t.Errorf("a connection takes %d bytes", each)
	}
}

// play runs a scenario and adds its row to the table.
func play(t *testing.T, s Scenario) Row {
	t.Helper()
	backend := StartBackend(t)
	hosts := Fleet(t, s.Hosts, s.Ordinary, s.Quiet)
	if s.Gateways == 0 {
		s.Gateways = 3
	}
	row := Row{Scenario: s}
	for _, h := range hosts {
		row.Lines += len(h.Lines)
		row.Kills += len(h.Kills)
	}
	binary, config := "otelcol-oom-slim", "gateway.yaml"
	if s.Through != direct {
		binary = "otelcol-oom"
	}
	env := []string{"LOKI_URL=" + backend.URL}
	if s.Through == kafka {
		config = "kafka-gateway.yaml"
		env = append(env, "KAFKA="+startBroker(t))
	}
	tier := NewTier(t, built(t, binary), config, env...)
	for range s.Gateways {
		tier.Join(t)
	}
	to := tier.Of
	var agent *faults.Process
	if s.Through != direct {
		var url string
		config := map[string]string{balanced: "agent.yaml", kafka: "kafka-agent.yaml"}[s.Through]
		agent, url = tier.Agent(t, config, s.Records, env...)
		to = func(string) string { return url }
	}
	before, idle := tier.Usage(t)
	began := time.Now()
	dead, changed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(changed)
		if s.Faults {
			await(backend, func(kills, _ int) bool { return kills >= row.Kills/3 })
			tier.Kill(0)
			close(dead)
			time.Sleep(2 * time.Second)
			tier.Leave(t, 0)
			await(backend, func(kills, _ int) bool { return kills >= row.Kills*2/3 })
			tier.Join(t)
		}
	}()
	row.Again = Send(hosts, to, func() {
		if kills, _ := backend.Progress(); s.Faults && kills >= row.Kills/3 {
			<-dead // before all is sent
		}
	})
	await(backend, func(kills, lines int) bool { return kills >= row.Kills && (row.Records || lines >= row.Lines) })
	row.Took = time.Since(began)
	<-changed
	if !s.Faults {
		after, resident := tier.Usage(t)
		row.CPU, row.Idle, row.Resident = after-before, idle, resident
	}
	for _, p := range append(tier.gateways, agent) {
		if p == nil || s.Faults && p == tier.gateways[0] {
			continue
		}
		p.Stop(t)
		for line := range strings.Lines(string(p.Said())) {
			if strings.Contains(line, "Dropping data") {
				t.Errorf("a collector dropped data: %s", line)
			}
		}
	}
	row.count(t, backend, hosts)
	t.Logf("%d parts of batches were sent again by the test; records that are no kill: %v", row.Again, row.Others)
	rows = append(rows, row)
	return row
}

// await waits until enough has arrived, or nothing new comes any more.
func await(b *Backend, enough func(kills, lines int) bool) {
	last, changed := -1, time.Now()
	for {
		kills, lines := b.Progress()
		if kills+lines > last {
			last, changed = kills+lines, time.Now()
		}
		if enough(kills, lines) || time.Since(changed) > patience {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// count compares what arrived with what happened. A kill that never was, or one under two keys, is
// an error.
func (r *Row) count(t *testing.T, b *Backend, hosts []*Host) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	type process struct {
		host string
		pid  int64
	}
	arrived := map[process]map[string]*Arrival{} // by id
	for key, a := range b.kills {
		of := process{a.Host, a.PID}
		if arrived[of] == nil {
			arrived[of] = map[string]*Arrival{}
		}
		if arrived[of][a.UID] != nil {
			t.Errorf("the kill %s of %s has two keys, one of them %s", a.UID, a.Host, key)
		}
		arrived[of][a.UID] = a
	}
	// Where a report is cut, a line before the kill line can make the record, under its own id.
	cut := r.Faults && !r.Records
	for _, h := range hosts {
		for uid, expected := range h.Kills {
			of := process{h.Name, expected.PID}
			a := arrived[of][uid]
			delete(arrived[of], uid)
			switch {
			case a == nil && cut && len(arrived[of]) > 0:
				r.Incomplete++
				clear(arrived[of])
			case a == nil:
				r.Lost++
			case expected.Complete && !a.Complete:
				r.Incomplete++
			}
			if cut {
				r.Halves += len(arrived[of])
				clear(arrived[of])
			}
		}
	}
	for of, more := range arrived {
		for uid, a := range more {
			t.Errorf("a record of a kill that never was: %s of %s: %s", uid, of.host, a.Body)
		}
	}
	r.Copies = b.copies - len(b.kills)
	r.LinesAgain = b.lines - len(b.distinct)
	if !r.Records { // else the nodes keep them
		r.LinesLost = r.Lines - len(b.distinct)
	}
	r.Others = b.others
}

// built returns a collector that make has built.
func built(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs("../../../build/" + name + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no collector at build/%s: run `make %s` first", name, strings.Replace(name, "otelcol-oom", "collector", 1))
	}
	return path
}

// startBroker runs a Kafka broker until the test ends, and returns its address.
func startBroker(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "broker")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = "broker"
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	port := backends.FreePort(t)
	cmd := exec.Command(binary, port, "kernel", "24")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	if _, err := fmt.Fscanln(stdout, new(string)); err != nil {
		t.Fatalf("the broker is not ready: %v", err)
	}
	return "127.0.0.1:" + port
}

// printRows prints the table, nothing when it is empty.
func printRows(to io.Writer) {
	if len(rows)+len(notes) == 0 {
		return
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "scenario\thosts\tgateways\tlines\tkills\tlost\tcopies\tincomplete\thalves\tlines lost\tlines again\tCPU of all\tper host\tRSS of one: idle\tafter\ttook")
	for _, r := range rows {
		cpu, per, idle, after := "-", "-", "-", "-"
		if r.CPU > 0 {
			cpu, per = fmt.Sprintf("%.2f s", r.CPU.Seconds()), fmt.Sprintf("%.2f ms", r.CPU.Seconds()*1000/float64(r.Hosts))
			idle, after = fmt.Sprintf("%d MiB", r.Idle>>20), fmt.Sprintf("%d MiB", r.Resident>>20)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%.0f s\n", r.Title, r.Hosts, r.Gateways, r.Lines, r.Kills, r.Lost, r.Copies, r.Incomplete, r.Halves,
			r.LinesLost, r.LinesAgain, cpu, per, idle, after, r.Took.Seconds())
	}
	_ = w.Flush() // to standard output
	for _, note := range notes {
		fmt.Fprintln(to, note)
	}
}

// SPDX-License-Identifier: Apache-2.0

package witnesscases

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/parser"
)

const (
	container = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	podSlice  = "kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice"
	inPod     = "/kubepods.slice/kubepods-burstable.slice/" + podSlice + "/cri-containerd-" + container + ".scope"
)

// piece is what one program says of a kill, in one go.
type piece struct {
	name  string
	lines []line
}

// said returns a piece of lines of one program at a time.
func said(name, by string, at time.Time, texts ...string) piece {
	p := piece{name: name}
	for i, text := range texts {
		p.lines = append(p.lines, line{by: authors[by], text: text, at: at.Add(time.Duration(i) * time.Millisecond)})
	}
	return p
}

// witnessesOfAKill are the kernel's report of a kill in a container, and what else is written of
// it.
func witnessesOfAKill() []piece {
	ms := func(n int) time.Time { return start.Add(time.Duration(n) * time.Millisecond) }
	stamp := func(n int) string { return ms(n).Format("2006-01-02T15:04:05.000000000Z07:00") }
	k := piece{name: "kernel", lines: kernel(ms(0))}
	for i := range k.lines {
		k.lines[i].text = strings.ReplaceAll(strings.ReplaceAll(k.lines[i].text, "/system.slice/ingest.service", inPod), "cpuset=ingest.service", "cpuset=cri-containerd-"+container+".scope")
	}
	const killed = ": A process of this unit has been killed by the OOM killer."
	scope := "cri-containerd-" + container + ".scope"
	return []piece{
		k,
		said("unit", "systemd", ms(20), scope+killed, podSlice+killed, "kubepods-burstable.slice"+killed, "kubepods.slice"+killed),
		said("result", "systemd", ms(400), scope+": Failed with result 'oom-kill'."),
		said("TaskOOM", "containerd", ms(60), `time="`+stamp(60)+`" level=info msg="TaskOOM event container_id:\"`+container+`\""`),
		said("exit", "containerd", ms(300), `time="`+stamp(300)+`" level=info msg="received container exit event container_id:\"`+container+`\" id:\"`+container+`\" pid:24117 exit_status:137 exited_at:{seconds:1777716000 nanos:290000000}"`),
		said("SystemOOM", "kubelet", ms(900), `{"involvedObject":{"kind":"Node","name":"node-7","uid":"node-7"},"reason":"SystemOOM","message":"System OOM encountered, victim process: ingest, pid: 24117","source":{"component":"kubelet","host":"node-7"},"firstTimestamp":"2026-05-02T10:00:00Z","lastTimestamp":"2026-05-02T10:00:00Z","count":1,"type":"Warning","metadata":{"name":"node-7.17","uid":"9c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"}}`),
	}
}

// permutations calls fn with each order of n.
func permutations(n int, fn func(order []int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var walk func(k int)
	walk = func(k int) {
		if k == n {
			fn(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			walk(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	walk(0)
}

// input is one log of a host, read by its own parser.
type input struct {
	form   *form
	parser *parser.Parser
}

// eventOf returns the name of a record's event with its killer or cause.
func eventOf(r *parser.Record) string {
	return strings.TrimSpace(r.Text("event.name") + " " + r.Text("oom.killer") + r.Text("oom.verdict.cause"))
}

// readInputs feeds pieces in an order, each into the input that of names, and returns the names of
// the records' events with their killers or causes, sorted.
func readInputs(t *testing.T, pieces []piece, order []int, inputs []*form, of func(piece int) int, o parser.Options) string {
	t.Helper()
	evidence, err := parser.NewEvidence(o)
	if err != nil {
		t.Fatal(err)
	}
	var all []input
	for _, f := range inputs {
		with := o
		with.TrustedSource = f.source
		if len(inputs) > 1 {
			with.Evidence = evidence
		}
		p, err := parser.New(with)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, input{f, p})
	}
	var events []string
	take := func(records []*parser.Record) {
		for _, r := range records {
			events = append(events, eventOf(r))
		}
	}
	for _, i := range order {
		in := all[of(i)]
		for text := range strings.Lines(string(in.form.input(pieces[i].lines))) {
			take(in.parser.Feed([]byte(strings.TrimSuffix(text, "\n"))).Records)
		}
	}
	for _, in := range all {
		take(in.parser.Flush())
	}
	take(evidence.FlushAll())
	slices.Sort(events)
	return strings.Join(events, ", ")
}

func formOf(name string) *form {
	for i := range forms {
		if forms[i].name == name {
			return &forms[i]
		}
	}
	panic(name)
}

// restamped returns pieces whose stamps rise in the order in which they come.
func restamped(pieces []piece, order []int) []piece {
	next := slices.Clone(pieces)
	for n, i := range order {
		at := start.Add(time.Duration(n) * 300 * time.Millisecond)
		next[i].lines = slices.Clone(pieces[i].lines)
		for j := range next[i].lines {
			next[i].lines[j].at = at.Add(time.Duration(j) * 10 * time.Microsecond)
		}
	}
	return next
}

func orderName(pieces []piece, order []int) string {
	var names []string
	for _, i := range order {
		names = append(names, pieces[i].name)
	}
	return strings.Join(names, ", ")
}

// TestOrdersOfArrival: in whatever order the witnesses of one kill come, in one input or in several
// of one host, it is one oom.kill and no oom.observed; with sigkill it is one death beside it.
func TestOrdersOfArrival(t *testing.T) {
	pieces := witnessesOfAKill()
	journal, syslog := formOf("journal"), formOf("syslog")
	byProgram := func(i int) int {
		switch pieces[i].name {
		case "kernel":
			return 0
		case "unit", "result":
			return 1
		}
		return 2
	}
	one := func(int) int { return 0 }
	for _, c := range []struct {
		name   string
		inputs []*form
		of     func(int) int
		step   int // each how many of the orders
	}{
		{"a journal", []*form{journal}, one, 1},
		{"syslog", []*form{syslog}, one, 3},
		{"three inputs", []*form{journal, journal, journal}, byProgram, 1},
		{"the kernel in a journal, the rest in syslog", []*form{journal, syslog, syslog}, byProgram, 3},
	} {
		for _, sigkill := range []bool{false, true} {
			want := "oom.kill kernel"
			if sigkill {
				want += ", oom.sigkill kernel_oom"
			}
			o := journal.options()
			o.Sigkill = sigkill
			n, bad := 0, 0
			permutations(len(pieces), func(order []int) {
				if n++; n%c.step != 0 || bad > 3 {
					return
				}
				for i, with := range [][]piece{pieces, restamped(pieces, order)} {
					if got := readInputs(t, with, order, c.inputs, c.of, o); got != want {
						t.Errorf("%s: %s (stamps %v): %s, want %s", c.name, orderName(pieces, order), [...]string{"as written", "as they come"}[i], got, want)
						bad++
					}
				}
			})
		}
	}
}

// TestSomeWitnesses: whatever is missing of the witnesses, one death never makes two kills: it is
// the kernel's kill, else one observation, else nothing. The kubelet's SystemOOM has a process id
// alone and joins only what has one: without the kernel's report it stands by itself.
func TestSomeWitnesses(t *testing.T) {
	pieces := witnessesOfAKill()
	random := rand.New(rand.NewPCG(1, 18))
	journal := formOf("journal")
	for set := 1; set < 1<<len(pieces); set++ {
		var order []int
		observations := 0
		for i := range pieces {
			if set>>i&1 != 0 {
				order = append(order, i)
			}
		}
		has := func(names ...string) bool {
			return slices.ContainsFunc(order, func(i int) bool { return slices.Contains(names, pieces[i].name) })
		}
		kernel := has("kernel")
		if !kernel && has("unit", "result", "TaskOOM") {
			observations++
		}
		if !kernel && has("SystemOOM") {
			observations++
		}
		for range 3 {
			random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			got := readInputs(t, pieces, order, []*form{journal}, func(int) int { return 0 }, journal.options())
			if kernel && got != "oom.kill kernel" || !kernel && (strings.Count(got, "oom.observed") != observations || strings.Count(got, "oom.") != observations) {
				t.Errorf("%s: %s, want %d observations", orderName(pieces, order), got, observations)
			}
		}
	}
}

// TestEarlyoomAndKernel: a process that earlyoom and the kernel kill is one oom.kill, in whatever
// order their lines come.
func TestEarlyoomAndKernel(t *testing.T) {
	pieces := []piece{
		said("decision", "earlyoom", start, `sending SIGTERM to process 24117 uid 998 "ingest": oom_score 902, VmRSS 512 MiB, cmdline "ingest"`),
		{name: "kernel", lines: kernel(start.Add(2 * time.Second))},
		said("escalation", "earlyoom", start.Add(2500*time.Millisecond), "escalating to SIGKILL after 2.500 seconds"),
		said("exit", "earlyoom", start.Add(3*time.Second), "process 24117 exited after 3.000 seconds"),
	}
	journal := formOf("journal")
	for _, inputs := range []int{1, 2} {
		of := func(i int) int { return 0 }
		fs := []*form{journal}
		if inputs == 2 {
			fs = append(fs, journal)
			of = func(i int) int {
				if pieces[i].name == "kernel" {
					return 1
				}
				return 0
			}
		}
		permutations(len(pieces), func(order []int) {
			at := func(name string) int {
				return slices.IndexFunc(order, func(i int) bool { return pieces[i].name == name })
			}
			if at("decision") > at("escalation") || at("escalation") > at("exit") {
				return // earlyoom's own lines come in their order
			}
			got := readInputs(t, pieces, order, fs, of, journal.options())
			if kills := strings.Count(got, "oom.kill "); kills != 1 || strings.Contains(got, ",") {
				t.Errorf("%d inputs: %s: %s, want one oom.kill", inputs, orderName(pieces, order), got)
			}
		})
	}
}

// TestManyKillsInOneSecond: the witnesses of ten kills of ten containers, shuffled, are ten kills.
func TestManyKillsInOneSecond(t *testing.T) {
	const kills = 10
	random := rand.New(rand.NewPCG(2, 18))
	journal := formOf("journal")
	for round := range 20 {
		var all []piece
		for n := range kills {
			for _, p := range witnessesOfAKill() {
				for i := range p.lines {
					p.lines[i].text = strings.NewReplacer(container, fmt.Sprintf("%064x", n+1), "24117", fmt.Sprint(24117+n), "pod0c1d2e3f", fmt.Sprintf("pod0c1d2e%02d", n), "9c1d2e3f", fmt.Sprintf("9c1d2e%02d", n)).Replace(p.lines[i].text)
					p.lines[i].at = p.lines[i].at.Add(time.Duration(n) * 11 * time.Microsecond)
				}
				all = append(all, p)
			}
		}
		order := random.Perm(len(all))
		o := journal.options()
		o.Sigkill = true
		got := readInputs(t, all, order, []*form{journal}, func(int) int { return 0 }, o)
		if strings.Count(got, "oom.kill kernel") != kills || strings.Count(got, "oom.sigkill kernel_oom") != kills || strings.Count(got, "oom.") != 2*kills {
			t.Errorf("round %d: %s", round, got)
		}
	}
}

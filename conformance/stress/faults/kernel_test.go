// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
)

// kmsgToBackend is the collector of a node that reads the kernel's ring.
const kmsgToBackend = `
receivers:
  oom_kill:
    start_at: end
    storage: file_storage
    report_timeout: 1s
    retry_on_failure: {initial_interval: 50ms, max_interval: 200ms}
` + toBackend

// TestKillCollectorKmsg: kill -9 at random moments, while the kernel of this machine kills for
// real.
func TestKillCollectorKmsg(t *testing.T) {
	h, cgroups := newHogs(t), memoryCgroups(t, 3)
	server := backends.StartVictoriaLogs(t)
	p := collector(t, t.TempDir(), server.URL, kmsgToBackend)
	p.Start(t)
	p.Ready(t, patience)
	var kills []string
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			pid, _, err := h.kill(cgroups[i%len(cgroups)])
			if err != nil {
				t.Error(err)
				return
			}
			kills = append(kills, pid)
			select {
			case <-end:
				return
			case <-time.After(rand.N(200 * time.Millisecond)):
			}
		}
	}()
	rounds := times(3, 200)
	for range rounds {
		time.Sleep(rand.N(1200 * time.Millisecond))
		p.Kill()
		p.Start(t)
	}
	close(end)
	<-done
	row := settle(t, p, server, byPID(h.name), kills, 0)
	row.Scenario = fmt.Sprintf("collector killed %d times, real kills through /dev/kmsg", rounds)
	row.Note = peak(p)
	report(t, p, row, 0)
}

// TestRealBurst: the kernel kills in many cgroups as fast as it can.
func TestRealBurst(t *testing.T) {
	h, cgroups := newHogs(t), memoryCgroups(t, times(20, 1000))
	server := backends.StartVictoriaLogs(t)
	p := collector(t, t.TempDir(), server.URL, kmsgToBackend)
	p.Start(t)
	p.Ready(t, patience)
	var mu sync.Mutex
	var kills []string
	var wg sync.WaitGroup
	began := time.Now()
	const killers, each = 4, 2
	for n := range killers {
		wg.Go(func() {
			for range each {
				for i := n; i < len(cgroups); i += killers {
					pid, _, err := h.kill(cgroups[i])
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					kills = append(kills, pid)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	row := settle(t, p, server, byPID(h.name), kills, 0)
	row.Scenario = fmt.Sprintf("real burst in %d cgroups", len(cgroups))
	row.Note = fmt.Sprintf("%.0f kills a second, %s", float64(len(kills))/took.Seconds(), peak(p))
	report(t, p, row, 0)
}

// TestOverrun: what the kernel overwrote before it was read is lost, and told; what stands behind
// it is not.
func TestOverrun(t *testing.T) {
	needFull(t) // it overwrites the whole ring of this machine
	h, cgroups := newHogs(t), memoryCgroups(t, 1)
	server := backends.StartVictoriaLogs(t)
	p := collector(t, t.TempDir(), server.URL, kmsgToBackend)
	p.Start(t)
	p.Ready(t, patience)
	var kills []string
	kill := func() {
		pid, _, err := h.kill(cgroups[0])
		if err != nil {
			t.Fatal(err)
		}
		kills = append(kills, pid)
	}
	kill()
	Await(t, server, byPID(h.name), kills, 0)
	p.Signal(t, syscall.SIGSTOP)
	kill()
	flood(t)
	kill()
	p.Signal(t, syscall.SIGCONT)
	row := settle(t, p, server, byPID(h.name), kills, 1)
	row.Scenario = "kmsg overrun while the collector is stopped"
	row.Note = "told by the collector"
	if arrived := Arrived(t, server, byPID(h.name)); slices.ContainsFunc(arrived, func(a Arrival) bool { return a.Kill == kills[1] }) {
		t.Error("the kill that was to be overwritten arrived: the ring is larger than the flood")
	}
	told(t, p, "the kernel overwrote lines before they were read", false, nil)
	report(t, p, row, 1)
}

// flood writes more to the kernel's log than its ring holds, as a user: nothing of it can be taken
// for the kernel's.
func flood(t *testing.T) {
	t.Helper()
	const lines, burst = 20000, 9 // one open file may write ten lines in five seconds
	text := "<14>oomtrail: " + strings.Repeat("x", 400) + "\n"
	for range lines / burst {
		f, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range burst {
			if _, err := f.WriteString(text); err != nil {
				t.Fatal(err)
			}
		}
		f.Close()
	}
}

// TestLatency tells how long it takes from a real kill until the backend has answered that it has
// the record.
func TestLatency(t *testing.T) {
	h, cgroups := newHogs(t), memoryCgroups(t, 1)
	server := backends.StartVictoriaLogs(t)
	stamps := make(chan time.Time, 100)
	p := collector(t, t.TempDir(), stamp(t, server.URL, stamps), kmsgToBackend)
	p.Start(t)
	p.Ready(t, patience)
	var kills []string
	var sinceDeath, sinceStamp []time.Duration
	arrivedAt := map[string]time.Time{}
	for range times(5, 30) {
		pid, dead, err := h.kill(cgroups[0])
		if err != nil {
			t.Fatal(err)
		}
		kills = append(kills, pid)
		select {
		case at := <-stamps:
			sinceDeath, arrivedAt[pid] = append(sinceDeath, at.Sub(dead)), at
		case <-time.After(patience):
			t.Fatalf("nothing arrived:\n%s", p.Tail())
		}
		time.Sleep(300 * time.Millisecond)
	}
	row := settle(t, p, server, byPID(h.name), kills, 0)
	for _, entry := range server.Query(t, byPID(h.name).Where) {
		stamp, err := time.Parse(time.RFC3339Nano, entry["_time"])
		if err != nil {
			t.Fatal(err)
		}
		sinceStamp = append(sinceStamp, arrivedAt[entry["process.pid"]].Sub(stamp))
	}
	row.Scenario = "real kill through /dev/kmsg into VictoriaLogs"
	row.Note = fmt.Sprintf("until the server has answered: %s after the kill line's stamp, %s after the process was seen dead", middle(sinceStamp), middle(sinceDeath))
	report(t, p, row, 0)
}

// middle tells the median and the worst of some durations.
func middle(d []time.Duration) string {
	slices.Sort(d)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("%.1f ms (worst %.1f)", ms(d[len(d)/2]), ms(d[len(d)-1]))
}

// stamp puts a proxy before a server that tells when it has answered.
func stamp(t *testing.T, target string, stamps chan<- time.Time) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ModifyResponse = func(*http.Response) error {
		stamps <- time.Now()
		return nil
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return s.URL
}

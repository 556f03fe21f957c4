// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

const (
	senders = 4
	// together is how many hosts have lines in one batch; longest how many lines one has there at
	// most, so that most reports are cut.
	together, longest = 25, 60
)

// chunk is what one host says in one batch.
type chunk struct {
	host  *Host
	lines []string
}

// Send sends the logs of all hosts, piece by piece and many hosts among each other, each host's in
// order, until all is accepted. to says where a host's logs go at the time; ready returns when the
// next batch may be sent. It returns how many parts of batches were sent again.
func Send(hosts []*Host, to func(host string) string, ready func()) (again int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(s)))
			var mine []chunk
			for i := s; i < len(hosts); i += senders {
				mine = append(mine, chunk{hosts[i], hosts[i].Lines})
			}
			for len(mine) > 0 {
				n := min(together, len(mine))
				var batch, left []chunk
				for _, c := range mine[:n] {
					cut := min(1+random.IntN(longest), len(c.lines))
					batch = append(batch, chunk{c.host, c.lines[:cut]})
					if cut < len(c.lines) {
						left = append(left, chunk{c.host, c.lines[cut:]})
					}
				}
				ready()
				tries := deliver(batch, to)
				mu.Lock()
				again += tries
				mu.Unlock()
				mine = append(left, mine[n:]...) // a report is a burst: its host goes on at once
			}
		})
	}
	wg.Wait()
	return again
}

// deliver sends a batch until all of it is accepted, each host's part to where it goes. It returns
// how often something was sent again.
func deliver(batch []chunk, to func(host string) string) (again int) {
	for ; len(batch) > 0; again++ {
		by := map[string][]chunk{}
		for _, c := range batch {
			url := to(c.host.Name)
			by[url] = append(by[url], c)
		}
		batch = nil
		for url, part := range by {
			if !post(url, part) {
				batch = append(batch, part...)
			}
		}
		if len(batch) > 0 {
			time.Sleep(100 * time.Millisecond)
		}
	}
	return again - 1
}

// post sends lines to an address and reports whether they were accepted.
func post(url string, part []chunk) bool {
	logs := plog.NewLogs()
	for _, c := range part {
		rl := logs.ResourceLogs().AppendEmpty()
		for _, name := range []string{"host.name", "service.instance.id"} {
			rl.Resource().Attributes().PutStr(name, c.host.Name)
		}
		rl.Resource().Attributes().PutStr("service.name", "kernel")
		records := rl.ScopeLogs().AppendEmpty().LogRecords()
		for _, line := range c.lines {
			records.AppendEmpty().Body().SetStr(line)
		}
	}
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	if err != nil {
		panic(err) // it cannot be: these are strings
	}
	res, err := http.Post(url, "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

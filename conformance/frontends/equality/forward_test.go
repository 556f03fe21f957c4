// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"encoding/binary"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/conformance/frontends/fbhost"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
)

// TestFluentForward sends what in_kmsg makes of each capture as Fluent Bit's output forward does,
// each under a tag of its own: the processor behind the collector's receiver reads it.
func TestFluentForward(t *testing.T) {
	list := load(t)
	chunks := map[string][]byte{}
	for _, c := range list {
		var entries []byte
		for _, e := range inKmsg(c.Kmsg) {
			e.Old = true
			entries = e.Append(entries)
		}
		chunks[fileName(c)] = entries
	}
	address, sent := forward(t, chunks)
	throughPipeline(t, []component{{"fluent_forward", "    endpoint: " + address + "\n"}},
		[]component{{"oom_kill", "    mode: only\n    report_timeout: 1s\n    stream: [fluent.tag]\n"}}, expected(t, list, Kmsg, inKmsgTrust))
	sent()
}

// TestFluentForwardOfRecords sends the lines with the records that the filter made of them. The
// records pass, and their kills are not reported again.
func TestFluentForwardOfRecords(t *testing.T) {
	host, log := pluginHost(t)
	list := load(t)
	chunks := map[string][]byte{}
	for _, c := range list {
		if ret := host.Init(0, fbhost.Setting{Key: "Format", Value: "flat"}); ret != 0 {
			t.Fatalf("init returned %d", ret)
		}
		chunk := fbtest.Chunk(inKmsg(c.Kmsg)...)
		if a := host.Filter(0, fbhost.Input{}, "kernel", chunk); a.Return == fbhost.Modified {
			chunk = a.Out
		}
		host.Exit(0)
		chunks[fileName(c)] = withoutMetadata(t, chunk)
	}
	if err := host.Close(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	address, sent := forward(t, chunks)
	want := expected(t, list, Kmsg, inKmsgTrust)
	got, err := Collector(collectorBinary(t), t.TempDir(), pipeline([]component{{"fluent_forward", "    endpoint: " + address + "\n"}},
		[]component{{"oom_kill", "    report_timeout: 1s\n    stream: [fluent.tag]\n    accept_records: any\n"}}), len(want))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got {
		delete(r, "fluent.tag") // the receiver's own
	}
	check(t, got, want)
	sent()
}

// withoutMetadata encodes events as retain_metadata_in_forward_mode Off has them sent.
func withoutMetadata(t *testing.T, chunk []byte) (entries []byte) {
	t.Helper()
	events, err := fbtest.Decode(chunk)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		entries = msgp.AppendArrayHeader(entries, 2)
		entries = append(entries, 0xd7, 0) // the protocol's EventTime
		entries = binary.BigEndian.AppendUint32(entries, uint32(e.Time.Unix()))
		entries = binary.BigEndian.AppendUint32(entries, uint32(e.Time.Nanosecond()))
		if entries, err = msgp.AppendIntf(entries, e.Record); err != nil {
			t.Fatal(err)
		}
	}
	return entries
}

// forward sends chunks, by tag, to an address once something listens there. The function that it
// returns waits until each is acknowledged.
func forward(t *testing.T, chunks map[string][]byte) (address string, sent func()) {
	t.Helper()
	address = backends.FreeAddress(t)
	answer := make(chan error, 1)
	go func() { answer <- forwardTo(address, chunks) }()
	return address, func() {
		t.Helper()
		if err := <-answer; err != nil {
			t.Error(err)
		}
	}
}

func forwardTo(address string, chunks map[string][]byte) error {
	var conn net.Conn
	var err error
	for range 300 {
		if conn, err = net.Dial("tcp", address); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // what counts is acknowledged
	answers := msgp.NewReader(conn)
	for tag, entries := range chunks {
		message := msgp.AppendString(msgp.AppendArrayHeader(nil, 3), tag)
		message = msgp.AppendBytes(message, entries)
		if message, err = msgp.AppendIntf(message, map[string]any{"chunk": tag}); err != nil {
			return err
		}
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		if _, err := conn.Write(message); err != nil {
			return err
		}
		answer, err := answers.ReadIntf()
		if err != nil {
			return fmt.Errorf("%s is not acknowledged: %w", tag, err)
		}
		if ack, ok := answer.(map[string]any); !ok || ack["ack"] != tag {
			return fmt.Errorf("the answer to %s is %v", tag, answer)
		}
	}
	return nil
}

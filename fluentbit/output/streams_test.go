// SPDX-License-Identifier: Apache-2.0

package output

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
)

// killOf is a kill that a host tells of.
func killOf(host, kind string) *event {
	e := newEvent([]form.KV{{Key: "event.name", Value: kind}, {Key: "oom.scope", Value: "host"}, {Key: "host.name", Value: host}}, testTime)
	return &e
}

// TestStreamsAreBounded: ten thousand claimed hosts make no more than the streams that one instance
// may have. What is in excess keeps the kind of its event as a label, which alerts ask for, and its
// host as metadata. A host that is known keeps its stream; a stream out of use makes room.
func TestStreamsAreBounded(t *testing.T) {
	labels, err := parseLabels(defaultLabels)
	if err != nil {
		t.Fatal(err)
	}
	log := &testLog{}
	now := time.Now()
	n := newNotices(log.log)
	n.now = func() time.Time { return now }
	s := newStreams(labels, n)
	names := make(map[string]bool)
	stream := func(host, event string) string {
		e := killOf(host, event)
		set, name := s.of(e)
		names[name] = true
		if strings.Contains(name, host) == strings.Contains(string(appendJSON(nil, metadata(set, e))), host) {
			t.Errorf("%s: the host stands in its labels and in its metadata, or in none", name)
		}
		return name
	}
	mine := stream("node-of-mine", "oom.kill")
	for i := range 10_000 {
		stream(fmt.Sprintf("claimed-%d", i), "oom.kill")
		stream(fmt.Sprintf("claimed-%d", i), fmt.Sprintf("oom.kind-%d", i))
	}
	if len(names) > maxStreams+maxKinds+1 {
		t.Errorf("%d streams", len(names))
	}
	if got := stream("node-of-mine", "oom.kill"); got != mine {
		t.Errorf("the stream of a known host became %s", got)
	}
	if got := stream("late", "oom.kill"); got != `{"event_name":"oom.kill","service_name":"kernel"}` {
		t.Errorf("the stream of a host in excess is %s", got)
	}
	if strings.Count(log.text(), "warn more than 1000 streams") != 1 {
		t.Errorf("the log:\n%.2000s", log.text())
	}
	now = now.Add(streamIdle)
	if got := stream("late", "oom.kill"); !strings.Contains(got, `"host_name":"late"`) {
		t.Errorf("an hour later its stream is %s", got)
	}
}

// TestLabelValues: a value that no host, version or word of ours has is no label. It is metadata,
// whole.
func TestLabelValues(t *testing.T) {
	labels, err := parseLabels("service_name=kernel, host_name=$host.name")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a", maxLabelValue)
	for value, isLabel := range map[string]bool{
		"node-1.example": true, "fe80::1%eth0": true, "ip-10-0-0-1": true, "6.12.1+deb13-amd64": true, long: true,
		long + "a": false, "a b": false, "a\nb": false, `a",x="`: false, "ünï": false, "a\xff": false, "{}": false, `a\x0ab`: false,
	} {
		e := killOf(value, "oom.kill")
		set := labelSet(labels, e)
		if got := get(set, "host_name"); (got == value) != isLabel || !isLabel && got != nil {
			t.Errorf("%.20q: label %v", value, got)
		}
		if got := get(metadata(set, e), "host_name"); (got == strings.ToValidUTF8(value, "\uFFFD")) == isLabel {
			t.Errorf("%.20q: metadata %v", value, got)
		}
	}
}

// TestLabelNames: the labels are those of the settings, whatever a record holds.
func TestLabelNames(t *testing.T) {
	labels, err := parseLabels(defaultLabels)
	if err != nil {
		t.Fatal(err)
	}
	e := newEvent([]form.KV{
		{Key: "event.name", Value: "oom.kill"}, {Key: "job", Value: "x"}, {Key: "oom.scope", Value: []form.KV{{Key: "a", Value: "b"}}},
		{Key: "oom", Value: []form.KV{{Key: "constraint", Value: []any{"x"}}}}, {Key: "host.name", Value: int64(1)},
	}, testTime)
	if got := string(appendJSON(nil, labelSet(labels, &e))); got != `{"event_name":"oom.kill","host_name":"1","service_name":"kernel"}` {
		t.Error(got)
	}
}

// TestLabelSettings: what Loki would refuse with every record is refused at start, with what is
// right.
func TestLabelSettings(t *testing.T) {
	var many []string
	for i := range maxLabels + 1 {
		many = append(many, fmt.Sprintf("l%d=x", i))
	}
	for text, wanted := range map[string]string{
		strings.Join(many, ","): "16 are given, Loki takes 15",
		"__name=x":              "not __ in front",
		strings.Repeat("n", maxLabelName+1) + "=x": "use at most 128 characters",
		"job=" + strings.Repeat("v", 254):          "use up to 253 bytes of UTF-8",
		"job=\xff":                                 "use up to 253 bytes of UTF-8",
		"pid=$process.pid":                         "would make a stream for each of its values",
	} {
		if _, err := parseLabels(text); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%.40s: %v", text, err)
		}
	}
	if labels, err := parseLabels(strings.Join(many[1:], ",")); err != nil || len(labels) != maxLabels {
		t.Errorf("%d labels, %v", len(labels), err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"bytes"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/event"
)

// isObject reports whether a record is an object of Kubernetes that says how something ended: an
// event, as in_kubernetes_events gives it, a pod, or one of them as a watch gives it, with what
// became of it.
func isObject(record []byte) bool {
	if inner := logevent.Find(record, "object"); isMap(inner) {
		record = inner
	}
	if isMap(logevent.Find(record, "involvedObject")) || isMap(logevent.Find(record, "regarding")) {
		return true
	}
	return string(textOf(logevent.Find(record, "kind"))) == "Pod" && isMap(logevent.Find(record, "status"))
}

// isMap reports whether a value, as encoded, is a map.
func isMap(value []byte) bool { return len(value) > 0 && msgp.NextType(value) == msgp.MapType }

// objectText returns an object of Kubernetes as JSON, nil for what cannot be written so.
func objectText(record []byte) []byte {
	var b bytes.Buffer
	if _, err := msgp.UnmarshalAsJSON(&b, record); err != nil {
		return nil
	}
	return b.Bytes()
}

// readFields reads the fields of the current event.
func (p *pass) readFields(f *fields) {
	f.read(p.event.Record, p.settings.Key)
	attributes := logevent.Find(logevent.Find(p.event.Metadata, "otlp"), "attributes")
	if logevent.Find(attributes, event.KubernetesReason) == nil {
		return
	}
	// in_opentelemetry had it of the collector's k8sevents receiver: the text is its message.
	logevent.Each(attributes, func(name, value []byte) bool { f.add(name, value); return true })
	for _, name := range event.KubernetesObject {
		if value := logevent.Find(p.resource, name); value != nil {
			f.add([]byte(name), value)
		}
	}
}

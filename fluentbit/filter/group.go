// SPDX-License-Identifier: Apache-2.0

package filter

import "github.com/oomtrail/oomtrail/fluentbit/logevent"

// groupResource returns the resource attributes that the start of a group names, of what
// in_opentelemetry received.
func groupResource(record []byte) []byte {
	return logevent.Find(logevent.Find(record, "resource"), "attributes")
}

// groupHost returns the host that resource attributes name: host.name, else host.id or
// k8s.node.name; nil when they name none.
func groupHost(attributes []byte) []byte {
	for _, name := range [...]string{"host.name", "host.id", "k8s.node.name"} {
		if text, _, err := logevent.Text(logevent.Find(attributes, name)); err == nil {
			return text
		}
	}
	return nil
}

// appendNamed appends the values of the named fields of a record, each after a zero byte. Maps and
// arrays tell no host.
func appendNamed(b, record []byte, names []string) []byte {
	for _, name := range names {
		b = append(b, 0)
		if value := logevent.Find(record, name); !isNested(value) {
			b = append(b, value...)
		}
	}
	return b
}

// isNested reports whether a value, as encoded, is a map or an array: fixmap, fixarray, array 16 to
// map 32.
func isNested(value []byte) bool {
	return len(value) > 0 && (value[0]&0xe0 == 0x80 || value[0] >= 0xdc && value[0] <= 0xdf)
}

package filter

import "github.com/oomtrail/oomtrail/fluentbit/logevent"

// groupHost returns the host that the start of a group names: resource attribute host.name, else host.id, of
// what in_opentelemetry received; nil when it names none.
func groupHost(record []byte) []byte {
	attributes := logevent.Find(logevent.Find(record, "resource"), "attributes")
	for _, name := range [...]string{"host.name", "host.id"} {
		if text, _, err := logevent.Text(logevent.Find(attributes, name)); err == nil {
			return text
		}
	}
	return nil
}

// appendNamed appends the values of the named fields of a record, each after a zero byte.
func appendNamed(b, record []byte, names []string) []byte {
	for _, name := range names {
		b = append(append(b, 0), logevent.Find(record, name)...)
	}
	return b
}

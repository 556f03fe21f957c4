package filter

import "github.com/tinylib/msgp/msgp"

// groupHost returns the host that the start of a group names: resource attribute host.name, else host.id, of
// what in_opentelemetry received; nil when it names none.
func groupHost(record []byte) []byte {
	attributes := find(find(record, "resource"), "attributes")
	for _, name := range [...]string{"host.name", "host.id"} {
		if text, _, err := readText(find(attributes, name)); err == nil {
			return text
		}
	}
	return nil
}

// find returns the value of a key in a map, as encoded; nil when there is none, or no map.
func find(m []byte, key string) []byte {
	n, b, err := msgp.ReadMapHeaderBytes(m)
	for ; err == nil && n > 0; n-- {
		name, value, e := readText(b)
		if e != nil {
			value, err = msgp.Skip(b)
			if err != nil {
				return nil
			}
		}
		if b, err = msgp.Skip(value); err == nil && e == nil && string(name) == key {
			return value[:len(value)-len(b)]
		}
	}
	return nil
}

// appendNamed appends the values of the named fields of a record, each after a zero byte.
func appendNamed(b, record []byte, names []string) []byte {
	for _, name := range names {
		b = append(append(b, 0), find(record, name)...)
	}
	return b
}

package otelprocessor

import (
	"encoding/binary"
	"hash/maphash"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// streamKey tells one stream from another: a keyed hash over what names it, so that nobody outside can choose
// two names that meet, and a lookup keeps no name.
type streamKey uint64

// journalFields name the host of a journal entry, and its boot.
var journalFields = []string{"_MACHINE_ID", "_HOSTNAME", "_BOOT_ID"}

// addedByUs are resource attributes that a record of ours may carry when the lines it was made of did not.
var addedByUs = map[string]bool{"host.name": true, "host.id": true}

// keyer makes stream keys. It is for one goroutine; it allocates nothing once its buffer has grown.
type keyer struct {
	seed  maphash.Seed
	names []string
	buf   []byte
}

// line returns the key of the stream that a log record belongs to. value is where its text stands.
func (k *keyer) line(res, attrs pcommon.Map, value pcommon.Value) streamKey {
	k.buf = k.buf[:0]
	for i, name := range k.names {
		if v, ok := res.Get(name); ok {
			k.add(i, v)
		} else if v, ok := attrs.Get(name); ok {
			k.add(i, v)
		}
	}
	if value != (pcommon.Value{}) && value.Type() == pcommon.ValueTypeMap {
		entry := value.Map()
		for i, name := range journalFields {
			if v, ok := entry.Get(name); ok {
				k.add(len(k.names)+i, v)
			}
		}
	}
	return k.sum()
}

// sender returns a key of what the resource of lines and that of a record made of them have in common.
func (k *keyer) sender(res pcommon.Map) streamKey {
	k.buf = k.buf[:0]
	for i, name := range k.names {
		if v, ok := res.Get(name); ok && !addedByUs[name] {
			k.add(i, v)
		}
	}
	return k.sum()
}

// add puts one name and its value into the key. Lengths go in too, or values could be shifted from one to the next.
func (k *keyer) add(i int, v pcommon.Value) {
	text := ""
	if v.Type() == pcommon.ValueTypeStr {
		text = v.Str()
	} else {
		text = v.AsString()
	}
	k.buf = binary.AppendUvarint(k.buf, uint64(i))
	k.buf = binary.AppendUvarint(k.buf, uint64(len(text)))
	k.buf = append(k.buf, text...)
}

func (k *keyer) sum() streamKey { return streamKey(maphash.Bytes(k.seed, k.buf)) }

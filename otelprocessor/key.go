// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser/report"
)

// A hash tells one stream from another. It is keyed, so that no sender can choose two names that
// meet, and a lookup keeps no name.
type (
	// senderKey stands for what attributes and journal fields say of a log record: who sent it, and
	// in the lowest bits its class.
	senderKey uint64
	// streamKey stands for a stream: a sender, and the host that its text names.
	streamKey uint64
)

// hostFields name the host of an entry, and its boot.
var hostFields = [...]event.Field{event.MachineID, event.Hostname, event.BootID}

// addedByUs are resource attributes that a record of ours may carry when the lines it was made of
// did not.
var addedByUs = map[string]bool{"host.name": true, "host.id": true}

// keyer makes keys. It is for one goroutine.
type keyer struct {
	seed  maphash.Seed
	names []string
	buf   []byte
}

// classBits are the bits of a sender's key that hold its class.
const classBits = 3

// class returns the class of the sender's lines.
func (k senderKey) class() class { return class(k & classBits) }

// sender returns the key of who sent a log record that is read so. It allocates nothing once its
// buffer has grown.
func (k *keyer) sender(res, attrs pcommon.Map, r *reading) senderKey {
	k.buf = k.buf[:0]
	for i, name := range k.names {
		if v, ok := res.Get(name); ok && !isNested(v) {
			k.add(i, v)
		} else if v, ok := attrs.Get(name); ok && !isNested(v) {
			k.add(i, v)
		}
	}
	if r.entry && r.form != event.Syslog { // the host of a message is that of the stream
		for i, field := range hostFields {
			if text := r.event.Text(field); len(text) > 0 {
				k.addText(len(k.names)+i, text)
			}
		}
	}
	return senderKey(maphash.Bytes(k.seed, k.buf))&^classBits | senderKey(r.class)
}

// stream returns the key of the stream that a line of a sender belongs to: many hosts may write to
// one file of a log server. host is that host, valid as long as the line is. ok is false for a line
// that does not tell, such as the rest of one that was wrapped.
func (k *keyer) stream(sender senderKey, line []byte) (key streamKey, host []byte, ok bool) {
	key = streamKey(sender)
	format.NewDecoder(report.Auto).Decode(line, func(l *format.Line) {
		ok = l.Format != report.None
		host = bytes.Clone(l.Host)
		key = k.ofHost(sender, l.Host)
	})
	return key, host, ok
}

// ofHost returns the key of the stream of one of the sender's hosts, that of the sender itself when
// host is empty.
func (k *keyer) ofHost(sender senderKey, host []byte) streamKey {
	if len(host) == 0 {
		return streamKey(sender)
	}
	k.buf = binary.BigEndian.AppendUint64(k.buf[:0], uint64(sender))
	k.buf = append(k.buf, host...)
	return streamKey(maphash.Bytes(k.seed, k.buf))
}

// resource returns a key of what the resource of lines and that of a record made of them have in
// common.
func (k *keyer) resource(res pcommon.Map) senderKey {
	k.buf = k.buf[:0]
	for i, name := range k.names {
		if v, ok := res.Get(name); ok && !addedByUs[name] && !isNested(v) {
			k.add(i, v)
		}
	}
	return senderKey(maphash.Bytes(k.seed, k.buf))
}

// isNested reports whether a value is a map or a slice, which tells no host.
func isNested(v pcommon.Value) bool {
	return v.Type() == pcommon.ValueTypeMap || v.Type() == pcommon.ValueTypeSlice
}

// add puts one name and its value into the key.
func (k *keyer) add(i int, v pcommon.Value) {
	if v.Type() == pcommon.ValueTypeStr {
		k.addText(i, bytesOf(v.Str()))
	} else {
		k.addText(i, []byte(v.AsString()))
	}
}

// addText puts one name and its value into the key. Lengths go in too, or values could be shifted
// from one to the next.
func (k *keyer) addText(i int, text []byte) {
	k.buf = binary.AppendUvarint(k.buf, uint64(i))
	k.buf = binary.AppendUvarint(k.buf, uint64(len(text)))
	k.buf = append(k.buf, text...)
}

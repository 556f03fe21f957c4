package filter

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// event is one msgpack event of a chunk: [[stamp, metadata], record], or the older [stamp, record].
type event struct {
	// raw is all of it, stamp its time and record its map, as encoded.
	raw, stamp, record []byte
	// time is the stamp.
	time time.Time
	// marker is true for the start and the end of a group, which have negative stamps.
	marker bool
	// groupStart is true for the start of a group.
	groupStart bool
	// modern is true for the form with metadata.
	modern bool
}

var errShape = errors.New("not an event")

// next cuts the first event off b. It looks at the boundaries only: nothing is decoded but the time.
func (e *event) next(b []byte) (rest []byte, err error) {
	*e = event{}
	n, o, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return b, err
	}
	if n != 2 {
		return b, errShape
	}
	if msgp.NextType(o) == msgp.ArrayType {
		n, head, err := msgp.ReadArrayHeaderBytes(o)
		if err != nil {
			return b, err
		}
		if n != 2 {
			return b, errShape
		}
		e.modern = true
		o = head
	}
	afterStamp, err := msgp.Skip(o)
	if err != nil {
		return b, err
	}
	e.stamp = o[:len(o)-len(afterStamp)]
	o = afterStamp
	if e.modern {
		if o, err = msgp.Skip(o); err != nil {
			return b, err
		}
	}
	rest, err = msgp.Skip(o)
	if err != nil {
		return b, err
	}
	e.record = o[:len(o)-len(rest)]
	e.raw = b[:len(b)-len(rest)]
	return rest, e.readStamp()
}

// readStamp decodes the stamp: ext type 0 with seconds and nanoseconds, or a number of seconds.
func (e *event) readStamp() error {
	s := e.stamp
	switch msgp.NextType(s) {
	case msgp.IntType, msgp.UintType:
		sec, _, err := msgp.ReadInt64Bytes(s)
		e.set(sec, 0)
		return err
	case msgp.Float64Type:
		f, _, err := msgp.ReadFloat64Bytes(s)
		sec := math.Floor(f)
		if err != nil || !(math.Abs(sec) < 1<<40) {
			return errShape
		}
		e.set(int64(sec), int64((f-sec)*1e9))
		return nil
	}
	// fixext 8, or ext 8 of length 8; the type is 0 either way.
	switch {
	case len(s) == 10 && s[0] == 0xd7 && s[1] == 0:
		s = s[2:]
	case len(s) == 11 && s[0] == 0xc7 && s[1] == 8 && s[2] == 0:
		s = s[3:]
	default:
		return errShape
	}
	sec := int64(binary.BigEndian.Uint32(s))
	if sec >= 1<<32-2 { // -1 and -2 in 32 bits
		sec -= 1 << 32
	}
	e.set(sec, int64(binary.BigEndian.Uint32(s[4:])))
	return nil
}

// set keeps the time. Seconds of -1 and -2 are no time: they mark the start and the end of a group.
func (e *event) set(sec, nsec int64) {
	e.marker = sec == -1 || sec == -2
	e.groupStart = sec == -1
	e.time = time.Unix(sec, nsec)
}

// appendStamp appends a time as Fluent Bit's encoder writes it.
func appendStamp(b []byte, t time.Time) []byte {
	b = append(b, 0xd7, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(t.Unix()))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

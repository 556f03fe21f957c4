package oomkillprocessor

import (
	"bytes"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// textFields are where the kernel's text stands in a body that is a map: a journal entry's, what a parser
// left, Fluent Bit's in_kmsg, a container log's.
var textFields = []string{journalText, "message", kmsgText, "log"}

const (
	journalText = "MESSAGE"
	kmsgText    = "msg"
)

// source finds the kernel's text in log records. It is for one goroutine: what it returns is valid until the next call.
type source struct {
	attribute string
	buf       []byte // a text that had to be put together
	line      []byte // the line that is being fed
}

// value returns where the text of a log record is looked for.
func (s *source) value(lr plog.LogRecord) pcommon.Value {
	if s.attribute == "" {
		return lr.Body()
	}
	v, ok := lr.Attributes().Get(s.attribute)
	if !ok {
		return pcommon.Value{}
	}
	return v
}

// text returns the text that stands at value, nil when there is none.
func (s *source) text(v pcommon.Value) []byte {
	if v == (pcommon.Value{}) {
		return nil
	}
	if v.Type() == pcommon.ValueTypeMap {
		m := v.Map()
		for _, name := range textFields {
			if f, ok := m.Get(name); ok {
				return s.scalar(f)
			}
		}
		return nil
	}
	return s.scalar(v)
}

// scalar returns a value's text: a string, bytes, or the array of numbers that journalctl makes of a message
// that is not UTF-8.
func (s *source) scalar(v pcommon.Value) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return bytesOf(v.Str())
	case pcommon.ValueTypeBytes:
		b := v.Bytes()
		s.buf = s.buf[:0]
		for i := range b.Len() {
			s.buf = append(s.buf, b.At(i))
		}
		return s.buf
	case pcommon.ValueTypeSlice:
		return s.numbers(v.Slice())
	}
	return nil
}

// numbers returns the bytes of an array of numbers, nil when it is anything else.
func (s *source) numbers(a pcommon.Slice) []byte {
	s.buf = s.buf[:0]
	for i := range a.Len() {
		var n int64
		switch v := a.At(i); v.Type() {
		case pcommon.ValueTypeInt:
			n = v.Int()
		case pcommon.ValueTypeDouble:
			n = int64(v.Double())
		default:
			return nil
		}
		if n < 0 || n > 255 {
			return nil
		}
		s.buf = append(s.buf, byte(n))
	}
	return s.buf
}

// bytesOf returns the bytes of s without copying them. They must not be written to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// eachLine calls fn with each line of text that is not blank.
func eachLine(text []byte, fn func(line []byte)) {
	for len(text) > 0 {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = nil
		}
		if len(bytes.TrimSpace(line)) > 0 {
			fn(line)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"
	"math"
	"time"
	"unsafe"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/parser"
)

// reading is how the text of a log record is to be read.
type reading struct {
	form   event.Form
	text   []byte       // nil when there is none
	fields pcommon.Map  // what stands beside it: the fields of the body or of the attribute, else the attributes
	entry  bool         // the text is one of the fields
	event  *event.Event // the fields and the attributes
	class  class
}

// source reads the texts of log records. It is for one goroutine: what it returns is valid until
// the next call.
type source struct {
	attribute string               // where to look instead of the body
	trusted   parser.TrustedSource // what the operator vouches for
	trustAny  bool                 // also what another program visibly wrote is read
	search    parser.Search        // for words in an object of Kubernetes
	event     event.Event          // of the log record that was read last
	buf       []byte               // a text that had to be put together
	line      []byte               // the line that is being fed
}

func newSource(cfg *Config) source {
	o := cfg.options()
	return source{attribute: cfg.Attribute, trusted: o.TrustedSource, trustAny: o.Trust == parser.TrustAny, search: cfg.search()}
}

// text returns the text of a log record, nil when there is none.
func (s *source) text(lr plog.LogRecord) []byte {
	if s.attribute == "" {
		switch body := lr.Body(); body.Type() {
		case pcommon.ValueTypeStr:
			if body.Str() != "" {
				return bytesOf(body.Str()) // nearly always
			}
		case pcommon.ValueTypeMap: // a journal entry's text is known without a look at its other fields
			if m, ok := body.Map().Get("MESSAGE"); ok && m.Type() == pcommon.ValueTypeStr {
				return bytesOf(m.Str())
			}
		}
	}
	r := s.find(lr, false)
	return r.text
}

// find returns the text of a log record and its form. inContainer says that its resource is a
// container.
func (s *source) find(lr plog.LogRecord, inContainer bool) (r reading) {
	s.event.Reset()
	r.event = &s.event
	if inContainer {
		s.event.SetContainer()
	}
	r.fields = lr.Attributes()
	v := lr.Body()
	if s.attribute != "" {
		var ok bool
		if v, ok = lr.Attributes().Get(s.attribute); !ok {
			s.add(lr.Attributes())
			return r
		}
	}
	switch {
	case v.Type() == pcommon.ValueTypeMap:
		if r.text = s.objectText(v.Map()); r.text != nil {
			s.add(lr.Attributes())
			return r
		}
		r.fields, r.entry = v.Map(), true
		s.add(r.fields)
	case s.attribute == "" && (v.Type() == pcommon.ValueTypeEmpty || v.Type() == pcommon.ValueTypeStr && v.Str() == ""):
		r.entry = true
	}
	s.add(lr.Attributes())
	if r.entry {
		var field event.Field
		r.form, field = s.event.Find()
		r.text, r.entry = s.event.Text(field), field != event.None
		return r
	}
	r.form, r.text = s.event.Form(), s.scalar(v)
	return r
}

// add adds fields to the event.
func (s *source) add(fields pcommon.Map) {
	for name, v := range fields.All() {
		field := bytesOf(name)
		switch v.Type() {
		case pcommon.ValueTypeStr:
			s.event.Add(field, event.Text(bytesOf(v.Str())))
			continue
		case pcommon.ValueTypeInt:
			s.event.Add(field, event.Int(v.Int()))
			continue
		case pcommon.ValueTypeDouble:
			if x := v.Double(); x == math.Trunc(x) && math.Abs(x) < 1<<53 {
				s.event.Add(field, event.Int(int64(x)))
				continue
			}
		case pcommon.ValueTypeMap:
			if host, ok := v.Map().Get("host"); ok && name == "kubernetes" && host.Type() == pcommon.ValueTypeStr {
				s.event.SetNode(bytesOf(host.Str()))
			}
		case pcommon.ValueTypeSlice, pcommon.ValueTypeBytes:
			s.addSeveral(field, v)
			continue
		}
		s.event.Add(field, event.Value{})
	}
}

// addSeveral adds a field whose value is an array, or bytes.
func (s *source) addSeveral(name []byte, v pcommon.Value) {
	if f := event.Named(name); f.IsText() && !s.event.Has(f) {
		if text := s.scalar(v); text != nil {
			s.event.Add(name, event.Text(text))
			return
		}
	}
	if v.Type() == pcommon.ValueTypeBytes {
		s.event.Add(name, event.Value{})
		return
	}
	if v.Slice().Len() == 0 {
		s.event.AddEmpty(name)
	}
	for _, v := range v.Slice().All() {
		one := event.Value{Several: true}
		switch v.Type() {
		case pcommon.ValueTypeStr:
			one.Text = bytesOf(v.Str())
		case pcommon.ValueTypeInt:
			one.Int, one.IsInt = v.Int(), true
		}
		s.event.Add(name, one)
	}
}

// scalar returns a value's text: a string, bytes, or the array of numbers that journalctl makes of
// a message that is not UTF-8.
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

// feed gives the lines of one log record to a parser and calls fn with what each of them made.
func feed(p *parser.Parser, src *source, r *reading, when pcommon.Timestamp, fn func(parser.Result)) {
	if r.form == event.Raw {
		eachLine(r.text, func(line []byte) {
			src.line = append(src.line[:0], line...) // the parser may write to it, and the batch is not ours to change
			if r.event.Foreign() && !src.trustAny || r.event.FromContainer() || r.event.Field(event.KubernetesReason) != nil {
				fn(p.FeedEvent(r.event, event.Raw, src.line, r.time(when), false))
				return
			}
			fn(p.Feed(src.line))
		})
		return
	}
	text := r.text
	if m := r.event.Text(event.Message); r.form == event.Syslog && m != nil { // in a text whose form is not known, the parser found it
		text = m
	}
	if text == nil {
		return
	}
	src.line = append(src.line[:0], text...)
	fn(p.FeedEvent(r.event, r.form, src.line, r.time(when), r.class == proven && format.SourceOf(r.form) == src.trusted))
}

// time returns when a log record was logged, zero where it does not say so.
func (r *reading) time(when pcommon.Timestamp) (t time.Time) {
	if when != 0 {
		t = when.AsTime()
	}
	return t
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

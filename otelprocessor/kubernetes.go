// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"encoding/json"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/internal/event"
)

// objectText returns an object of Kubernetes as JSON, nil for a body that is none or holds no word
// that matters. The k8sobjects receiver gives the object itself, or in its mode watch the object
// and what became of it.
func (s *source) objectText(body pcommon.Map) []byte {
	object := body
	if v, ok := body.Get("object"); ok && v.Type() == pcommon.ValueTypeMap {
		object = v.Map()
	}
	kind, ok := object.Get("kind")
	if !ok || kind.Type() != pcommon.ValueTypeStr || kind.Str() != "Event" && kind.Str() != "Pod" || !s.holdsWord(object) {
		return nil
	}
	text, err := json.Marshal(body.AsRaw())
	if err != nil {
		return nil
	}
	return text
}

// holdsWord reports whether a map holds a word that matters, as its JSON would show it: a name with
// its value.
func (s *source) holdsWord(m pcommon.Map) bool {
	for name, v := range m.All() {
		if s.matters(name, v) {
			return true
		}
	}
	return false
}

// matters reports whether a value and its name hold a word that matters.
func (s *source) matters(name string, v pcommon.Value) bool {
	s.buf = append(append(append(s.buf[:0], '"'), name...), `":`...)
	switch v.Type() {
	case pcommon.ValueTypeStr:
		s.buf = append(append(s.buf, '"'), v.Str()...)
	case pcommon.ValueTypeInt:
		s.buf = strconv.AppendInt(s.buf, v.Int(), 10)
	case pcommon.ValueTypeDouble:
		s.buf = strconv.AppendFloat(s.buf, v.Double(), 'f', -1, 64)
	case pcommon.ValueTypeMap:
		return s.holdsWord(v.Map())
	case pcommon.ValueTypeSlice:
		for _, item := range v.Slice().All() {
			if s.matters("", item) {
				return true
			}
		}
		return false
	default:
		return false
	}
	return s.search.MayMatter(s.buf)
}

// addObject adds what the k8sevents receiver says in the resource of the object that an event is
// about.
func (s *source) addObject(resource pcommon.Map) {
	if s.event.Field(event.KubernetesReason) == nil {
		return
	}
	for _, name := range event.KubernetesObject {
		if v, ok := resource.Get(name); ok && v.Type() == pcommon.ValueTypeStr && v.Str() != "" {
			s.event.Add(bytesOf(name), event.Text(bytesOf(v.Str())))
		}
	}
}

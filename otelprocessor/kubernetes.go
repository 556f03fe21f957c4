// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"encoding/json"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/parser"
)

// objectText returns an object of Kubernetes as JSON, nil for a body that is none or holds no word
// that matters. The k8sobjects receiver gives the object itself, or in its mode watch the object
// and what became of it.
func objectText(body pcommon.Map) []byte {
	object := body
	if v, ok := body.Get("object"); ok && v.Type() == pcommon.ValueTypeMap {
		object = v.Map()
	}
	kind, ok := object.Get("kind")
	if !ok || kind.Type() != pcommon.ValueTypeStr || kind.Str() != "Event" && kind.Str() != "Pod" || !matters(object) {
		return nil
	}
	text, err := json.Marshal(body.AsRaw())
	if err != nil {
		return nil
	}
	return text
}

// matters reports whether a text in a map may be about a memory kill.
func matters(m pcommon.Map) bool {
	for _, v := range m.All() {
		switch v.Type() {
		case pcommon.ValueTypeStr:
			if parser.MayContainOOM(bytesOf(v.Str())) {
				return true
			}
		case pcommon.ValueTypeMap:
			if matters(v.Map()) {
				return true
			}
		case pcommon.ValueTypeSlice:
			for _, item := range v.Slice().All() {
				if item.Type() == pcommon.ValueTypeMap && matters(item.Map()) {
					return true
				}
			}
		}
	}
	return false
}

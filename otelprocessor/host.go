// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"hash/maphash"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/internal/event"
	"github.com/oomtrail/oomtrail/parser/record"
)

// What the streams of one host say of its kills meets in the evidence of the host: the kernel's
// lines come from one receiver, those of systemd or containerd from another. The host is the one
// that a resource, a log record or the line itself names. Where nothing does, or the log of a
// container carried the line, a stream has its own evidence: it never meets what may be of another
// machine.

// namesHost are the attributes of the setting stream whose values name a host.
var namesHost = map[string]bool{
	"host.name": true, "host.id": true, "k8s.node.name": true, "k8s.node.uid": true,
	"hostname": true, "net.host.name": true, "node": true, "nodename": true, "kubernetes.host": true,
}

// ofAFile are those that tell one log of a host from another.
var ofAFile = map[string]bool{"log.file.path": true, "log.file.name": true}

// host returns the key of the host of lines, and its names. text is the host that the lines name,
// "" where they name none. The key is 0 where nothing says which host it is.
func (k *keyer) host(res, attrs pcommon.Map, text string) (key streamKey, names []string) {
	if text != "" && !event.NamesHost(text) {
		return 0, nil
	}
	k.buf = append(k.buf[:0], "host"...)
	for i, name := range k.names {
		v, ok := res.Get(name)
		if !ok || isNested(v) {
			v, ok = attrs.Get(name)
		}
		if !ok || isNested(v) || ofAFile[name] {
			continue
		}
		k.add(i, v)
		if value := v.AsString(); namesHost[name] && event.NamesHost(value) {
			names = append(names, value)
		}
	}
	if text != "" {
		isOther := true
		for _, name := range names {
			isOther = isOther && !record.SameHost(name, text)
		}
		if isOther { // a log server's
			k.addText(len(k.names), []byte(strings.ToLower(text)))
			names = []string{text}
		}
	}
	if len(names) == 0 {
		return 0, nil
	}
	return streamKey(maphash.Bytes(k.seed, k.buf)), names
}

// waits is what waited in a host before a line was fed.
type waits struct {
	any      bool
	resource pcommon.Map
	bytes    int
}

// waiting returns what waits in a host, nil for none.
func (t *trial) waiting() (w waits) {
	if t != nil {
		w = waits{any: t.evidence.Waits(), resource: t.resource, bytes: t.evidence.Memory()}
	}
	return w
}

// commonWith returns the resource of records that are made of lines with the resource res, and
// perhaps of lines that waited: what both say.
func (w *waits) commonWith(res pcommon.Map) pcommon.Map {
	if !w.any || res == w.resource {
		return res
	}
	return common(w.resource, res)
}

// note notes the resource of a line that was fed, where something of it waits now.
func (t *trial) note(before waits, res pcommon.Map, when logged) {
	if t == nil || !t.evidence.Waits() || before.any && t.evidence.Memory() <= before.bytes {
		return
	}
	if res == (pcommon.Map{}) {
		res = pcommon.NewMap()
	}
	t.resource, t.when = before.commonWith(res), when
}

// common returns the attributes that two resources have in common: one of both where they are
// equal.
func common(a, b pcommon.Map) pcommon.Map {
	if a == (pcommon.Map{}) || b == (pcommon.Map{}) {
		return pcommon.NewMap()
	}
	if a.Equal(b) {
		return a
	}
	both := pcommon.NewMap()
	for name, v := range a.All() {
		if other, ok := b.Get(name); ok && v.Equal(other) {
			v.CopyTo(both.PutEmpty(name))
		}
	}
	return both
}

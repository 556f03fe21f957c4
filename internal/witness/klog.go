// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// klogLine is a line of klog, the logger of Kubernetes' own programs: a header and a text, a
// header, a quoted message and values, or JSON (k8s.io/klog/v2 and k8s.io/component-base/logs).
type klogLine struct {
	// msg is the text, or the message of a structured line.
	msg string
	// values are ` key="value" …` behind the message of a structured line.
	values string
	// members are those of a JSON line, nil for the others.
	members map[string]json.RawMessage
	// wall is the time of a JSON line. clock is the time of a header, which has neither year nor
	// zone: only the differences of a few days count.
	wall  time.Time
	clock time.Duration
}

// readKlog reads a line of klog.
func readKlog(s string) (k klogLine, ok bool) {
	if strings.HasPrefix(s, "{") {
		return readKlogJSON(s)
	}
	if k.clock, s, ok = cutKlogHead(s); !ok {
		return k, false
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil || quoted[0] != '"' {
		k.msg = s
		return k, true
	}
	if k.msg, err = strconv.Unquote(quoted); err != nil {
		return k, false
	}
	k.values = s[len(quoted):]
	return k, true
}

// cutKlogHead cuts "I0502 10:00:02.331907    1021 oom_watcher_linux.go:75] ".
func cutKlogHead(s string) (clock time.Duration, rest string, ok bool) {
	const stamp = "0102 15:04:05.000000"
	if len(s) < 1+len(stamp) || !strings.Contains("IWEF", s[:1]) {
		return 0, s, false
	}
	at, err := time.Parse(stamp, s[1:1+len(stamp)])
	if err != nil {
		return 0, s, false
	}
	_, rest, ok = cutNumber(strings.TrimLeft(s[1+len(stamp):], " "))
	place, rest, ends := strings.Cut(rest, "] ")
	if !ok || !ends || !strings.HasPrefix(place, " ") || strings.ContainsAny(place[1:], " \"") {
		return 0, s, false
	}
	// In days of the year 0, which is a leap year.
	return at.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)), rest, true
}

// readKlogJSON reads `{"ts":1746180002331.9,"caller":"…","msg":"…","v":0,…}`.
func readKlogJSON(s string) (k klogLine, ok bool) {
	if json.Unmarshal([]byte(s), &k.members) != nil || k.members["ts"] == nil {
		return k, false
	}
	k.msg = k.value("msg")
	ms, err := strconv.ParseFloat(k.value("ts"), 64)
	if err != nil || !(ms > 0 && ms < 1e14) || k.msg == "" {
		return k, false
	}
	k.wall = time.UnixMicro(int64(ms * 1000)).UTC()
	return k, true
}

// value returns a value by its key, "" where there is none. Of several the first one counts.
func (k *klogLine) value(key string) string {
	if k.members != nil {
		return textOf(k.members[key])
	}
	return pairValue(k.values, key)
}

// objectRef returns the value of a key that names an object: "namespace/name", in JSON an object.
func (k *klogLine) objectRef(key string) (namespace, name string) {
	var ref struct{ Name, Namespace string }
	if k.members == nil {
		ref.Namespace, ref.Name, _ = strings.Cut(k.value(key), "/")
	} else if json.Unmarshal(k.members[key], &ref) != nil {
		return "", ""
	}
	return ref.Namespace, ref.Name
}

// onlyObject returns the object that a key names in a list of one: ["namespace/name"], in JSON a
// list of objects. It returns nothing for any other list.
func (k *klogLine) onlyObject(key string) (namespace, name string) {
	value := k.value(key)
	var objects []struct{ Name, Namespace string }
	if json.Unmarshal([]byte(value), &objects) == nil && len(objects) == 1 {
		return objects[0].Namespace, objects[0].Name
	}
	object, ok := between(value, "[", "]")
	if !ok {
		return "", ""
	}
	namespace, name, _ = strings.Cut(strings.Trim(object, `"`), "/")
	return namespace, name
}

// pairValue returns a value of ` key="value" key=value …` by its key, as klog and Nomad's logger
// write them.
func pairValue(pairs, key string) string {
	for pairs != "" {
		name, after, ok := strings.Cut(strings.TrimLeft(pairs, " "), "=")
		if !ok || strings.ContainsAny(name, ` "`) {
			return ""
		}
		var v string
		if v, pairs = cutPairValue(after); name == key {
			return v
		}
	}
	return ""
}

// cutPairValue cuts a value: quoted, an object or a list, or a word.
func cutPairValue(s string) (v, rest string) {
	if quoted, err := strconv.QuotedPrefix(s); err == nil && quoted[0] == '"' {
		v, _ = strconv.Unquote(quoted)
		return v, s[len(quoted):]
	}
	if n := nestedLen(strings.TrimPrefix(s, "&")); n > 0 {
		n += len(s) - len(strings.TrimPrefix(s, "&"))
		return s[:n], s[n:]
	}
	n := strings.IndexByte(s, ' ')
	if n < 0 {
		n = len(s)
	}
	return s[:n], s[n:]
}

// nestedLen returns how long the object or list at the start of s is, 0 where there is none. What
// stands in quotes does not count.
func nestedLen(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			quoted, err := strconv.QuotedPrefix(s[i:])
			if err != nil {
				return 0
			}
			i += len(quoted) - 1
		}
		if depth == 0 {
			return 0
		}
	}
	return 0
}

// since returns how much later k is than o, and whether both say so: the time from the header's
// clock, or of JSON.
func (k *klogLine) since(o *klogLine) (time.Duration, bool) {
	if k.wall.IsZero() != o.wall.IsZero() {
		return 0, false
	}
	if k.wall.IsZero() {
		return k.clock - o.clock, true
	}
	return k.wall.Sub(o.wall), true
}

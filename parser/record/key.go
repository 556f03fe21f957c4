// SPDX-License-Identifier: Apache-2.0

package record

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Key returns oom.record.key: a hash of a record's id and of its host, which is the machine id,
// else the name, else "". logHost is oom.log_host, "" where the record has none; it is part of the
// host unless it is the same name. Stores know a record by its key, since the id is the same on two
// machines of one image that die alike. A program that gives a record another host must give it
// that host's key.
func Key(uid, hostID, hostName, logHost string) string {
	host := cmp.Or(hostID, hostName)
	if logHost != "" && !SameHost(logHost, hostName) {
		host += "\n" + logHost
	}
	return string(appendKey(nil, uid, host))
}

// appendKey appends the key of an id and a host.
func appendKey[T string | []byte](dst []byte, uid, host T) []byte {
	start := len(dst)
	dst = append(append(append(dst, uid...), '\n'), host...)
	sum := sha256.Sum256(dst[start:])
	return hex.AppendEncode(dst[:start], sum[:16])
}

// AddKey adds oom.record.key after its log.record.uid. The host must be there by now.
func (d *Draft) AddKey() {
	host := d.TextOf(HostID)
	if len(host) == 0 {
		host = d.TextOf(HostName)
	}
	start := len(d.Text)
	d.Text = appendKey(d.Text, d.TextOf(LogRecordUID), host)
	d.items = slices.Insert(d.items, min(int(RecordKey), len(d.items)), item{num: spanOf(start, len(d.Text)), id: RecordKey, kind: KindString})
}

// SameHost reports whether two names are one host: they are equal, or one of them lacks the domain.
func SameHost(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && strings.EqualFold(a, b[:len(a)]) && (len(a) == len(b) || b[len(a)] == '.')
}

// SPDX-License-Identifier: Apache-2.0

package record

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Key returns what oom.record.key holds: a hash of a record's id and of its host, which is the
// machine's id where that is known, else its name, else "". logHost is oom.log_host, "" where the
// record has none; it is part of the host unless it is the name once more. Stores know a record by
// its key. The id alone is the same on two machines of one image that die alike. Whatever gives a
// record another host gives it the key of that host.
func Key(uid, hostID, hostName, logHost string) string {
	host := orElse(hostID, hostName)
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

// addKey adds the record's key behind its id. The host must be there by now.
func (b *Builder) addKey() {
	host := b.textOf(fHostID)
	if len(host) == 0 {
		host = b.textOf(fHostName)
	}
	start := len(b.text)
	b.text = appendKey(b.text, b.textOf(fLogRecordUID), host)
	b.items = slices.Insert(b.items, int(fRecordKey), item{num: spanOf(start, len(b.text)), field: fRecordKey, typ: TypeString})
}

// textOf returns the text of a field that has been added, nil when it has not.
func (b *Builder) textOf(f field) []byte {
	for i := range b.items {
		if it := &b.items[i]; it.field == f {
			start, end := it.span()
			return b.text[start:end]
		}
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package input

import (
	"bytes"

	"github.com/tinylib/msgp/msgp"

	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/internal/format"
)

// appendLine appends the event of a line: that of in_kmsg, whose msg is what the record holds
// behind its head, with the kernel's escapes; and the facility, which in_kmsg leaves out, and the
// boot. record is the record of the line.
func appendLine(b []byte, l *format.Line, record []byte) []byte {
	const second = 1e6 // of the kernel's stamps
	_, msg, _ := bytes.Cut(record, []byte{';'})
	b = msgp.AppendArrayHeader(b, 2)
	b = msgp.AppendArrayHeader(b, 2)
	b = logevent.AppendTimestamp(b, l.Wall)
	b = msgp.AppendMapHeader(b, 0)
	b = msgp.AppendMapHeader(b, 7)
	b = msgp.AppendInt8(msgp.AppendString(b, "priority"), l.Level)
	b = msgp.AppendUint64(msgp.AppendString(b, "sequence"), l.Sequence)
	b = msgp.AppendUint64(msgp.AppendString(b, "sec"), uint64(l.Uptime/second))
	b = msgp.AppendUint64(msgp.AppendString(b, "usec"), uint64(l.Uptime%second))
	b = msgp.AppendStringFromBytes(msgp.AppendString(b, "msg"), msg)
	b = msgp.AppendInt16(msgp.AppendString(b, "facility"), l.Facility)
	return msgp.AppendStringFromBytes(msgp.AppendString(b, "boot_id"), l.BootID)
}

// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

// maxUnzipping is how many compressed files are read at a time: each takes some 50 KB, and a glob
// may match thousands.
const maxUnzipping = 8

// unzipState says how far a stream has come with its compressed file.
type unzipState uint8

const (
	unzipAwaited unzipState = iota // it waits for its turn
	unzipUnderWay
	unzipEnded // all was read, as far as it can be
)

// beginUnzip begins to read a compressed file unless that was done before. It returns false when it
// has to wait for others.
func (t *tail) beginUnzip() bool {
	if t.unzipping != unzipAwaited {
		return true
	}
	if t.src.unzipping >= maxUnzipping {
		return false
	}
	text, err := t.log.unzip()
	if err != nil {
		t.src.tell(t.log.Name(), err)
		t.log.brokeOff(err)
		t.unzipping = unzipEnded
		return true
	}
	t.lines.R, t.unzipping = text, unzipUnderWay
	t.src.unzipping++
	return true
}

// endUnzip gives the room of a compressed file back that was read to its end or is not read on.
func (t *tail) endUnzip() {
	if t.unzipping == unzipUnderWay {
		t.lines.R, t.unzipping = nil, unzipEnded
		t.src.unzipping--
	}
}

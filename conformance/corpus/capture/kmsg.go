// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strconv"
)

// kmsgRecord is one record of /dev/kmsg with its continuation lines (" KEY=value").
type kmsgRecord struct {
	raw  []byte
	text []byte
	usec int64
}

func splitKmsg(raw []byte) []kmsgRecord {
	var list []kmsgRecord
	for line := range bytes.Lines(raw) {
		if line[0] == ' ' && len(list) > 0 {
			last := &list[len(list)-1]
			last.raw = append(last.raw, line...)
			continue
		}
		head, text, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(";"))
		r := kmsgRecord{raw: bytes.Clone(line), text: text, usec: -1}
		if f := bytes.Split(head, []byte(",")); len(f) > 2 {
			if usec, err := strconv.ParseInt(string(f[2]), 10, 64); err == nil {
				r.usec = usec
			}
		}
		list = append(list, r)
	}
	return list
}

// renderDmesg writes records as dmesg does, /dev/kmsg's \xNN escapes left in.
func renderDmesg(raw []byte) []byte {
	var out bytes.Buffer
	for _, r := range splitKmsg(raw) {
		fmt.Fprintf(&out, "[%5d.%06d] %s\n", r.usec/1e6, r.usec%1e6, r.text)
	}
	return out.Bytes()
}

// since returns the records that are not older than a stamp.
func since(raw []byte, usec int64) []byte {
	var out []byte
	for _, r := range splitKmsg(raw) {
		if r.usec >= usec {
			out = append(out, r.raw...)
		}
	}
	return out
}

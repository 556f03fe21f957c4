// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strconv"
)

// results are the files of scenarios as they came out of a guest: by scenario, then by name. What
// the guest says of itself is under bootScenario.
type results map[string]map[string][]byte

const bootScenario = "_boot"

// frameHead begins a file on the guest's serial line: "\n@@FILE scenario/file length\n".
var frameHead = []byte("\n@@FILE ")

// parseFrames takes the files out of a serial line's bytes. Of a file that came twice the later one
// counts; a last one that was cut off, and bytes between frames, are passed over.
func parseFrames(raw []byte) results {
	r := results{}
	for {
		at := bytes.Index(raw, frameHead)
		if at < 0 {
			return r
		}
		raw = raw[at+len(frameHead):]
		head, rest, ok := bytes.Cut(raw, []byte("\n"))
		name, length, _ := bytes.Cut(head, []byte(" "))
		scenario, file, named := bytes.Cut(name, []byte("/"))
		n, err := strconv.Atoi(string(length))
		if !ok || !named || err != nil || n < 0 || n > len(rest) {
			continue
		}
		r.add(string(scenario), string(file), rest[:n])
		raw = rest[n:]
	}
}

func (r results) add(scenario, file string, data []byte) {
	if r[scenario] == nil {
		r[scenario] = map[string][]byte{}
	}
	r[scenario][file] = data
}

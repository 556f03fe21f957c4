// SPDX-License-Identifier: Apache-2.0

package kmsgtest

import "bytes"

// Records splits what was read from /dev/kmsg into its records, each with its dictionary lines,
// which begin with a blank.
func Records(raw []byte) (records [][]byte) {
	for line := range bytes.Lines(raw) {
		if line[0] == ' ' && len(records) > 0 {
			last := &records[len(records)-1]
			*last = append((*last)[:len(*last):len(*last)], line...)
			continue
		}
		records = append(records, line)
	}
	return records
}

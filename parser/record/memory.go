// SPDX-License-Identifier: Apache-2.0

package record

import (
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/kernel"
)

// Memory returns how many bytes the builder holds.
func (b *Builder) Memory() int {
	return int(unsafe.Sizeof(*b)) + cap(b.items)*int(unsafe.Sizeof(item{})) + cap(b.text) + cap(b.top)*int(unsafe.Sizeof((*kernel.Task)(nil))) + cap(b.truncated)
}

// Trim gives up the buffers that are kept between records.
func (b *Builder) Trim() { *b = Builder{opt: b.opt, diagnoser: b.diagnoser.Clone()} }

// SPDX-License-Identifier: Apache-2.0

package parser

import "github.com/oomtrail/oomtrail/internal/scan"

// MayContainOOM reports whether b could hold a line that begins a report or names a kill. b is a line, or any bytes
// that lines stand in. It allocates nothing.
//
// With no report open, a line without such a word need not be fed: see [Parser.Skip].
func MayContainOOM(b []byte) bool { return scan.IndexTrigger(b) >= 0 }

// TriggerKeys returns the words that [MayContainOOM] looks for, of eight ASCII characters each. It is true of what
// holds one of them, and of nothing else. They serve a search in another language.
func TriggerKeys() []string { return scan.TriggerKeys() }

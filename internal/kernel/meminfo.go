// SPDX-License-Identifier: Apache-2.0

package kernel

var memInfoForm = form{starts: []string{"Mem-"}, read: is(IsMemInfoHead)}

// IsMemInfoHead reports whether s is "Mem-Info:" or "Mem-info:".
func IsMemInfoHead(s string) bool { s = trimEnd(s); return s == "Mem-Info:" || s == "Mem-info:" }

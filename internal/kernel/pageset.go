// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// isCPUPageset reports whether s is the pageset of one processor (to 4.0, docs/formats.md section
// 4.2).
func isCPUPageset(s string) bool {
	s = trimEnd(s)
	text, upper := strings.CutPrefix(s, "CPU ")
	if !upper {
		var lower bool
		if text, lower = strings.CutPrefix(s, "cpu "); !lower {
			return false
		}
	}
	_, text, ok := takeUint(skipSpaces(text))
	if !ok {
		return false
	}
	if upper {
		return strings.HasPrefix(text, ": hi:") || strings.HasPrefix(text, ": Hot: hi:")
	}
	return strings.HasPrefix(text, " hot: ") || strings.HasPrefix(text, " cold: ")
}

// isPerCPU reports whether what follows a zone's name makes the line the head of its pagesets.
func isPerCPU(rest string) bool {
	rest = trimEnd(rest)
	return rest == " per-cpu:" || rest == " per-cpu: empty"
}

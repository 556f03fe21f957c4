// SPDX-License-Identifier: Apache-2.0

package diagnosis

// HasAdvice reports whether a cause says what to do next.
func HasAdvice(c Cause) bool { return c.row().advice != nil }

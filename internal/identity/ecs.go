// SPDX-License-Identifier: Apache-2.0

package identity

import "github.com/oomtrail/oomtrail/internal/ids"

// isECSTask reports whether s is the id of an ECS task: 32 hex digits, or a UUID of before 2019.
func isECSTask(s string) bool { return ids.IsHexOf(s, 32) || ids.IsUUID(s, '-') }

// isECSContainer reports whether s is a container of an ECS task: Docker's id, or Fargate's, which
// is 32 hex digits, a dash and a number.
func isECSContainer(s string) bool {
	return ids.IsContainerID(s) || len(s) > 33 && ids.IsHexOf(s[:32], 32) && s[32] == '-' && isNumber(s[33:])
}

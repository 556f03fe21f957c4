// SPDX-License-Identifier: Apache-2.0

package plain

import "strings"

// ShellWords writes arguments as a shell takes them, with a blank before each.
func ShellWords(args []string) string {
	var b strings.Builder
	for _, arg := range args {
		b.WriteByte(' ')
		if arg == "" || strings.ContainsFunc(arg, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=@%+", r)
		}) {
			if IsPrintable(arg) {
				arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
			} else {
				quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(arg)
				arg = "$'" + Printable(quoted) + "'" // as bash and zsh take it
			}
		}
		b.WriteString(arg)
	}
	return b.String()
}

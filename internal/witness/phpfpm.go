// SPDX-License-Identifier: Apache-2.0

package witness

import "strings"

// PHPFPM is the name of PHP's process manager as a writer.
const PHPFPM = "php-fpm"

// phpFPMProgram reads what php-fpm says of a child that died (fpm_children_bury in
// sapi/fpm/fpm/fpm_children.c), after "[DATE] WARNING: ":
//
//	[pool NAME] child N exited on signal 9 (SIGKILL) after S.UUUUUU seconds from start
var phpFPMProgram = program{
	name: PHPFPM, deaths: []string{"ed on si"}, inContainers: true, new: Func(readPHPFPM).New,
}

func readPHPFPM(l *Line) Fact {
	text := endOfLine(l.Text)
	if _, rest, ok := cutBracket(text); ok && strings.HasPrefix(rest, "WARNING: ") {
		text = strings.TrimPrefix(rest, "WARNING: ")
	}
	text = strings.TrimPrefix(text, "[WARNING] ") // to syslog
	pool, text, ok := cutBracket(text)
	s, isChild := strings.CutPrefix(text, "child ")
	pid, s, isPID := cutPID(s)
	s, isKilled := strings.CutPrefix(s, " exited on signal 9 (SIGKILL) after ")
	seconds, isWhole := strings.CutSuffix(s, " seconds from start")
	if !ok || !strings.HasPrefix(pool, "pool ") || !isChild || !isPID || !isKilled || !isWhole ||
		strings.Trim(seconds, "0123456789.") != "" {
		return Fact{}
	}
	return workerDeath(PHPFPM, pid)
}

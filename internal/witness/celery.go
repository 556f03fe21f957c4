// SPDX-License-Identifier: Apache-2.0

package witness

import "strings"

// Celery is the name of the task queue as a writer.
const Celery = "celery"

// celeryProgram reads what celery's pool says of a worker that died (billiard/pool.py), after
// "[DATE: LEVEL/PROCESS] ":
//
//	Process 'ForkPoolWorker-2' pid:N exited with 'signal 9 (SIGKILL)'
//
// WorkerLostError, which follows, is about the same death and has no pid. Nor has "Hard time limit
// (Ns) exceeded", so that the pool's own kills are not told from others.
var celeryProgram = program{
	name: Celery, deaths: []string{"'signal "}, inContainers: true, new: Func(readCelery).New,
}

func readCelery(l *Line) Fact {
	text := endOfLine(l.Text)
	if head, rest, ok := cutBracket(text); ok && strings.Contains(head, ": ERROR/") {
		text = rest
	}
	s, ok := strings.CutPrefix(text, "Process '")
	if !ok {
		return Fact{}
	}
	name, s, ok := strings.Cut(s, "' pid:")
	pid, end, isPID := cutPID(s)
	if !ok || !isPID || strings.Contains(name, "'") || end != " exited with 'signal 9 (SIGKILL)'" {
		return Fact{}
	}
	return workerDeath(Celery, pid)
}

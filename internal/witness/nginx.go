// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"time"
)

// Nginx is the name of the web server as a writer.
const Nginx = "nginx"

// nginxProgram reads what nginx says of a process that died (ngx_process_get_status in
// src/os/unix/ngx_process.c):
//
//	2026/05/02 10:00:01 [alert] 7#7: worker process N exited on signal 9
//
// It kills workers that are slow to end itself, without a line at the usual level.
var nginxProgram = program{
	name: Nginx, deaths: []string{"ed on si"}, inContainers: true, new: Func(readNginx).New,
}

// nginxProcesses are its names of processes.
var nginxProcesses = [...]string{"worker process ", "cache manager process ", "cache loader process "}

func readNginx(l *Line) Fact {
	date, s, ok := strings.Cut(endOfLine(l.Text), " [alert] ")
	if _, err := time.Parse("2006/01/02 15:04:05", date); !ok || err != nil {
		return Fact{}
	}
	_, s, ok = strings.Cut(s, ": ") // 7#7
	if !ok {
		return Fact{}
	}
	for _, name := range nginxProcesses {
		if s, ok := strings.CutPrefix(s, name); ok {
			if pid, end, ok := cutPID(s); ok && end == " exited on signal 9" {
				return workerDeath(Nginx, pid)
			}
		}
	}
	return Fact{}
}

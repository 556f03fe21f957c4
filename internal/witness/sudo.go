// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"path"
	"strings"
)

// Sudo is the name of the program as a writer.
const Sudo = "sudo"

// sudoProgram reads what sudo logs of a command before it runs it (plugins/sudoers/logging.c):
//
//	alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/kill -9 N
//
// It shows the intent. Only commands that name their victims are read: kill with pids, and
// systemctl kill with units.
var sudoProgram = program{
	name: Sudo, deaths: []string{"COMMAND="}, identifiers: []string{Sudo}, new: func() Reader { return &sudoLog{} },
}

type sudoLog struct{ facts []Fact }

func (r *sudoLog) Clone() Reader { return &sudoLog{} }

func (r *sudoLog) Read(l *Line) []Fact {
	r.facts = r.facts[:0]
	if l.Author.Program != Sudo || l.Author.Comm != "" && l.Author.Comm != Sudo {
		return nil
	}
	_, said, ok := strings.Cut(strings.TrimLeft(l.Text, " "), " : ")
	if !ok || !strings.HasPrefix(said, "TTY=") && !strings.HasPrefix(said, "PWD=") && !strings.HasPrefix(said, "HOST=") {
		return nil // "command not allowed ; TTY=…" and the like
	}
	const mark = " ; COMMAND="
	if strings.Count(said, mark) != 1 { // a directory may be called so
		return nil
	}
	_, command, _ := strings.Cut(said, mark)
	words := strings.Fields(endOfLine(command))
	if len(words) == 0 {
		return nil
	}
	f := Fact{Kind: Sent, Writer: Sudo, Signal: sigkill}
	f.Sender.Exe, f.Sender.Name = words[0], path.Base(words[0])
	f.Sender.Unit = l.Author.Unit
	f.Sender.LoginUID = auditID(l.Author.Get("_AUDIT_LOGINUID"))
	words = words[1:]
	switch f.Sender.Name {
	case "kill":
		for _, word := range killedBy(words) {
			if pid, rest, ok := cutPID(word); ok && rest == "" {
				f.Keys = Keys{PID: pid, HasPID: true}
				r.facts = append(r.facts, f)
			}
		}
	case "systemctl":
		if len(words) == 0 || words[0] != "kill" {
			return nil
		}
		for _, word := range killedBy(words[1:]) {
			if !strings.Contains(word, ".") {
				word += ".service"
			}
			f.Keys = Keys{Unit: word}
			r.facts = append(r.facts, f)
		}
	}
	return r.facts
}

// killedBy returns the operands of kill or systemctl kill, where it sends SIGKILL; nil else.
func killedBy(words []string) (operands []string) {
	kills := false
	for i := 0; i < len(words); i++ {
		word := words[i]
		switch {
		case word == "-s" || word == "--signal" || word == "-n":
			if i++; i < len(words) {
				kills = isSIGKILL(words[i])
			}
		case strings.HasPrefix(word, "--signal="):
			kills = isSIGKILL(strings.TrimPrefix(word, "--signal="))
		case word == "--":
		case word == "--user" || word == "-M" || strings.HasPrefix(word, "--machine"):
			return nil // another manager's unit
		case strings.HasPrefix(word, "--kill-who"): // --kill-whom=main
			if !strings.Contains(word, "=") {
				i++
			}
		case strings.HasPrefix(word, "-"):
			if len(operands) > 0 || !isSIGKILL(word[1:]) { // a process group, or an unknown option
				return nil
			}
			kills = true
		default:
			operands = append(operands, word)
		}
	}
	if !kills {
		return nil
	}
	return operands
}

func isSIGKILL(s string) bool {
	return s == "9" || strings.EqualFold(strings.TrimPrefix(strings.ToUpper(s), "SIG"), "KILL")
}

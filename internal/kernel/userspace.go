// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

var userspaceForm = form{
	words: []string{
		"oomd dry", "Failed t", "ory pres", "Swap use", "low memo", "sending ", "escalati", "Could no", "mem avai", "System O", "The node",
		"in mebib", "The vict", "lowmemor",
		"OOM kill", "OOM even", "oom-kill", "oomd kil", "oom even", "s=9/KILL", "o memory", "o reclai",
	},
	read: is(IsUserspace),
}

// IsUserspace reports whether s is one of the user-space lines about memory kills (docs/formats.md
// section 9).
func IsUserspace(s string) bool {
	if s == "" {
		return false
	}
	for _, words := range userspaceStarts {
		if words[0] == s[0] && strings.HasPrefix(s, words) {
			return true
		}
	}
	for _, p := range userspaceParts {
		if !strings.Contains(s, p.mark) {
			continue
		}
		for _, words := range p.words {
			if strings.Contains(s, words) {
				return true
			}
		}
	}
	return false
}

// userspaceStarts are the words that such a line starts with.
var userspaceStarts = [...]string{
	"oomd dry-run: Would have tried to kill ",     // systemd-oomd 252+
	"Failed to kill any cgroups based on swap: ",  // systemd-oomd 252+
	"Failed to kill any cgroups under ",           // systemd-oomd 252+
	"Memory pressure for ",                        // systemd-oomd 247
	"Swap used (",                                 // systemd-oomd 247
	"low memory! at or below SIG",                 // earlyoom
	"sending SIGTERM to process ",                 // earlyoom
	"sending SIGKILL to process ",                 // earlyoom
	"escalating to SIGKILL after ",                // earlyoom
	"Could not find a process to kill. Sleeping ", // earlyoom
	"mem avail: ",                                 // earlyoom
	"System OOM encountered",                      // kubelet
	"The node was low on resource: ",              // kubelet
	"Tasks state (memory values in mebibytes):",   // nohang
	"The victim died in ",                         // nohang
	"lowmemorykiller: Kill '",                     // Android lmkd
}

// userspaceParts are words that follow a unit, a cgroup or a timestamp. They are looked for in
// lines with the mark that they share, which few lines have.
var userspaceParts = [...]struct {
	mark  string
	words []string
}{
	{"OOM", []string{
		": A process of this unit has been killed by the OOM killer.", // systemd
		"TaskOOM event", // containerd
	}},
	{"oom", []string{
		": Failed with result 'oom-kill'.", // systemd
		": systemd-oomd killed ",           // systemd
		"Got sys oom event",                // kubelet
	}},
	{"9/KILL", []string{", code=killed, status=9/KILL"}},                                   // systemd
	{" due to memory ", []string{" due to memory used (", " due to memory pressure for "}}, // systemd-oomd
	{"to reclaim", []string{"ttempting to reclaim", "must evict pod(s) to reclaim"}},       // kubelet
}

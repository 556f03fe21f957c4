package grammar

import "strings"

// IsUserspace reports whether s is one of the user-space lines of section 9 that speak of memory kills.
func IsUserspace(s string) bool {
	for _, words := range userspaceStarts {
		if strings.HasPrefix(s, words) {
			return true
		}
	}
	for _, words := range userspaceParts {
		if strings.Contains(s, words) {
			return true
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
	"low memory! at or below SIG",                 // earlyoom
	"sending SIGTERM to process ",                 // earlyoom
	"sending SIGKILL to process ",                 // earlyoom
	"escalating to SIGKILL after ",                // earlyoom
	"Could not find a process to kill. Sleeping ", // earlyoom
	"mem avail: ",                               // earlyoom
	"System OOM encountered",                    // kubelet
	"The node was low on resource: ",            // kubelet
	"Tasks state (memory values in mebibytes):", // nohang
	"lowmemorykiller: Kill '",                   // Android lmkd
}

// userspaceParts are words that stand behind a unit, a cgroup or a stamp.
var userspaceParts = [...]string{
	": A process of this unit has been killed by the OOM killer.", // systemd
	": Failed with result 'oom-kill'.",                            // systemd
	", code=killed, status=9/KILL",                                // systemd
	": systemd-oomd killed ",                                      // systemd
	" due to memory used (",                                       // systemd-oomd
	" due to memory pressure for ",                                // systemd-oomd
	"Got sys oom event",                                           // kubelet
	"ttempting to reclaim",                                        // kubelet
	"must evict pod(s) to reclaim",                                // kubelet
	"TaskOOM event",                                               // containerd
}

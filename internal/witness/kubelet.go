// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
	"github.com/oomtrail/oomtrail/parser/report"
)

// Kubelet is the writer of what the kubelet says: in its log, in Kubernetes events and in the
// status of a pod.
const Kubelet = "kubelet"

// kubelet reads the kubelet's own log: klog of 1.18 to 1.34, as text or JSON. Sources:
// pkg/kubelet/oom/oom_watcher_linux.go, pkg/kubelet/eviction/eviction_manager.go,
// pkg/kubelet/pleg/generic.go and pkg/kubelet/kuberuntime/kuberuntime_container.go of Kubernetes.
type kubelet struct {
	// starving is the last line that names the resource to be reclaimed, memory set where it is
	// memory. The line of an evicted pod does not say what it was evicted for.
	starving klogLine
	known    bool
	memory   bool
	// probed are the containers that failed a probe, by which they are stopped.
	probed recentIDs
	one    [1]Fact
}

// kubeletAuthor has the programs that the kubelet is a part of, too.
var kubeletAuthor = daemon{
	names:      []string{Kubelet, "k3s", "k3s-agent", "rke2", "rke2-agent", "rke2-server"},
	comms:      []string{Kubelet, "k3s", "k3s-server", "k3s-agent", "rke2"},
	units:      []string{"kubelet.service"},
	transports: []string{"stdout"},
}

// kubeletProgram is the kubelet's row. k3s and RKE2 are no services that prove it.
var kubeletProgram = program{
	name:     Kubelet,
	author:   &kubeletAuthor,
	units:    k3sUnits,
	triggers: []string{"sys oom ", "on manag"},
	deaths: []string{
		"Code=137", `ode":137`, "a grace ",
		"led live", "rtup pro", // failed liveness probe, failed startup probe
	},
	new: newKubelet,
}

func newKubelet() Reader { return new(kubelet) }

func (r *kubelet) Clone() Reader {
	c := *r
	return &c
}

// Read takes lines of the kubelet only: klog is the logger of others, too.
func (r *kubelet) Read(l *Line) []Fact {
	wrote, verified := kubeletAuthor.wrote(l)
	k, ok := readKlog(l.Text)
	if !ok || !wrote {
		return nil
	}
	f := Fact{Writer: Kubelet, InnerTime: k.wall, Verified: verified}
	switch {
	case strings.HasPrefix(k.msg, "Got sys oom event"):
		ok = readSystemOOM(&k, &f)
	case k.msg == "Generic (PLEG): container finished":
		ok = readFinished(&k, &f)
	case k.msg == "Killing container with a grace period":
		ok = r.readGracefulKill(&k, &f)
	case k.msg == "Message for Container of pod":
		r.readProbe(l, &k)
		ok = false
	default:
		ok = r.readEviction(l, &k, &f)
	}
	if !ok {
		return nil
	}
	r.one[0] = f
	return r.one[:]
}

// readSystemOOM reads the report of cadvisor's parser of the kernel's log. The kubelet prints those
// alone that concern the node, not a limit. At each start it reads the kernel's log anew: the time
// of the death counts, not that of the line.
func readSystemOOM(k *klogLine, f *Fact) bool {
	var v struct {
		Pid                      int64
		ProcessName, TimeOfDeath string
	}
	text, plain := strings.CutPrefix(k.msg, "Got sys oom event: ")
	if !plain {
		text = k.value("event")
	}
	var ok bool
	switch {
	case strings.HasPrefix(text, "{"):
		ok = json.Unmarshal([]byte(text), &v) == nil
	case strings.HasPrefix(text, "&{Pid:"): // 1.21 to 1.2x
		v.Pid, v.ProcessName, v.TimeOfDeath, ok = cutOOMInstance(text[len("&{Pid:"):], " ProcessName:", " TimeOfDeath:", " ContainerName:")
	case strings.HasPrefix(text, "&{"): // to 1.20
		v.Pid, v.ProcessName, v.TimeOfDeath, ok = cutOOMInstance(text[len("&{"):], " ", " ", " /")
	}
	if !ok || v.Pid <= 0 || v.ProcessName == "" {
		return false
	}
	at, ok := timeOf(v.TimeOfDeath)
	if !ok {
		return false // may be an old kill
	}
	f.Kind, f.Killer, f.InnerTime = Observation, Kernel, at
	f.Keys.PID, f.Keys.HasPID, f.Keys.Comm = v.Pid, true, v.ProcessName
	return true
}

// cutOOMInstance cuts the values of an OomInstance as Go prints it. The name of a process may hold
// any text: the words behind it are looked for from the right.
func cutOOMInstance(s, name, death, end string) (pid int64, comm, at string, ok bool) {
	pid, s, ok = cutNumber(s)
	s, named := strings.CutPrefix(s, name)
	if !ok || !named {
		return 0, "", "", false
	}
	i := strings.LastIndex(s, end)
	for ; i > 0; i = strings.LastIndex(s[:i], end) {
		for j := strings.LastIndex(s[:i], death); j > 0; j = strings.LastIndex(s[:j], death) {
			if _, ok := timeOf(s[j+len(death) : i]); ok {
				return pid, s[:j], s[j+len(death) : i], j <= maxComm
			}
		}
	}
	return 0, "", "", false
}

// readFinished reads the end of a container by SIGKILL, or by its exit code. The kubelet never
// prints that of a sandbox here.
func readFinished(k *klogLine, f *Fact) bool {
	id := k.value("containerID")
	if k.value("exitCode") != "137" || !ids.IsContainerID(id) {
		return false
	}
	f.Kind, f.ExitCode, f.VictimKind = Death, report.Some(137), VictimContainer
	f.Keys.ContainerID, f.Keys.PodUID = id, podUID(k.value("podID"))
	return true
}

// readGracefulKill reads that the kubelet stops a container: SIGKILL follows when the grace period
// is over.
func (r *kubelet) readGracefulKill(k *klogLine, f *Fact) bool {
	_, id, _ := strings.Cut(k.value("containerID"), "://")
	grace, ok := wholeNumber(k.value("gracePeriod"))
	if !ok || grace > 1<<30 || !ids.IsContainerID(id) {
		return false
	}
	f.Kind, f.VictimKind, f.Reason = Sent, VictimContainer, reasonStopped
	f.Keys.ContainerID, f.Keys.PodUID, f.Keys.ContainerName = id, podUID(k.value("podUID")), k.value("containerName")
	f.Keys.Namespace, f.Keys.PodName = k.objectRef("pod")
	f.Sender.Name = Kubelet
	f.Hold = time.Duration(grace) * time.Second
	if r.probed.has(id) {
		f.Reason = ReasonProbe
	}
	return true
}

// probeHold is how long the end of a container that failed a probe is waited for over a restart.
// The kubelet stops it at once.
const probeHold = 10 * time.Second

// readProbe reads why the kubelet is about to stop a container: "Container NAME failed liveness
// probe", with ", will be restarted" where it will be.
func (r *kubelet) readProbe(l *Line, k *klogLine) {
	var status struct{ ID string }
	why, ok := strings.CutPrefix(k.value("containerMessage"), "Container "+k.value("containerName")+" failed ")
	why = strings.TrimSuffix(why, ", will be restarted")
	if !ok || why != "liveness probe" && why != "startup probe" ||
		json.Unmarshal([]byte(k.value("containerStatusID")), &status) != nil || !ids.IsContainerID(status.ID) {
		return
	}
	r.probed.add(status.ID)
	l.keep(probeHold)
}

// ReasonProbe is the reason of a container's end that failed a probe.
const ReasonProbe = "probe"

// The other reasons that Kubernetes gives for stopping a container.
const (
	reasonStopped = "stop"
	reasonPreempt = "preemption"
)

// readEviction reads the eviction manager's lines: which resource has run out, and then which pod
// was evicted for it. The lines around them say the same again, or what is only planned.
func (r *kubelet) readEviction(l *Line, k *klogLine, f *Fact) bool {
	msg, ok := strings.CutPrefix(k.msg, "Eviction manager: ")
	if !ok {
		msg, ok = strings.CutPrefix(k.msg, "eviction manager: ") // to 1.20
	}
	if !ok {
		return false
	}
	for _, head := range [...]string{"attempting to reclaim", "must evict pod(s) to reclaim"} {
		if resource, ok := strings.CutPrefix(msg, head); ok {
			if k.values != "" || k.members != nil {
				resource = k.value("resourceName")
			}
			r.starving = klogLine{clock: k.clock, wall: k.wall}
			if r.known, r.memory = true, strings.TrimSpace(resource) == "memory"; r.memory {
				l.keep(starvingHold)
			}
			return false
		}
	}
	var pod string
	if msg == "pod is evicted successfully" {
		f.Keys.Namespace, f.Keys.PodName = k.objectRef("pod")
	} else if msg == "pods successfully cleaned up" { // also after "pod failed to evict": it took longer than was allowed
		f.Keys.Namespace, f.Keys.PodName = k.onlyObject("pods")
		ok = true
	} else if pod, ok = between(msg, "pod ", " is evicted successfully"); ok { // "name_namespace(uid)", to 1.20
		name, rest, _ := strings.Cut(pod, "_")
		space, uid, cut := strings.Cut(strings.TrimSuffix(rest, ")"), "(")
		ok = cut && strings.HasSuffix(rest, ")")
		f.Keys.PodName, f.Keys.Namespace, f.Keys.PodUID = name, space, podUID(uid)
	}
	if !ok || !isKubeName(f.Keys.PodName) || !isKubeName(f.Keys.Namespace) || !r.starves(k) {
		return false
	}
	f.Kind, f.VictimKind, f.Reason = Eviction, VictimPod, "low_memory"
	return true
}

// starvingHold is how long after the eviction manager named memory a pod may be evicted for it.
const starvingHold = time.Minute

// starves reports whether memory had run out at a line.
func (r *kubelet) starves(k *klogLine) bool {
	d, ok := k.since(&r.starving)
	return r.known && r.memory && ok && d >= 0 && d <= starvingHold
}

// podUID returns s where it can be the uid of a pod: of a static pod it is a hash of 32 digits.
func podUID(s string) string {
	if !ids.IsPodUID(s) {
		return ""
	}
	return s
}

// isKubeName reports whether s can be the name of a pod or a namespace: a DNS subdomain.
func isKubeName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c-'0' > 9 && (c < 'a' || c > 'z') && c != '-' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 253
}

// timeOf reads a time of RFC 3339, of Nomad's logger, or as Go prints one, with its monotonic clock
// or without.
func timeOf(s string) (time.Time, bool) {
	s, _, _ = strings.Cut(s, " m=")
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.000Z0700", "2006-01-02 15:04:05.999999999 -0700 MST"} {
		if at, err := time.Parse(layout, s); err == nil && at.Year() > 1970 {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

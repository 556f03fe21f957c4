// SPDX-License-Identifier: Apache-2.0

package ordinary

import (
	"encoding/json"
	"fmt"
)

// programs are lines as the programs of a busy node log them, none of which is about memory that
// ran out. # is a digit, % a hexadecimal one.
var programs = []struct {
	identifier, unit, comm, transport string
	pid                               int
	texts                             []string
}{
	{"containerd", "containerd.service", "containerd", "stdout", 812, []string{
		`time="2026-05-02T10:##:##.#########Z" level=info msg="StartContainer for \"%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%\" returns successfully"`,
		`time="2026-05-02T10:##:##.#########Z" level=info msg="CreateContainer within sandbox \"%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%\" for container &ContainerMetadata{Name:web,Attempt:0,}"`,
		`time="2026-05-02T10:##:##.#########Z" level=info msg="shim disconnected" id=%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%% namespace=k8s.io`,
		`time="2026-05-02T10:##:##.#########Z" level=warning msg="cleaning up after shim disconnected" id=%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%% namespace=k8s.io`,
		`time="2026-05-02T10:##:##.#########Z" level=info msg="PullImage \"registry.example/team/web:1.##.#\" returns image reference \"sha256:%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%\""`,
		`time="2026-05-02T10:##:##.#########Z" level=info msg="RemoveContainer for \"%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%\" returns successfully"`,
		`time="2026-05-02T10:##:##.#########Z" level=error msg="ExecSync for \"%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%\" failed" error="rpc error: code = DeadlineExceeded desc = command timed out"`,
	}},
	{"kubelet", "kubelet.service", "kubelet", "stdout", 1021, []string{
		`I0502 10:##:##.######    1021 kubelet.go:2453] "SyncLoop (PLEG): event for pod" pod="shop/cart-%%%%%%%%%%-x2x2x" event={"ID":"%%%%%%%%-%%%%-4%%%-8%%%-%%%%%%%%%%%%","Type":"ContainerStarted","Data":"%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"}`,
		`I0502 10:##:##.######    1021 prober.go:107] "Probe failed" probeType="Readiness" pod="shop/web-%%%%%%%%%%-a1b2c" podUID="%%%%%%%%-%%%%-4%%%-8%%%-%%%%%%%%%%%%" containerName="web" probeResult="failure" output="HTTP probe failed with statuscode: 503"`,
		`I0502 10:##:##.######    1021 reconciler_common.go:251] "operationExecutor.VerifyControllerAttachedVolume started for volume \"kube-api-access-ab1cd\" (UniqueName: \"kubernetes.io/projected/%%%%%%%%-%%%%-4%%%-8%%%-%%%%%%%%%%%%-kube-api-access-ab1cd\") pod \"cart-%%%%%%%%%%-x2x2x\""`,
		`I0502 10:##:##.######    1021 scope.go:117] "RemoveContainer" containerID="%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"`,
		`E0502 10:##:##.######    1021 pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \"StartContainer\" for \"web\" with ImagePullBackOff: \"Back-off pulling image \\\"registry.example/team/web:1.##.#\\\"\"" pod="shop/web-%%%%%%%%%%-a1b2c"`,
		`I0502 10:##:##.######    1021 pod_startup_latency_tracker.go:104] "Observed pod startup duration" pod="shop/cart-%%%%%%%%%%-x2x2x" podStartSLOduration=2.######## podStartE2EDuration="4.########s"`,
		`W0502 10:##:##.######    1021 watcher.go:93] Error while processing event ("/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%%%%%%%%_%%%%_4%%%_8%%%_%%%%%%%%%%%%.slice": 0x40000100 == IN_CREATE|IN_ISDIR): no such file or directory`,
	}},
	{"systemd", "init.scope", "systemd", "journal", 1, []string{
		"Started session-####.scope - Session #### of User deploy.",
		"session-####.scope: Deactivated successfully.",
		"Starting logrotate.service - Rotate log files...",
		"logrotate.service: Deactivated successfully.",
		"Finished logrotate.service - Rotate log files.",
		"cri-containerd-%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%.scope: Deactivated successfully.",
		"cri-containerd-%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%.scope: Consumed ##.###s CPU time.",
		"Created slice kubepods-burstable-pod%%%%%%%%_%%%%_4%%%_8%%%_%%%%%%%%%%%%.slice - libcontainer container kubepods-burstable-pod%%%%%%%%_%%%%_4%%%_8%%%_%%%%%%%%%%%%.slice.",
		"run-containerd-runc-k8s.io-%%%%%%%%%%%%%%%%-runc.%%%%%%.mount: Deactivated successfully.",
		"app.service: Main process exited, code=exited, status=1/FAILURE",
		"app.service: Failed with result 'exit-code'.",
		"app.service: Scheduled restart job, restart counter is at ###.",
	}},
	{"sshd", "ssh.service", "sshd", "syslog", 4410, []string{
		"Accepted publickey for deploy from 203.0.113.## port ##### ssh2: ED25519 SHA256:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
		"pam_unix(sshd:session): session opened for user deploy(uid=1000) by deploy(uid=0)",
		"Connection closed by 203.0.113.## port ##### [preauth]",
	}},
	{"CRON", "cron.service", "cron", "syslog", 5521, []string{"(root) CMD (test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.hourly; })"}},
	{"dockerd", "docker.service", "dockerd", "stdout", 900, []string{
		`time="2026-05-02T10:##:##.#########Z" level=info msg="ignoring event" container=%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%% module=libcontainerd namespace=moby topic=/tasks/delete type="*events.TaskDelete"`,
	}},
	{"app", "app.service", "java", "stdout", 7700, []string{
		`{"level":"info","ts":1790######.###,"caller":"server/process.go:88","msg":"request processed","total":##,"failed":0,"memory":"512Mi"}`,
		`2026-05-02 10:##:##.### INFO 7 --- [nio-8080-exec-#] c.e.s.CartController : order ######## took ### ms`,
		`[GC (Allocation Failure) [PSYoungGen: ######K->####K(######K)] ######K->#####K(#######K), 0.00##### secs]`,
	}},
}

// journal writes one ordinary entry: one of four is the kernel's.
func (w *Writer) journal() {
	if w.random.IntN(4) == 0 {
		s := &shapes[w.random.IntN(len(shapes))]
		w.entry("kernel", "", "", "kernel", 0, s.priority, w.fill(s.text))
		return
	}
	p := &programs[w.random.IntN(len(programs))]
	w.entry(p.identifier, p.unit, p.comm, p.transport, p.pid, 6, w.fill(p.texts[w.random.IntN(len(p.texts))]))
}

// entry writes an entry as journalctl --output=json prints it.
func (w *Writer) entry(identifier, unit, comm, transport string, pid, priority int, text string) {
	w.number++
	w.micros += int64(1 + w.random.IntN(40))
	message, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	w.Log = fmt.Appendf(w.Log, `{"__CURSOR":"s=0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f;i=%x;b=00112233445566778899aabbccddeeff;m=%x","__REALTIME_TIMESTAMP":"%d","__MONOTONIC_TIMESTAMP":"%d",`+
		`"_BOOT_ID":"00112233445566778899aabbccddeeff","_MACHINE_ID":"ffeeddccbbaa99887766554433221100","_HOSTNAME":"node-17","PRIORITY":"%d","_TRANSPORT":"%s","SYSLOG_IDENTIFIER":"%s",`,
		w.number, w.micros, 1_790_000_000_000_000+w.micros, w.micros, priority, transport, identifier)
	if transport == "kernel" {
		w.Log = fmt.Appendf(w.Log, `"SYSLOG_FACILITY":"0","_SOURCE_MONOTONIC_TIMESTAMP":"%d",`, w.micros)
	} else {
		w.Log = fmt.Appendf(w.Log, `"SYSLOG_FACILITY":"3","_PID":"%d","_UID":"0","_GID":"0","_COMM":"%s","_EXE":"/usr/bin/%s","_CMDLINE":"/usr/bin/%s","_CAP_EFFECTIVE":"1ffffffffff","_SYSTEMD_CGROUP":"/system.slice/%s",`+
			`"_SYSTEMD_UNIT":"%s","_SYSTEMD_SLICE":"system.slice","_SYSTEMD_INVOCATION_ID":"%032x","_SELINUX_CONTEXT":"unconfined\n",`, pid, comm, comm, comm, unit, unit, w.number)
	}
	w.Log = fmt.Appendf(w.Log, "\"MESSAGE\":%s}\n", message)
}

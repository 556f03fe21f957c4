// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"testing"
)

// TestNodeAgents reads the logs of node-problem-detector, cadvisor and the ECS agent.
func TestNodeAgents(t *testing.T) {
	const (
		head = "I0502 10:00:02.331907       1 log_monitor.go:160] New status generated: &{Source:kernel-monitor Events:[{Severity:warn Timestamp:2026-05-02 10:00:01.9 +0000 UTC m=+12.1 Reason:OOMKilling Message:"
		kill = "Memory cgroup out of memory: Killed process 24117 (ingest) total-vm:812340kB, anon-rss:524288kB, file-rss:1024kB, shmem-rss:0kB, UID:1000 pgtables:1200kB oom_score_adj:985"
		ecs  = "observation by=ecs-agent killer=kernel of=container id=ID occurrence=ID#oom name=ecs-web-1 at=10:00:02"
	)
	testKube(t, []kubeCase{
		{name: "detector", container: true, text: head + kill + "}] Conditions:[]}", want: "observation by=node-problem-detector killer=kernel pid=24117 comm=ingest rss=537919488 uid=1000 adj=985 at=10:00:01.9"},
		{name: "detector, another monitor", text: strings.Replace(head, "kernel-monitor", "docker-monitor", 1) + kill + "}] Conditions:[]}"},
		{name: "detector, another rule", text: strings.Replace(head, "OOMKilling", "TaskHung", 1) + kill + "}] Conditions:[]}"},
		{name: "detector's words elsewhere", text: "a ticket: New status generated: &{Source:kernel-monitor Events:[{Severity:warn Timestamp:2026-05-02 10:00:01.9 +0000 UTC Reason:OOMKilling Message:" + kill + "}] Conditions:[]}"},
		{name: "detector's rule", text: `{"type":"temporary","reason":"OOMKilling","pattern":"Killed process \\d+ (.+) total-vm:\\d+kB, anon-rss:\\d+kB, file-rss:\\d+kB.*"}`},

		{name: "cadvisor", container: true, want: "observation by=cadvisor killer=kernel cgroup=/kubepods/burstable/podX/" + kubeID + " at=10:00:01.9",
			text: `I0502 10:00:02.331907       1 manager.go:1216] Created an OOM event in container "/kubepods/burstable/podX/$ID" at 2026-05-02 10:00:01.9 +0000 UTC m=+12.1`},
		{name: "cadvisor, of the node", text: `I0502 10:00:02.331907       1 manager.go:1216] Created an OOM event in container "/" at 2026-05-02 10:00:01.9 +0000 UTC`},

		{name: "ECS logfmt, said again", want: ecs,
			text: `level=info time=2026-05-02T10:00:02Z msg="DockerGoClient: process within container $ID (name: \"ecs-web-1\") died due to OOM" module=docker_client.go` + "\n" +
				`level=info time=2026-05-02T10:00:07Z msg="DockerGoClient: process within container $ID (name: \"ecs-web-1\") died due to OOM" module=docker_client.go`},
		{name: "ECS JSON", want: ecs,
			text: `{"level": "info", "time": "2026-05-02T10:00:02Z", "msg": "DockerGoClient: process within container $ID (name: \"ecs-web-1\") died due to OOM", "module": "docker_client.go"}`},
		{name: "ECS older", want: "observation by=ecs-agent killer=kernel of=container id=ID occurrence=ID#oom at=10:00:02",
			text: `2026-05-02T10:00:02Z [INFO] DockerGoClient: process within container $ID died due to OOM`},
		{name: "ECS in a container's log", container: true, text: `2026-05-02T10:00:02Z [INFO] DockerGoClient: process within container $ID died due to OOM`},
		{name: "ECS, in other words", text: `2026-05-02T10:00:02Z [INFO] DockerGoClient: process within container $ID died due to OOM? ask the owner`},
		{name: "ECS task", want: "observation by=ecs-agent killer=kernel of=container id=ID occurrence=arn:1#oom name=web image=web:1 exit=137 at=10:00:01",
			text: `{"detail-type":"ECS Task State Change","source":"aws.ecs","time":"2026-05-02T10:00:09Z","detail":{"taskArn":"arn:t","executionStoppedAt":"2026-05-02T10:00:01Z","stoppedAt":"2026-05-02T10:00:08Z","containers":[{"containerArn":"arn:1","runtimeId":"$ID","name":"web","image":"web:1","exitCode":137,"reason":"OutOfMemoryError: Container killed due to memory usage"},{"containerArn":"arn:2","name":"side","exitCode":137}]}}`},
		{name: "Java", text: `{"detail-type":"ECS Task State Change","source":"aws.ecs","detail":{"stoppedAt":"2026-05-02T10:00:08Z","containers":[{"containerArn":"arn:1","reason":"java.lang.OutOfMemoryError: Container killed"}]}}`},
	})
}

// TestBatchSystems reads what Nomad, HTCondor and Slurm say of the kernel's kills.
func TestBatchSystems(t *testing.T) {
	const (
		driver = `2026-05-02T10:00:02.123Z [ERROR] client.driver_mgr.docker: OOM Killed: driver=docker container_id=$ID container_image=web:1 nomad_job_name=shop nomad_task_name=web nomad_alloc_id=a-1`
		event  = `2026-05-02T10:00:02.300Z [INFO]  client.alloc_runner.task_runner: Task event: alloc_id=a-1 task=web type=Terminated msg="Exit Code: 137, Exit Message: \"OOM Killed\"" failed=false`
		nomad  = "observation by=nomad killer=kernel of=container id=ID name=web image=web:1 at=10:00:02.123"
		condor = "observation by=htcondor killer=kernel reason=limit"
		slurm  = "observation by=slurmstepd killer=kernel of=job_step step="
	)
	testKube(t, []kubeCase{
		{name: "Nomad", text: driver + "\n" + event, want: nomad},
		{name: "Nomad, the client first", text: event + "\n" + driver, want: "observation by=nomad killer=kernel of=container name=web exit=137 at=10:00:02.3"},
		{name: "Nomad, twice", text: driver + "\n" + event + "\n" + strings.Replace(driver, "10:00:02", "10:00:42", 1), want: nomad + "\n" + strings.Replace(nomad, "10:00:02", "10:00:42", 1)},
		{name: "Nomad in the journal", program: "nomad", text: "    " + driver, want: nomad},
		{name: "Nomad JSON", want: nomad,
			text: `{"@level":"error","@message":"OOM Killed","@module":"client.driver_mgr.docker","@timestamp":"2026-05-02T10:00:02.123Z","container_id":"$ID","container_image":"web:1","nomad_task_name":"web","nomad_alloc_id":"a-1"}`},
		{name: "Nomad, another end", text: strings.Replace(event, `, Exit Message: \"OOM Killed\"`, "", 1)},
		{name: "Nomad's words in a container", container: true, text: driver},

		{name: "HTCondor to 9", want: condor + " usage=1073741824 limit=536870912", text: "05/02/26 10:00:01 (pid:4242) Job was held due to OOM event: Job has gone over memory limit of 512 megabytes. Peak usage: 1024 megabytes."},
		{name: "HTCondor 25", want: condor + " usage=8587837440 limit=8589934592", text: "\tJob has gone over cgroup memory limit of 8192 megabytes. Last measured usage: 8190 megabytes.  Consider resubmitting with a higher request_memory."},
		{name: "HTCondor without figures", want: "observation by=htcondor killer=kernel", text: "05/02/26 10:00:01 Job has encountered an out-of-memory event."},
		{name: "HTCondor, false alarm", text: "05/02/26 10:00:01 (pid:4242) Spurious OOM event, usage is 100, slot size is 512 megabytes, ignoring OOM (read 8 bytes)"},
		{name: "HTCondor's words in a sentence", text: "Why do I get: Job has encountered an out-of-memory event."},

		{name: "Slurm 18.08", want: slurm + "440575.0 observed=2", text: "slurmstepd: error: Detected 2 oom-kill event(s) in step 440575.0 cgroup."},
		{name: "Slurm 19.05, 20.02", want: slurm + "440575.batch observed=2", text: "slurmstepd: error: Detected 2 oom-kill event(s) in step 440575.batch cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler."},
		{name: "Slurm 20.11", want: slurm + "440575.0 observed=1", text: "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=440575.0 cgroup. Some of your processes may have been killed by the cgroup out-of-memory handler."},
		{name: "Slurm 21.08, 22.05", want: slurm + "3756240.batch observed=1", text: "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=3756240.batch. Some of your processes may have been killed by the cgroup out-of-memory handler."},
		{name: "Slurm 23.02", want: slurm + "77120.0 observed=3", text: "slurmstepd: error: Detected 3 oom_kill events in StepId=77120.0. Some of the step tasks have been OOM Killed."},
		{name: "Slurm, slurmd's log", want: slurm + "77120.0 observed=1", text: "[2026-05-02T10:00:01.912] [77120.0] error: Detected 1 oom_kill event in StepId=77120.0. Some of the step tasks have been OOM Killed."},
		{name: "Slurm, syslog", program: "slurmstepd", want: slurm + "77120.0 observed=1", text: "error: Detected 1 oom_kill event in StepId=77120.0. Some of the step tasks have been OOM Killed."},
		{name: "Slurm 14 to 17", text: "slurmstepd: error: Exceeded step memory limit at some point."},
		{name: "srun", text: "srun: error: node01: task 0: Out Of Memory"},
		{name: "a sentence", text: "I see slurmstepd: error: Detected 1 oom_kill event in StepId=77120.0. Some of the step tasks have been OOM Killed."},
	})
}

// TestNotAWitness reads lines of other programs that hold the words of witnesses.
func TestNotAWitness(t *testing.T) {
	for _, text := range []string{
		`kube_pod_container_status_last_terminated_reason{namespace="shop",pod="cart-0",uid="0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f",container="cart",reason="OOMKilled"} 1`,
		`{"title":"OOMKilled pods","targets":[{"expr":"sum(kube_pod_container_status_last_terminated_reason{reason=\"OOMKilled\"})"}],"status":"success"}`,
		`{"status":"firing","labels":{"alertname":"KubePodOOMKilled","reason":"OOMKilled"},"annotations":{"message":"System OOM encountered, victim process: java, pid: 42"}}`,
		"alert: ContainerOOMKilled expr: increase(container_oom_events_total[5m]) > 0",
		`level=info msg="rule OOMKilling loaded" component=rules`,
		"java.lang.OutOfMemoryError: Java heap space",
		"Terminating due to java.lang.OutOfMemoryError: GC overhead limit exceeded",
		"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
		"fatal error: runtime: out of memory",
		"python: MemoryError",
		"  Warning  SystemOOM                36m                my-operator      System OOM encountered, victim process: vector, pid: 3052236",
		"System OOM encountered, victim process: ingest, pid: 24117",
		"    Last State:     Terminated (Reason: OOMKilled, Exit Code: 137)",
		"cart-0   0/1   OOMKilled   3 (12s ago)   4m",
		`{"level":"warn","msg":"container cart was OOMKilled","exitCode":137}`,
		`{"reason":"OOMKilled","exitCode":137,"status":"Failed"}`,
		"##[error]Process completed with exit code 137.",
		"ERROR: Job failed: exit code 137",
		"the eviction manager: pod cart-0_shop(0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f) is evicted successfully",
		`I0311 09:12:44.120043    1021 cache.go:12] "Eviction manager: attempting to reclaim" resourceName="memory"`,
		"Cache eviction manager: attempting to reclaim memory",
		"Redis: OOM command not allowed when used memory > 'maxmemory'.",
		"write /proc/self/oom_score_adj: permission denied",
		"Job has gone over its time limit",
		"container killed due to OOM? see the runbook: died due to OOM",
		`{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","requestObject":{"kind":"Event","reason":"SystemOOM","message":"System OOM encountered, victim process: a, pid: 1"}}`,
		`{"kind":"Pod","status":"OOMKilled"}`,
		`{"metadata":{"uid":5},"involvedObject":{"kind":"Node"},"reason":"SystemOOM","message":"System OOM encountered, victim process: a, pid: 1","lastTimestamp":"2026-05-02T10:00:02Z"}`,
		`{"metadata":{"uid":"e"},"involvedObject":[],"reason":"SystemOOM"}`,
		`{"metadata":{"uid":"e"},"reason":"SystemOOM","message":"System OOM encountered, victim process: a, pid: 1","lastTimestamp":"2026-05-02T10:00:02Z"}`,
		`nomad-gui: last event OOM Killed`,
		"SystemOOM OOMKilling OOMKilled low on resource: memory sys oom event",
	} {
		for _, container := range []bool{false, true} {
			if got := readAll(&kubeCase{text: text, container: container}, true); got != "" {
				t.Errorf("%s\ngives %s", text, got)
			}
		}
	}
}

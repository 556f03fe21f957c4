// SPDX-License-Identifier: Apache-2.0

package witnesscases

import "strconv"

// author is a program as journald and syslog know it.
type author struct {
	tag string
	pid int
	uid int
	// transport, comm, exe, unit and userUnit are journald's own fields; "" is absent.
	transport, comm, exe, unit, userUnit string
	// facility is that of syslog.
	facility int
	// forged is set for a program that only claims to be another: no record of its lines may be
	// verified.
	forged bool
}

// daemon is a service of the system whose output journald reads.
func daemon(name string, pid, uid int) author {
	return author{tag: name, pid: pid, uid: uid, transport: "stdout", comm: name, exe: "/usr/bin/" + name, unit: name + ".service", facility: 3}
}

// talks is daemon for one that writes to journald itself, or to syslog.
func talks(transport, name string, pid, uid int) author {
	a := daemon(name, pid, uid)
	a.transport = transport
	return a
}

// authors are the programs that the cases name.
var authors = map[string]author{
	"kernel":       {tag: "kernel", transport: "kernel"},
	"kmsg-user":    {tag: "oomd", transport: "kernel", facility: 1}, // root's words in /dev/kmsg
	"systemd":      {tag: "systemd", pid: 1, transport: "journal", comm: "systemd", exe: "/usr/lib/systemd/systemd", unit: "init.scope", facility: 3},
	"systemd-user": {tag: "systemd", pid: 1433, uid: 1000, transport: "journal", comm: "systemd", exe: "/usr/lib/systemd/systemd", unit: "user@1000.service", userUnit: "init.scope", facility: 3},
	"systemd-oomd": {tag: "systemd-oomd", pid: 812, uid: 981, transport: "journal", comm: "systemd-oomd", exe: "/usr/lib/systemd/systemd-oomd", unit: "systemd-oomd.service", facility: 3},
	"earlyoom":     daemon("earlyoom", 699, 0),
	"nohang":       {tag: "nohang", pid: 530, transport: "stdout", comm: "python3", exe: "/usr/bin/python3.11", unit: "nohang.service", facility: 3},
	"oomd":         daemon("oomd", 640, 0),
	"containerd":   daemon("containerd", 1010, 0),
	"dockerd":      {tag: "dockerd", pid: 1200, transport: "stdout", comm: "dockerd", exe: "/usr/bin/dockerd", unit: "docker.service", facility: 3},
	"kubelet":      daemon("kubelet", 1021, 0),
	"npd":          {tag: "node-problem-detector", pid: 1300, transport: "stdout", comm: "node-problem-de", exe: "/usr/bin/node-problem-detector", unit: "node-problem-detector.service", facility: 3},
	"conmon":       talks("syslog", "conmon", 2200, 0),
	"podman":       talks("journal", "podman", 2201, 0),
	"slurmstepd":   {tag: "slurmstepd", pid: 3300, transport: "syslog", comm: "slurmstepd", exe: "/usr/sbin/slurmstepd", unit: "slurmd.service", facility: 3},
	"ecs":          {tag: "ecs-agent", pid: 1500, transport: "stdout", comm: "agent", exe: "/agent", unit: "ecs.service", facility: 3},
	"nomad":        daemon("nomad", 1501, 0),
	"condor":       {tag: "condor_starter", pid: 1502, transport: "syslog", comm: "condor_starter", exe: "/usr/sbin/condor_starter", unit: "condor.service", facility: 3},
	"docker-cli":   daemon("docker-events", 1503, 0),
	"exporter":     daemon("event-exporter", 1504, 65532),
	"pm2":          daemon("pm2", 1505, 1000),
	"audit":        {transport: "audit", tag: "audit"},
	"auditd":       daemon("audisp-syslog", 900, 0),
	"sudo":         {tag: "sudo", pid: 5521, transport: "syslog", comm: "sudo", exe: "/usr/bin/sudo", unit: "session-7.scope", facility: 10},
	"supervisord":  daemon("supervisord", 1600, 0),
	"gunicorn":     {tag: "gunicorn", pid: 1601, uid: 33, transport: "stdout", comm: "gunicorn", exe: "/usr/bin/python3.11", unit: "web.service", facility: 3},
	"celery":       {tag: "celery", pid: 1602, uid: 33, transport: "stdout", comm: "celery", exe: "/usr/bin/python3.11", unit: "worker.service", facility: 3},
	"postgres":     {tag: "postgres", pid: 1603, uid: 114, transport: "stdout", comm: "postgres", exe: "/usr/lib/postgresql/15/bin/postgres", unit: "postgresql@15-main.service", facility: 3},
	"php-fpm":      {tag: "php-fpm", pid: 1604, transport: "stdout", comm: "php-fpm8.2", exe: "/usr/sbin/php-fpm8.2", unit: "php8.2-fpm.service", facility: 3},
	"nginx":        daemon("nginx", 1605, 0),

	// Programs that only have such words in their lines.
	"app":        daemon("app", 4100, 1000),
	"prometheus": daemon("prometheus", 4101, 104),
	"grafana":    daemon("grafana", 4102, 105),
	"runner":     daemon("gitlab-runner", 4103, 0),
	"jenkins":    daemon("jenkins", 4104, 106),
	"mail":       talks("syslog", "postfix", 4105, 107),
	"shell":      {tag: "alice", pid: 4106, uid: 1000, transport: "syslog", comm: "logger", exe: "/usr/bin/logger", unit: "session-7.scope", facility: 1},
	"cron":       talks("syslog", "cron", 4107, 0),

	// Users that claim to be a killer or a witness: what journald itself says is true.
	"forged-systemd":      forged("systemd"),
	"forged-systemd-oomd": forged("systemd-oomd"),
	"forged-earlyoom":     forged("earlyoom"),
	"forged-containerd":   forged("containerd"),
	"forged-kubelet":      forged("kubelet"),
	"forged-podman":       forged("podman"),
	"forged-nohang":       forged("nohang"),
}

// forged is a user's process that gives itself the name of another program.
func forged(tag string) author {
	return author{tag: tag, pid: 4242, uid: 1000, transport: "journal", comm: "logger", exe: "/usr/bin/logger", unit: "user@1000.service", userUnit: "app-x.scope", facility: 1, forged: true}
}

// fields returns journald's own fields, and those that every program's line has.
func (a author) fields() [][2]string {
	fields := [][2]string{{"_TRANSPORT", a.transport}, {"SYSLOG_FACILITY", strconv.Itoa(a.facility)}, {"SYSLOG_IDENTIFIER", a.tag}}
	if a.pid != 0 {
		fields = append(fields, [2]string{"_PID", strconv.Itoa(a.pid)}, [2]string{"_UID", strconv.Itoa(a.uid)})
	}
	for _, f := range [...][2]string{{"_COMM", a.comm}, {"_EXE", a.exe}, {"_SYSTEMD_UNIT", a.unit}, {"_SYSTEMD_USER_UNIT", a.userUnit}} {
		if f[1] != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

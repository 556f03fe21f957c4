// SPDX-License-Identifier: Apache-2.0

package packaging

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const unit = "/lib/systemd/system/otelcol-oom.service"

// TestUnit: systemd finds nothing wrong with the unit, and little that the service may do beside
// its work.
func TestUnit(t *testing.T) {
	deb := forThis(t, "otelcol-oom")
	d := newTree(t)
	d.install(deb)
	assert.Empty(t, d.run("systemd-analyze verify "+unit+" 2>&1"))
	// Of 100; 96 is a unit that says nothing.
	report := d.run("systemd-analyze security --offline=yes --threshold=25 --no-pager " + unit)
	t.Log(report[strings.LastIndex(report, "→"):])
}

// running is the service in a booted tree.
type running struct{ *tree }

func (s running) pid() string {
	return strings.TrimSpace(s.run("systemctl show -P MainPID otelcol-oom"))
}

// log returns what the service said since it was last started.
func (s running) log() string {
	return s.run("journalctl -o cat --no-pager -u otelcol-oom _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID otelcol-oom)")
}

func (s running) says(text string) {
	s.t.Helper()
	s.wait("the log to say "+text, func() bool { return strings.Contains(s.log(), text) })
}

// install has the tree booted and the service running.
func install(t *testing.T, deb string) running {
	t.Helper()
	d := newTree(t)
	d.boot()
	d.install(deb)
	s := running{d}
	s.says("Everything is ready")
	return s
}

// TestCollector: installed, the service runs without root and with what the kernel log takes;
// prints a kill that the kernel makes now; takes a new configuration, and none that is wrong; goes
// on after an upgrade without repeating the kill; and leaves nothing when purged.
func TestCollector(t *testing.T) {
	deb := forThis(t, "otelcol-oom")
	d := newTree(t)
	before := d.has()
	d.boot()
	if _, err := d.try("head -c 0 /dev/kmsg"); err != nil {
		t.Skip("NOT RUN: /dev/kmsg cannot be read here")
	}
	d.install(deb)
	s := running{d}
	s.says("Everything is ready")

	// The rights, as the kernel has them.
	status := s.run("cat /proc/" + s.pid() + "/status")
	uid := strings.TrimSpace(s.run("id -u otelcol-oom"))
	assert.Regexp(t, `(?m)^Uid:(\s+`+uid+`){4}$`, status)
	assert.NotEqual(t, "0", uid)
	journal := strings.TrimSpace(s.run("getent group systemd-journal | cut -d: -f3"))
	assert.Regexp(t, `(?m)^Groups:.*\b`+journal+`\b`, status)
	for _, set := range []string{"CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		assert.Contains(t, status, set+":\t0000000400000000", "CAP_SYSLOG, which is bit 34, and no other")
	}
	assert.Contains(t, status, "NoNewPrivs:\t1")
	assert.Equal(t, strings.TrimSpace(s.run("stat -c %u:%g /var/lib/otelcol-oom"))+" 750", s.owner("/var/lib/otelcol-oom"))
	assert.Regexp(t, `^`+uid+`:`, s.owner("/var/lib/otelcol-oom"))

	kills := func() int { return strings.Count(s.log(), "OOM kill: dd (") }
	had := kills()
	makeKill(t)
	s.wait("the kill to be printed", func() bool { return kills() > had })
	had = kills()
	line := regexp.MustCompile(`.*OOM kill: dd \(.*`).FindString(s.log())
	t.Logf("journalctl -u otelcol-oom -o cat:\n%.200s ...", line)

	// A configuration that is wrong is refused, and the service goes on with the old one.
	pid := s.pid()
	good := s.read("/etc/otelcol-oom/config.yaml")
	s.write("/etc/otelcol-oom/config.yaml", strings.Replace(good, "storage: file_storage", "storrage: file_storage", 1))
	s.run("chmod 644 /etc/otelcol-oom/config.yaml")
	s.fails("systemctl reload otelcol-oom")
	s.says("has invalid keys: storrage")
	assert.Equal(t, pid, s.pid())
	// One that is right is taken, by the same process.
	s.write("/etc/otelcol-oom/config.yaml", strings.Replace(good, "verbosity: normal", "verbosity: detailed", 1))
	ready := strings.Count(s.log(), "Everything is ready")
	if out, err := s.try("systemctl reload otelcol-oom"); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, s.log())
	}
	s.wait("the service to be ready again", func() bool { return strings.Count(s.log(), "Everything is ready") > ready })
	assert.Equal(t, pid, s.pid())

	// An upgrade restarts it, keeps the changed configuration, and repeats no kill.
	s.run("dpkg -i " + s.later(deb))
	assert.NotEqual(t, pid, s.pid())
	s.says("Everything is ready")
	assert.Contains(t, s.read("/etc/otelcol-oom/config.yaml"), "verbosity: detailed")
	makeKill(t)
	s.wait("the next kill to be printed", func() bool { return strings.Contains(s.log(), "OOM kill: dd (") })
	assert.Equal(t, 1, kills(), "the kill before the upgrade came again")

	s.run("dpkg --remove otelcol-oom")
	assert.Equal(t, "inactive\n", first(s.try("systemctl is-active otelcol-oom")))
	assert.NotEmpty(t, s.run("ls /var/lib/otelcol-oom"), "the state stays until it is purged")
	s.run("dpkg --purge otelcol-oom")
	assert.Equal(t, before, s.has())
}

// TestCollectorWithout: what the machine does not give the service is said in one line, with what
// to do.
func TestCollectorWithout(t *testing.T) {
	deb := forThis(t, "otelcol-oom")
	s := install(t, deb)
	for _, test := range []struct {
		name, unit string // what the unit has more
		want       string
	}{
		{"no device", "PrivateDevices=yes",
			"/dev/kmsg: no such file or directory: make the device visible here, or read the journal with source: journald"},
		{"no rights", "AmbientCapabilities=\nCapabilityBoundingSet=",
			"/dev/kmsg: operation not permitted: reading the kernel log needs root or CAP_SYSLOG (in a container also the device itself), or read the journal with source: journald"},
		{"state read-only", "ReadOnlyPaths=/var/lib/otelcol-oom",
			"read-only file system: let it have a directory that the collector's user may write to"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.t = t
			s.run("mkdir -p /etc/systemd/system/otelcol-oom.service.d")
			s.write("/etc/systemd/system/otelcol-oom.service.d/test.conf", "[Service]\n"+test.unit+"\n")
			_, _ = s.try("systemctl daemon-reload; systemctl reset-failed otelcol-oom; systemctl restart otelcol-oom")
			s.says(test.want)
			line := regexp.MustCompile(`(?m)^Error: .*` + regexp.QuoteMeta(test.want) + `$`).FindString(s.log())
			assert.NotEmpty(t, line, s.log())
			t.Log(line)
		})
	}
}

// TestCollectorJournald: with source journald the service reads what the journal has of the kernel
// and needs its group for that, and neither the device nor CAP_SYSLOG. Without the group it says
// so.
func TestCollectorJournald(t *testing.T) {
	deb := forThis(t, "otelcol-oom")
	s := install(t, deb)
	// A journal in a container leaves the kernel's log to the host's, unless told.
	s.run("mkdir -p /etc/systemd/journald.conf.d /etc/systemd/system/otelcol-oom.service.d")
	s.write("/etc/systemd/journald.conf.d/kernel.conf", "[Journal]\nReadKMsg=yes\n")
	s.run("systemctl restart systemd-journald")
	if _, err := s.try("journalctl --quiet --lines=1 _TRANSPORT=kernel | grep ."); err != nil {
		t.Skip("NOT RUN: the journal of the tree gets no line of this machine's kernel")
	}
	s.write("/etc/otelcol-oom/config.yaml", strings.Replace(s.read("/etc/otelcol-oom/config.yaml"), "storage: file_storage", "storage: file_storage\n    source: journald\n    start_at: beginning", 1))
	s.run("chmod 644 /etc/otelcol-oom/config.yaml")
	restart := func(settings string) {
		s.write("/etc/systemd/system/otelcol-oom.service.d/test.conf", "[Service]\nAmbientCapabilities=\nCapabilityBoundingSet=\nPrivateDevices=yes\n"+settings)
		s.run("systemctl daemon-reload; systemctl restart otelcol-oom")
		s.says("Everything is ready")
	}
	const unseen = "insufficient permissions" // journalctl's words

	// The kill is in the journal before the service starts. What comes is not followed here:
	// journalctl follows the running boot alone, and systemd-nspawn shows the unit another boot's
	// id than it shows journald.
	makeKill(t)
	s.wait("the journal to have the kill", func() bool {
		_, err := s.try(`journalctl --quiet --output=cat _TRANSPORT=kernel | grep "Killed process .*(dd)"`)
		return err == nil
	})
	restart("")
	assert.Contains(t, s.run("cat /proc/"+s.pid()+"/status"), "CapPrm:\t0000000000000000")
	s.wait("the kill to be printed", func() bool { return strings.Contains(s.log(), "OOM kill: dd (") })
	assert.NotContains(t, s.log(), unseen)

	restart("SupplementaryGroups=\n")
	s.says(unseen)
}

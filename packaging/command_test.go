// SPDX-License-Identifier: Apache-2.0

package packaging

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestCommand: from an empty Debian to a kill on the screen in two commands, then an upgrade, and a
// removal that leaves nothing.
func TestCommand(t *testing.T) {
	deb := forThis(t, "oomtrail")
	d := newTree(t)
	log := d.add("../testdata/captures/6.12/e_k8s_systemd/kmsg.raw")
	before := d.has()

	d.install(deb)
	kill := d.run("oomtrail " + log)
	assert.Contains(t, kill, `"process.title":"app-main"`)
	t.Logf("dpkg -i oomtrail.deb; oomtrail kmsg.raw:\n%.200s ...", kill)

	version := d.run("oomtrail --version")
	assert.NotContains(t, version, "devel")
	assert.Contains(t, version, "commit")
	pages := d.run("zcat /usr/share/man/man1/oomtrail.1.gz")
	assert.Contains(t, pages, ".SH SYNOPSIS")
	// What bash completes, asked as bash asks.
	assert.Contains(t, d.run(`bash -c '. /usr/share/bash-completion/completions/oomtrail && complete -p oomtrail'`), "__start_oomtrail")

	// What is missing is said in one line, with what to do.
	for _, test := range []struct{ name, line, want string }{
		{"no device", "rm -f /dev/kmsg; oomtrail follow --source kmsg",
			"cannot read /dev/kmsg: open /dev/kmsg: no such file or directory: make the device visible here, or read the journal with --source journal"},
		{"no rights", "mknod -m 600 /dev/kmsg c 1 11; setpriv --reuid 65534 --clear-groups oomtrail follow --source kmsg",
			"cannot read /dev/kmsg: open /dev/kmsg: permission denied: reading the kernel log needs root or CAP_SYSLOG (in a container also the device itself), or read the journal with --source journal"},
		{"state read-only", "mkdir /run/state && mount -t tmpfs -o ro tmpfs /run/state && oomtrail follow --state /run/state/state",
			`--state: "/run/state/state": read-only file system: name a file in a directory that can be written to`},
	} {
		out := d.fails("mount -t proc proc /proc; unshare --mount sh -c '" + test.line + "'; status=$?; umount /proc; exit $status")
		assert.Equal(t, "oomtrail follow: "+test.want+"\n", out, test.name)
	}

	d.run("dpkg -i " + d.later(deb))
	assert.Contains(t, d.run("dpkg-query -W oomtrail"), "99.0.0-1")
	assert.Equal(t, kill, d.run("oomtrail "+log))

	d.run("dpkg --purge oomtrail")
	assert.Equal(t, before, d.has())
}

// TestPlugin: installed where its own plugins.conf looks for it, kept apart from files that the
// administrator changed, removed without a trace; and one line says it where the C library is too
// old.
func TestPlugin(t *testing.T) {
	deb := forThis(t, "oomtrail-fluent-bit")
	d := newTree(t)
	before := d.has()

	status := d.read("/var/lib/dpkg/status")
	d.write("/var/lib/dpkg/status", withVersion(status, "libc6", "2.2.5-1"))
	refused := d.fails("dpkg -i " + d.add(deb))
	assert.Contains(t, refused, "oomtrail-fluent-bit depends on libc6 (>= 2.")
	assert.Contains(t, refused, "Version of libc6")
	t.Log(refused)
	d.run("dpkg --purge oomtrail-fluent-bit")
	d.write("/var/lib/dpkg/status", status)

	d.install(deb)
	for _, line := range strings.Split(d.read("/etc/fluent-bit/oom_kill/plugins.conf"), "\n") {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "Path "); ok {
			// All of its libraries are there, and it is new enough for none of them to be refused.
			assert.NotContains(t, d.run("ldd "+path), "not found")
		}
	}
	d.run("echo '# mine' >> /etc/fluent-bit/oom_kill/plugins.conf")
	d.run("dpkg -i " + d.later(deb))
	assert.Contains(t, d.read("/etc/fluent-bit/oom_kill/plugins.conf"), "# mine")

	d.run("dpkg --remove oomtrail-fluent-bit")
	assert.Contains(t, d.read("/etc/fluent-bit/oom_kill/plugins.conf"), "# mine")
	d.run("dpkg --purge oomtrail-fluent-bit")
	assert.Equal(t, before, d.has())
}

// withVersion returns dpkg's status with another version of an installed package.
func withVersion(status, name, version string) string {
	stanzas := strings.Split(status, "\n\n")
	for i, s := range stanzas {
		if strings.HasPrefix(s, "Package: "+name+"\n") {
			lines := strings.Split(s, "\n")
			for j, line := range lines {
				if strings.HasPrefix(line, "Version: ") {
					lines[j] = "Version: " + version
				}
			}
			stanzas[i] = strings.Join(lines, "\n")
		}
	}
	return strings.Join(stanzas, "\n\n")
}

// TestFollowUnit: the example of a unit prints a kill that the kernel makes now, with no more
// rights than it says.
func TestFollowUnit(t *testing.T) {
	deb := forThis(t, "oomtrail")
	d := newTree(t)
	d.boot()
	if _, err := d.try("head -c 0 /dev/kmsg"); err != nil {
		t.Skip("NOT RUN: /dev/kmsg cannot be read here")
	}
	d.install(deb)
	d.run("cp " + d.add("../cmd/oomtrail/examples/oomtrail-follow.service") + " /etc/systemd/system/ && ln -s /usr/bin/oomtrail /usr/local/bin/oomtrail")
	d.run("systemctl daemon-reload; systemctl start oomtrail-follow")
	begun := time.Now().Add(-2 * time.Second) // with the doubt of the boot's clock; the log has older kills, too
	makeKill(t)
	d.wait("the kill to be printed", func() bool {
		log, _ := d.try("journalctl -u oomtrail-follow -o cat --no-pager")
		for line := range strings.Lines(log) {
			var record struct {
				Time  time.Time `json:"time"`
				Title string    `json:"process.title"`
				Trust string    `json:"oom.trust"`
			}
			if json.Unmarshal([]byte(line), &record) == nil && record.Title == "dd" && record.Trust == "verified" && record.Time.After(begun) {
				return true
			}
		}
		return false
	})
	status := d.run("cat /proc/$(systemctl show -P MainPID oomtrail-follow)/status")
	assert.Contains(t, status, "CapPrm:\t0000000400000000", "CAP_SYSLOG, which is bit 34, and no other")
	assert.NotContains(t, status, "Uid:\t0")
	assert.Equal(t, "active\n", d.run("systemctl is-active oomtrail-follow"))
}

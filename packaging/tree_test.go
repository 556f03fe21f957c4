// SPDX-License-Identifier: Apache-2.0

package packaging

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tree is a clean Debian of a test's own: the minimal base, and systemd.
type tree struct {
	t   *testing.T
	dir string
	// inside is what a command inside begins with: chroot, or nsenter once the tree is booted.
	inside []string
}

// newTree unpacks the tree; it is removed with the test.
func newTree(t *testing.T) *tree {
	t.Helper()
	if *debian == "" {
		t.Skip("NOT RUN: -tree names no Debian: make check-packages")
	}
	if os.Getuid() != 0 {
		t.Skip("NOT RUN: chroot takes root")
	}
	dir, err := os.MkdirTemp("", "oomtrail-debian-")
	require.NoError(t, err)
	// In memory, since dpkg syncs each file to the disk.
	output(t, "mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", dir)
	t.Cleanup(func() {
		output(t, "umount", dir)
		assert.NoError(t, os.Remove(dir))
	})
	output(t, "tar", "-C", dir, "-xpf", *debian)
	d := &tree{t, dir, []string{"chroot", dir}}
	// A machine that has booted before: a first boot enables what waits for a network.
	d.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
	return d
}

// try runs a command line in the tree's shell and returns what it printed.
func (d *tree) try(line string) (string, error) {
	args := append(d.inside[1:len(d.inside):len(d.inside)], "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "/bin/sh", "-c", line)
	out, err := exec.Command(d.inside[0], args...).CombinedOutput()
	return string(out), err
}

// run does the same; an error fails the test.
func (d *tree) run(line string) string {
	d.t.Helper()
	out, err := d.try(line)
	require.NoError(d.t, err, "%s: %s", line, out)
	return out
}

// fails returns what a command printed that must not succeed.
func (d *tree) fails(line string) string {
	d.t.Helper()
	out, err := d.try(line)
	require.Error(d.t, err, "%s: %s", line, out)
	return out
}

// write writes a file of the tree.
func (d *tree) write(path, text string) {
	d.t.Helper()
	require.NoError(d.t, os.WriteFile(filepath.Join(d.dir, path), []byte(text), 0o600))
}

func (d *tree) read(path string) string {
	d.t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.dir, path))
	require.NoError(d.t, err)
	return string(raw)
}

// add copies a file into the tree's /root and returns its path there.
func (d *tree) add(file string) string {
	d.t.Helper()
	output(d.t, "cp", file, filepath.Join(d.dir, "root"))
	return "/root/" + filepath.Base(file)
}

// install installs a package as a user does.
func (d *tree) install(file string) {
	d.t.Helper()
	d.run("dpkg -i " + d.add(file))
}

// later makes the same package with a later version, and puts it into the tree's /root.
func (d *tree) later(file string) string {
	d.t.Helper()
	d.add(file)
	path := "/root/later.deb"
	d.run(fmt.Sprintf("rm -rf /tmp/p && dpkg-deb -R /root/%s /tmp/p && sed -i 's/^Version: .*/Version: 99.0.0-1/' /tmp/p/DEBIAN/control && dpkg-deb -Znone -b /tmp/p %s && rm -rf /tmp/p", filepath.Base(file), path))
	return path
}

// has lists what is installed: all paths with their kinds, and the users. What dpkg, useradd and a
// boot write for themselves is left out.
func (d *tree) has() string {
	d.t.Helper()
	var b strings.Builder
	require.NoError(d.t, filepath.WalkDir(d.dir, func(path string, e fs.DirEntry, err error) error {
		require.NoError(d.t, err)
		name := strings.TrimPrefix(path, d.dir)
		switch name {
		case "/root", "/tmp", "/proc", "/sys", "/dev", "/run", "/var/log", "/var/tmp", "/var/lib/dpkg", "/var/cache", "/var/lib/systemd":
			return fs.SkipDir
		case "/etc/passwd-", "/etc/shadow-", "/etc/group-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-", "/etc/.pwd.lock", "/etc/machine-id":
			return nil
		}
		fmt.Fprintln(&b, e.Type(), name)
		return nil
	}))
	return b.String() + d.read("/etc/passwd") + d.read("/etc/group")
}

// boot starts the tree's systemd in a container, with this machine's /dev/kmsg; from then on
// commands run there.
func (d *tree) boot() {
	d.t.Helper()
	need(d.t, "systemd-nspawn")
	args := []string{"--quiet", "--directory=" + d.dir, "--register=no", "--keep-unit", "--capability=CAP_SYSLOG", "--console=pipe", "--boot"}
	if _, err := os.Stat("/dev/kmsg"); err == nil {
		args = append(args, "--bind=/dev/kmsg")
	}
	log, err := os.Create(filepath.Join(d.t.TempDir(), "console"))
	require.NoError(d.t, err)
	d.t.Cleanup(func() { log.Close() })
	container := exec.Command("systemd-nspawn", args...)
	container.Stdout, container.Stderr = log, log
	require.NoError(d.t, container.Start())
	outside := d.inside
	ended := make(chan error, 1)
	go func() { ended <- container.Wait() }()
	d.t.Cleanup(func() {
		_, _ = d.try("systemctl poweroff")
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			_ = container.Process.Kill()
			<-ended
		}
		d.inside = outside
	})
	console := func() string {
		raw, _ := os.ReadFile(log.Name())
		return string(raw)
	}
	d.wait("the tree to boot", func() bool {
		select {
		case err := <-ended:
			ended <- err
			d.t.Skipf("NOT RUN: systemd does not boot in a container here: %v: %s", err, console())
		default:
		}
		leader := strings.TrimSpace(string(first(os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", container.Process.Pid)))))
		if leader == "" {
			return false
		}
		d.inside = []string{"nsenter", "--target=" + leader, "--all"}
		state, _ := d.try("systemctl is-system-running")
		return state == "running\n" || state == "degraded\n"
	})
}

func first[T any](value T, _ error) T { return value }

// wait waits for something, a minute at most.
func (d *tree) wait(what string, done func() bool) {
	d.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			log, _ := d.try("journalctl -n 30 --no-pager")
			require.Fail(d.t, "in vain for a minute: "+what, log)
		}
	}
}

// makeKill has the kernel kill a process of this machine, in a cgroup of its own, for its memory.
func makeKill(t *testing.T) {
	t.Helper()
	out, err := exec.Command("sh", "../cmd/oomtrail/demo/oom.sh").CombinedOutput()
	if err != nil {
		t.Skipf("NOT RUN: no kill can be made here: %s", out)
	}
}

// owner returns the user and group ids of a file of the tree.
func (d *tree) owner(path string) string {
	d.t.Helper()
	info, err := os.Stat(filepath.Join(d.dir, path))
	require.NoError(d.t, err)
	of := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%d:%d %o", of.Uid, of.Gid, info.Mode().Perm())
}

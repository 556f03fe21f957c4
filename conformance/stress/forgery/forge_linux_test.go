// SPDX-License-Identifier: Apache-2.0

package forgery

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// step is the variable by which a process that this one has started knows what it is for.
const step = "OOMTRAIL_FORGERY"

// The steps of the forgery: each starts the next.
const (
	stepUser  = "user"  // an unprivileged user, who makes a user namespace of his own
	stepMount = "mount" // root in that namespace, who may mount file systems that are nobody else's
)

// nobody is the user who forges where this process is root.
const nobody = 65534

// forgePath has the kernel complain of a path, as an unprivileged user. program is a copy of the
// running program that everybody may run; its main function calls [goOn]. The error says why it
// cannot be tried here.
func forgePath(program, path string) error {
	cmd := exec.Command(program, path)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), step+"="+stepUser)
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// goOn does what a process that [forgePath] has started is for, and ends it. In other processes it
// does nothing.
func goOn() {
	var err error
	switch os.Getenv(step) {
	case stepUser:
		err = enterNamespace()
	case stepMount:
		err = complain(os.Args[1])
	default:
		return
	}
	if err != nil {
		fmt.Fprint(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// enterNamespace goes on as root of a new user namespace.
func enterNamespace() error {
	if os.Geteuid() == 0 {
		return errors.New("still root: this would show nothing")
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), step+"="+stepMount)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("no user namespace for an unprivileged user: %w", err)
	}
	return nil
}

// complain asks overlayfs for a lower directory that is not there. The kernel says so in its log,
// with the path as it was given.
func complain(path string) error {
	fs, err := unix.Fsopen("overlay", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return fmt.Errorf("overlayfs cannot be used: %w", err)
	}
	defer unix.Close(fs)
	for _, key := range []string{"lowerdir+", "lowerdir"} { // the first takes one path and splits it nowhere, since 6.7
		if err = unix.FsconfigSetString(fs, key, path); errors.Is(err, unix.ENOENT) {
			return nil
		}
	}
	if err == nil {
		err = unix.FsconfigCreate(fs)
	}
	if err == nil {
		return errors.New("overlayfs does not mind a directory that is not there")
	}
	return nil
}

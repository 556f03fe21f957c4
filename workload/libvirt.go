// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"strings"
	"time"
)

// machines reads which virtual machines libvirt runs: each has a file NAME.xml in its driver's
// directory. libvirt 3 to 10, src/conf/virdomainobjlist.c and src/qemu/qemu_conf.c.
type machines struct{ drivers map[string]*listing }

func newMachines() *machines {
	m := &machines{drivers: map[string]*listing{}}
	for _, driver := range [...]string{"qemu", "lxc", "ch"} {
		m.drivers[driver] = &listing{dir: "run/libvirt/" + driver, keep: func(name string) bool {
			return strings.HasSuffix(name, ".xml")
		}}
	}
	return m
}

// name returns the name that libvirt knows a machine by: that of the one running machine whose name
// gives the cgroup's. The cgroup's is DRIVER-ID-NAME without the characters that a host's name
// cannot have, cut at 64 (libvirt, src/hypervisor/domain_driver.c,
// virDomainDriverGenerateMachineName), so that it alone does not say what the machine is called.
func (m *machines) name(f *files, machine string, now time.Time) string {
	driver, rest, _ := strings.Cut(machine, "-")
	id, short, _ := strings.Cut(rest, "-")
	l := m.drivers[driver]
	if l == nil || !isNumber(id) || short == "" {
		return ""
	}
	prefix := driver + "-" + id + "-"
	if !now.Before(l.next) {
		l.read(f, now)
	}
	found := ""
	for _, file := range l.names {
		vm := strings.TrimSuffix(file, ".xml")
		if machineName(prefix, vm) != machine {
			continue
		}
		if found != "" {
			return ""
		}
		found = vm
	}
	return only(found, isName)
}

// machineName returns what libvirt makes of a machine's name.
func machineName(prefix, vm string) string {
	b := append(make([]byte, 0, 64), prefix...)
	skip := true // a sign stands neither first nor after another one
	for i := 0; i < len(vm) && len(b) < 64; i++ {
		switch c := vm[i]; {
		case c == '.' || c == '-':
			if !skip {
				b = append(b, c)
			}
			skip = true
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			b, skip = append(b, c), false
		}
	}
	return strings.TrimRight(string(b), "-.")
}

// SPDX-License-Identifier: Apache-2.0

package identity

// machineUnit reads the units of systemd-machined and of libvirt and Proxmox.
func (w *walk) machineUnit(unit string) bool {
	if name, ok := between(unit, "systemd-nspawn@", ".service"); ok {
		w.id.Machine, w.id.Runtime = unescape(name), Nspawn
	} else if name, ok := between(unit, "machine-", ".scope"); ok && w.slice == "machine.slice" {
		w.id.Machine = unescape(name)
	} else if name, ok := between(unit, "", ".scope"); ok && w.slice == "qemu.slice" && isNumber(name) {
		w.id.Machine = name
	} else {
		return false
	}
	w.id.Level = LevelMachine
	return true
}

// machineDirectory reads libvirt's directories of a machine without systemd.
func (w *walk) machineDirectory(parent, name string) bool {
	if parent == "machine" {
		for _, suffix := range [...]string{".libvirt-qemu", ".libvirt-lxc"} {
			if vm, ok := between(name, "", suffix); ok {
				w.id.Machine = vm
			}
		}
	}
	if w.id.Machine == "" {
		return false
	}
	w.id.Level = LevelMachine
	w.at = inUnit
	return true
}

// SPDX-License-Identifier: Apache-2.0

package page

import "cmp"

// glance lists what a ticket has.
func (m *maker) glance() (glance facts) {
	k := &m.Kill
	cause := k.CauseWord()
	if confidence := k.Record.Text("oom.diagnosis.confidence"); cause != "" && confidence != "" {
		cause += " (" + confidence + ")"
	}
	unit := cmp.Or(k.Record.Text("oom.cgroup.unit"), k.Unit())
	if k.Container() != "" {
		unit = "" // it is the container's own, and says no more
	}
	glance.add("When", k.When())
	glance.add("Process", k.OneProcess())
	glance.add("Container", k.Container())
	glance.add("Image", k.Image())
	glance.add("Pod", k.Pod())
	glance.add("Unit", unit)
	glance.addAsIs("Cgroup", printable(k.Cgroup()))
	glance.add("Memory", k.Memory())
	glance.add("Cause", cause)
	glance.add("Killer", k.Killer())
	glance.add("Kernel", k.Record.Text("oom.kernel.release"))
	glance.add("Trust", k.Record.Text("oom.trust"))
	glance.add("Record", k.Record.Text("log.record.uid"))
	return glance
}

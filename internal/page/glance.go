// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"

	"github.com/oomtrail/oomtrail/internal/plain"
)

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
	glance.addAsIs("Cgroup", plain.Printable(k.Cgroup()))
	glance.add("Memory", k.Memory())
	glance.add("Cause", cause)
	return append(glance, m.origin()...)
}

// origin lists who killed, and what is known of the record.
func (m *maker) origin() (origin facts) {
	k := &m.Kill
	origin.explain("Killer", k.Killer(), "who ended the process")
	origin.explain("Kernel", k.Record.Text("oom.kernel.release"), "the release that was running")
	trust := k.Record.Text("oom.trust")
	origin.explain("Trust", trust, map[string]string{
		"verified": "the log proves that the kernel wrote these lines", "unverified": "this log cannot prove who wrote these lines",
	}[trust])
	origin.explain("Record", k.Record.Text("log.record.uid"), "the id of this kill's record, the same in every output")
	return origin
}

// SPDX-License-Identifier: Apache-2.0

package oomlogs

import (
	"cmp"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/parser/record"
)

// Names of attributes.
const (
	hostID   = "host.id"
	hostName = "host.name"
	logHost  = "oom.log_host"
)

// The values of the setting host_from: who says which host a record is of.
const (
	// HostFromResource is the default: the resource says it, and the log where the resource does
	// not.
	HostFromResource = "resource"
	// HostFromLog is for files and streams of many hosts: the log says it, and the resource where
	// the log does not.
	HostFromLog = "log"
)

// Host is which machine a record or a line is of. The zero value is not known.
type Host struct {
	// ID and Name are host.id and host.name.
	ID, Name string
	// Log is oom.log_host: the name in the log, where that is not Name.
	Log string
}

// HostOf returns the host that a resource names.
func HostOf(resource pcommon.Map) Host {
	return Host{ID: textOf(resource, hostID), Name: textOf(resource, hostName)}
}

// HostOfRecord returns the host that a finished record names: its resource, and its log record's
// attributes.
func HostOfRecord(resource, attributes pcommon.Map) Host {
	h := HostOf(resource)
	h.Log = textOf(attributes, logHost)
	return h
}

// HostFor returns the host that [Append] gives a record.
func HostFor(r *record.Record, o Options) Host {
	named := Host{ID: r.Text(hostID), Name: r.Text(hostName)}
	if o.Base == (pcommon.Map{}) {
		return named
	}
	return named.In(HostOf(o.Base), o.HostFrom)
}

// In returns the host of what a log says is of host h and stands under a resource of host base. The
// resource's id never stands beside the log's name unless both are certainly one machine's: else
// all hosts of a gateway that names itself would be one. The log's id may stand beside the
// resource's name: it is right whatever the user calls the host.
func (h Host) In(base Host, hostFrom string) Host {
	same := h.isSame(base)
	switch {
	case h.ID == "" && h.Name == "":
		return base
	case base.ID == "" && base.Name == "":
		return h
	case hostFrom == HostFromLog:
		if same {
			h.ID, h.Name = cmp.Or(h.ID, base.ID), cmp.Or(h.Name, base.Name)
		}
		return h
	}
	in := base
	in.ID = cmp.Or(base.ID, h.ID)
	if same {
		in.Name = cmp.Or(base.Name, h.Name)
	}
	if h.Name != in.Name {
		in.Log = h.Name
	}
	return in
}

// isSame reports whether it is certain that h and other are one machine.
func (h Host) isSame(other Host) bool {
	if h.ID != "" && other.ID != "" {
		return h.ID == other.ID
	}
	return record.SameHost(h.Name, other.Name)
}

// MayBe reports whether h and other can be one machine: nothing that they say keeps them apart.
func (h Host) MayBe(other Host) bool {
	switch {
	case h.ID != "" && other.ID != "" && h.ID != other.ID:
		return false
	case h.Log != "" && other.Log != "": // under one resource may stand many
		return record.SameHost(h.Log, other.Log)
	case h.Name == "" && h.Log == "", other.Name == "" && other.Log == "":
		return true
	}
	return record.SameHost(h.Name, other.Name) || record.SameHost(h.Name, other.Log) || record.SameHost(h.Log, other.Name)
}

// PutResource writes host.id and host.name into a resource.
func (h Host) PutResource(resource pcommon.Map) {
	for _, a := range [...]struct{ name, text string }{{hostID, h.ID}, {hostName, h.Name}} {
		if a.text != "" {
			resource.PutStr(a.name, a.text)
		} else {
			resource.Remove(a.name)
		}
	}
}

// PutLog writes oom.log_host into the attributes of a log record.
func (h Host) PutLog(attributes pcommon.Map) {
	if h.Log != "" {
		attributes.PutStr(logHost, h.Log)
	}
}

// SPDX-License-Identifier: Apache-2.0

package event

import (
	"strconv"
	"strings"
)

// moreNames are journald's names of fields that say which program wrote an entry, and what it says
// besides its text. Those that journald sets itself begin with an underscore. Those of the
// collector's k8sevents receiver stand beside the message of an event of Kubernetes.
var moreNames = [...]string{
	"_PID", "_UID", "_COMM", "_EXE", "_SYSTEMD_UNIT", "_SYSTEMD_USER_UNIT", "_TRANSPORT",
	"_AUDIT_LOGINUID", "_AUDIT_SESSION", "_AUDIT_TYPE", "_AUDIT_TYPE_NAME", "_AUDIT_ID",
	"_AUDIT_FIELD_ARCH", "_AUDIT_FIELD_SYSCALL", "_AUDIT_FIELD_SUCCESS", "_AUDIT_FIELD_EXIT", "_AUDIT_FIELD_A0", "_AUDIT_FIELD_A1", "_AUDIT_FIELD_A2",
	"_AUDIT_FIELD_OPID", "_AUDIT_FIELD_OCOMM", "_AUDIT_FIELD_OUID", "_AUDIT_FIELD_KEY",
	"SYSLOG_PID", "MESSAGE_ID", "UNIT", "USER_UNIT", "INVOCATION_ID", "USER_INVOCATION_ID", "N_PROCESSES", "UNIT_RESULT", "EXIT_CODE", "EXIT_STATUS", "COMMAND",
	"MEMORY_PEAK", "MEMORY_SWAP_PEAK",
	"k8s.event.reason", "k8s.event.name", "k8s.event.uid", "k8s.event.count", "k8s.namespace.name", "k8s.object.kind", "k8s.object.name", "k8s.object.uid", "k8s.object.fieldpath", "k8s.node.name",
	"PODMAN_EVENT", "PODMAN_TYPE", "PODMAN_ID", "PODMAN_NAME", "PODMAN_IMAGE", "PODMAN_EXIT_CODE", "PODMAN_OOM_KILLED", "PODMAN_POD_ID", "PODMAN_TIME",
}

// KubernetesReason is the field that stands only beside the message of an event of Kubernetes.
const KubernetesReason = "k8s.event.reason"

// KubernetesObject are the fields that the collector's k8sevents receiver gives to the resource:
// the object that the event is about, and its node.
var KubernetesObject = [...]string{"k8s.object.kind", "k8s.object.name", "k8s.object.uid", "k8s.object.fieldpath", "k8s.node.name"}

// It has room for all of them.
const _ = uint(64 - len(moreNames))

// moreByName gives the place in moreNames, plus one, of journald's names and of their lower-case
// form, which in_systemd's option Lowercase makes. A name that lost its underscore is not here: any
// program can set a field of that name.
var moreByName = func() map[string]uint8 {
	byName := make(map[string]uint8, 2*len(moreNames))
	for i, name := range moreNames {
		byName[name], byName[strings.ToLower(name)] = uint8(i+1), uint8(i+1)
	}
	return byName
}()

// more holds these fields of one event, of each the first value.
type more struct {
	values [len(moreNames)]Value // of those in has
	has    uint64
}

// add keeps the value of a field with one of these names.
func (m *more) add(name []byte, v *Value) {
	i := moreByName[string(name)]
	if i--; i < uint8(len(moreNames)) && m.has>>i&1 == 0 {
		m.values[i] = *v
		m.has |= 1 << i
	}
}

// Field returns the value of the field with journald's name for it, nil where it is absent.
func (e *Event) Field(name string) []byte {
	i := moreByName[name]
	if i--; i >= uint8(len(moreNames)) || e.more.has>>i&1 == 0 {
		return nil
	}
	v := &e.more.values[i]
	if v.IsInt {
		return strconv.AppendInt(nil, v.Int, 10)
	}
	return v.Text
}

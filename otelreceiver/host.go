// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"cmp"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/oomtrail/oomtrail/internal/machine"
)

// hostIdentity says which machine wrote lines that name no host. Its fields are empty when that is
// not known.
type hostIdentity struct{ name, id string }

func (h hostIdentity) putInto(m pcommon.Map) {
	if h.name != "" {
		m.PutStr("host.name", h.name)
	}
	if h.id != "" {
		m.PutStr("host.id", h.id)
	}
}

// identity returns the machine's identity. What the settings say of the resource wins.
func (c *Config) identity(env func(string) string) hostIdentity {
	name, id := machine.Identify(cmp.Or(c.Resource["host.name"], c.HostName), c.RootPath, env)
	return hostIdentity{name, cmp.Or(c.Resource["host.id"], id)}
}

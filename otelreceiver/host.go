// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"

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
	h := identifyHost(cmp.Or(c.Resource["host.name"], c.HostName), c.RootPath, env)
	h.id = cmp.Or(c.Resource["host.id"], h.id)
	return h
}

// identifyHost tells the machine's identity: the configured name, else the machine's own, but never
// that of a container: its host name and machine id are the pod's. root is the file system to look
// in, "" for the process's own.
func identifyHost(configured, root string, env func(string) string) hostIdentity {
	h := hostIdentity{name: configured}
	if root == "" && machine.InContainer("/", env) {
		return h
	}
	if root == "" {
		root = "/"
		if h.name == "" {
			h.name, _ = os.Hostname() // without one the record has no host.name
		}
	}
	if h.name == "" {
		h.name = firstLine(filepath.Join(root, "etc/hostname"))
	}
	if id := firstLine(filepath.Join(root, "etc/machine-id")); isMachineID(id) {
		h.id = id
	}
	return h
}

// firstLine returns the trimmed first line of a small file, "" when it cannot be read.
func firstLine(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line)
}

// isMachineID tells a machine id from the words that stand there before the first boot
// ("uninitialized").
func isMachineID(id string) bool {
	if len(id) != 32 {
		return false
	}
	return strings.Trim(id, "0123456789abcdef") == ""
}

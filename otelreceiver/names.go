// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/workload"
)

// withNames adds to the parser's options what finds names. An error says why none is found, and
// what to do; the receiver works without.
func (c *Config) withNames(o parser.Options, env func(string) string) (parser.Options, error) {
	if !c.Names {
		return o, nil
	}
	resolver, err := workload.New(workload.Options{Root: c.RootPath})
	o.Names = resolver.Lookup
	o.UserNames = c.readsThisMachine() && (c.RootPath != "" || !machine.InContainer("/", env))
	return o, err
}

// readsThisMachine reports whether the log is the kernel's of this machine and of no other, which
// has users of its own, and whose kernel's own count is another one.
func (c *Config) readsThisMachine() bool {
	journal := c.Journald.command(c.RootPath)
	return c.Source == sourceKmsg || c.Source == sourceJournald && journal.OwnJournal()
}

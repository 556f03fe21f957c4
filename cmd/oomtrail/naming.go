// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/workload"
)

// naming are the flags that say where the names of pods, containers and jobs are looked for.
type naming struct {
	on   bool
	root string
}

// define adds the flags to those of a command.
func (n *naming) define(f *flag.FlagSet) {
	f.BoolVar(&n.on, "names", true, "add the names that a machine's own files give its pods, containers and jobs")
	f.StringVar(&n.root, "root", "", "root directory of the machine that the log is of, such as a mounted disk (default: this machine's)")
}

// of returns an input whose records have the names that are found. Where none can be found, it says
// so, once.
func (n *naming) of(in input) input {
	if !n.on {
		return in
	}
	resolver, err := workload.New(workload.Options{Root: n.root, Setting: "-root"})
	if err != nil {
		fmt.Fprintln(in.std.notes, "oomtrail:", err)
	}
	in.lookup = resolver.Lookup
	in.users = n.root != "" || !machine.InContainer("/", os.Getenv)
	return in
}

// SPDX-License-Identifier: Apache-2.0

package input

import (
	"fmt"
	"os"

	"github.com/oomtrail/oomtrail/internal/machine"
	"github.com/oomtrail/oomtrail/workload"
)

// FindNames has records name pods, containers and jobs by the files of the machine whose root
// directory is root, "" for this machine's. A root that was given and is none is an error of
// [Set.Each], which reads all the same.
func (s *Set) FindNames(root string) {
	resolver, err := workload.New(workload.Options{Root: root, Setting: "--root"})
	if err != nil && root != "" {
		s.rootErr = err
	} else if err != nil {
		fmt.Fprintln(s.Notes, "oomtrail:", err)
	}
	s.Lookup = resolver.Lookup
	s.Users = root != "" || !machine.InContainer("/", os.Getenv)
}

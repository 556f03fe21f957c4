// SPDX-License-Identifier: Apache-2.0

package workload

import (
	"encoding/json"
	"io"
	"time"

	"github.com/oomtrail/oomtrail/internal/ids"
)

// storedContainers are the lists of containers of containers/storage, which root's Podman uses:
// containers/storage 1.0 to 1.59, containers.go. A container that is removed when it ends is in the
// second. Podman keeps labels in a database alone.
var storedContainers = [...]string{
	"var/lib/containers/storage/overlay-containers/containers.json",
	"var/lib/containers/storage/overlay-containers/volatile-containers.json",
	"run/containers/storage/overlay-containers/volatile-containers.json",
	"var/lib/containers/storage/vfs-containers/containers.json",
	"var/lib/containers/storage/vfs-containers/volatile-containers.json",
	"var/lib/containers/storage/btrfs-containers/containers.json",
	"var/lib/containers/storage/zfs-containers/containers.json",
}

// stored are the containers that the lists had when they were last read.
type stored struct {
	by   map[string]claim
	next time.Time // when they may be read again
}

// container returns what is listed of a container. The lists are read where the last reading does
// not have it and is old enough.
func (s *stored) container(f *files, id string, now time.Time) claim {
	if c, ok := s.by[id]; ok || now.Before(s.next) {
		return c
	}
	s.by, s.next = map[string]claim{}, now.Add(retry)
	for _, name := range storedContainers {
		f.read(name, func(r io.Reader) { readStored(r, s.by) })
	}
	return s.by[id]
}

// readStored reads a list of containers, as far as it can be read, and at most [maxKept] of them.
func readStored(r io.Reader, by map[string]claim) {
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return
	}
	for d.More() && len(by) < maxKept {
		var e struct {
			ID       string
			Names    []string
			Metadata string
		}
		if d.Decode(&e) != nil {
			return
		}
		var m struct {
			Image string `json:"image-name"`
			Name  string `json:"name"`
			Pod   string `json:"pod-id"` // CRI-O's: its own files say more
		}
		if !ids.IsContainerID(e.ID) || json.Unmarshal([]byte(e.Metadata), &m) != nil || m.Pod != "" {
			continue
		}
		if len(e.Names) > 0 {
			m.Name = e.Names[0]
		}
		by[e.ID] = claim{found: true, Names: Names{ContainerName: only(m.Name, isName), Image: only(m.Image, isImage)}}
	}
}

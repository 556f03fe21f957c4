// SPDX-License-Identifier: Apache-2.0

package identity

// Memo remembers who a few paths are while one report is read, which names the same ones again and
// again. Its answers are good until it is reset, and no longer than the paths it was asked about.
type Memo struct {
	paths [memoSize]string
	ids   [memoSize]Identity
	used  int
}

// memoSize is how many paths a report speaks of: the limit's, the victim's and that of a group.
const memoSize = 3

// Of is [Of], but reads a path once.
func (m *Memo) Of(path string) *Identity {
	for i := range m.used {
		if m.paths[i] == path {
			return &m.ids[i]
		}
	}
	i := min(m.used, memoSize-1)
	m.paths[i], m.ids[i] = path, Of(path)
	m.used = i + 1
	return &m.ids[i]
}

// Reset forgets all.
func (m *Memo) Reset() { m.used = 0 }

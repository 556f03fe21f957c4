// SPDX-License-Identifier: Apache-2.0

package record

// row returns the row of the table that a field belongs to.
func (id ID) row() *Field {
	if id >= NumFields {
		id = CgroupStat
	}
	return &Fields[id]
}

// nameOf returns the name of an attribute; more are the names that no table has.
func (id ID) nameOf(more []string) string {
	if int(id) < len(knownNames) {
		return knownNames[id]
	}
	return more[int(id)-len(knownNames)]
}

// isResource reports whether the collector carries the attribute as one of the resource.
func (id ID) isResource() bool { return id < NumFields && resources[id] }

// knownNames are the names of attributes by ID: those of the table, then the main values of
// memory.stat.
var knownNames = func() []string {
	names := make([]string, 0, int(NumFields)+len(MainStats))
	for i := range Fields {
		names = append(names, Fields[i].Name)
	}
	for _, key := range MainStats {
		names = append(names, FamilyPrefix+key)
	}
	return names
}()

// MainStat returns the ID of the i-th of [MainStats].
func MainStat(i int) ID { return NumFields + ID(i) }

// resources are the fields that the collector carries as resource attributes, none of memory.stat.
var resources = func() (are [NumFields]bool) {
	for id := range NumFields {
		are[id] = Fields[id].Resource
	}
	return are
}()

package record

// Field is one row of the table of fields: the contract of a record.
type Field struct {
	// Name is the attribute's name. A name ending in ".*" stands for a family.
	Name string
	// Type is the type of its values.
	Type Type
	// Unit is "By" for bytes, "1" for a ratio, "" for none.
	Unit string
	// Meaning says what it holds.
	Meaning string
	// Resource is true for what the collector carries as a resource attribute.
	Resource bool
}

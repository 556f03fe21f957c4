// SPDX-License-Identifier: Apache-2.0

package oomlogs

import (
	"reflect"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Omit holds the names of resource attributes that are left out. Its zero value leaves out none.
type Omit []string

// Omitted returns the resource attributes that the setting resource_attributes switches off. It
// takes the ResourceAttributesConfig that mdatagen makes, of which each component has its own type:
// a struct with a field for each attribute, tagged with its name, that has a field Enabled.
func Omitted(config any) Omit {
	var names Omit
	v := reflect.ValueOf(config)
	for i := range v.NumField() {
		if !v.Field(i).FieldByName("Enabled").Bool() {
			names = append(names, v.Type().Field(i).Tag.Get("mapstructure"))
		}
	}
	return names
}

// From removes the attributes from a resource that is complete: what a record's key is made of, and
// whose lines meet, does not depend on what is left out.
func (o Omit) From(resource pcommon.Map) {
	for _, name := range o {
		resource.Remove(name)
	}
}

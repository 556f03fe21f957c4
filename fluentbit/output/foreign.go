// SPDX-License-Identifier: Apache-2.0

package output

import (
	"errors"
	"fmt"
)

// foreign are settings of Fluent Bit's own outputs that a configuration may bring along, with what
// stands in their place. A host that cannot be given [Keys] accepts any key and does not tell it,
// so that others go unnoticed.
var foreign = []struct{ key, remedy string }{
	{"URI", "give the path in Url"},
	{"Path", "give the path in Url"},
	{"Cloud_Auth", "use Http_User and Http_Passwd"},
	{"Header", "remove it; for a tenant use Tenant_Id"},
	{"Label_Keys", "use Labels, as in scope=$oom.scope"},
	{"Label_Map_Path", "use Labels"},
	{"Structured_Metadata", "remove it: every field is structured metadata"},
	{"Structured_Metadata_Map_Keys", "remove it: every field is structured metadata"},
	{"Line_Format", "remove it: the line is the record's sentence"},
	{"Remove_Keys", "remove it: the line is the record's sentence"},
	{"Drop_Single_Key", "remove it: the line is the record's sentence"},
	{"Auto_Kubernetes_Labels", "use Labels"},
	{"Id_Key", "remove it: oom.record.key is the document's id"},
	{"Generate_ID", "remove it: oom.record.key is the document's id"},
	{"Write_Operation", "remove it: it is always create"},
	{"Logstash_Format", "use Index, as an alias or a data stream"},
	{"Logstash_Prefix", "use Index, as an alias or a data stream"},
	{"Time_Key", "remove it: the time is in @timestamp, in nanoseconds"},
	{"Type", "remove it: there are no types any more"},
	{"Suppress_Type_Name", "remove it: there are no types any more"},
	{"Replace_Dots", "use Format oom, whose names have no dots"},
	{"Include_Tag_Key", "remove it"},
	{"Tls_Verify_Hostname", "use Tls_Verify, or Tls_Server_Name"},
	{"Tls_Key_Passwd", "use a key that is not encrypted"},
}

// foreignKeys finds settings that are another output's.
func foreignKeys(get func(string) string) error {
	var errs []error
	for _, f := range foreign {
		if get(f.key) != "" {
			errs = append(errs, fmt.Errorf("%s is no setting of this output: %s", f.key, f.remedy))
		}
	}
	return errors.Join(errs...)
}

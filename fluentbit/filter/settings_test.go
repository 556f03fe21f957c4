// SPDX-License-Identifier: Apache-2.0

package filter

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/logevent"
	"github.com/oomtrail/oomtrail/parser"
)

// pairs is a configuration: keys and values in turn.
type pairs []string

// get finds a value as Fluent Bit does: the first of that name, in any case of letters.
func (p pairs) get(key string) string {
	for i := 0; i < len(p); i += 2 {
		if strings.EqualFold(p[i], key) {
			return p[i+1]
		}
	}
	return ""
}

func (p pairs) keys() []string {
	keys := []string{}
	for i := 0; i < len(p); i += 2 {
		keys = append(keys, p[i])
	}
	return keys
}

func TestParseSettings(t *testing.T) {
	tests := []struct {
		name   string
		config pairs
		want   Settings
	}{
		{"defaults", nil, Settings{TasksTop: 10, Names: true}},
		{"empty values are defaults", pairs{"host_name", "", "Mode", "", "Names", ""}, Settings{TasksTop: 10, Names: true}},
		{"all", pairs{"key", "text", "FORMAT", "ECS", "Mode", "replace", "Stream_Keys", "host, boot", "Include_Original", "On",
			"Tasks_Top", "0", "Memory_Stat", "none", "Trust", "kernel", "Trusted_Source", "Syslog", "Accept_Records", "any", "Host_Name", "node-1", "Location", "UTC", "names", "No", "Root_Path", "/host", "max_memory", "64M", "active", "true"},
			Settings{Key: "text", Format: form.ECS, Mode: Replace, StreamKeys: []string{"host", "boot"}, IncludeOriginal: true,
				MemoryStat: parser.MemoryStatNone, Trust: parser.TrustKernel, TrustedSource: parser.TrustedSyslog, Accept: logevent.AcceptAny, HostName: "node-1", Location: time.UTC, RootPath: "/host", MaxMemory: 64e6}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseSettings(test.config.get, test.config.keys())
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, test.want)
			}
		})
	}
}

// TestParseSettingsErrors: each error names the key, the value and the remedy.
func TestParseSettingsErrors(t *testing.T) {
	tests := []struct {
		config pairs
		want   string
	}{
		{pairs{"Format", "json"}, `Format "json" is not known: use oom, flat or ecs`},
		{pairs{"Mode", "drop"}, `Mode "drop" is not known: use append, replace or only`},
		{pairs{"Memory_Stat", "some"}, `Memory_Stat "some" is not known: use main, all or none`},
		{pairs{"Trust", "root"}, `Trust "root" is not known: use auto, kernel or any`},
		{pairs{"Trusted_Source", "kern.log"}, `Trusted_Source "kern.log" is not known: use none, kmsg, journald or syslog`},
		{pairs{"Accept_Records", "all"}, `Accept_Records "all" is not known: use marked, any or none`},
		{pairs{"Location", "Mars/Olympus"}, `Location "Mars/Olympus" is no time zone: use a name such as Europe/Berlin or UTC`},
		{pairs{"Location", "../passwd"}, `Location "../passwd" is no time zone: use a name such as Europe/Berlin or UTC`},
		{pairs{"Include_Original", "maybe"}, `Include_Original "maybe" is not a switch: use on or off`},
		{pairs{"Tasks_Top", "51"}, `Tasks_Top "51" is out of range: use a number from 0 (none) to 50`},
		{pairs{"Tasks_Top", "ten"}, `Tasks_Top "ten" is out of range: use a number from 0 (none) to 50`},
		{pairs{"Stream_Keys", " ,"}, `Stream_Keys " ," names no field: list the fields that differ between hosts, as in _HOSTNAME,_BOOT_ID`},
		{pairs{"Mod", "only"}, `Mod is no setting of this filter: use Key, Format, Mode, Stream_Keys, Include_Original, Tasks_Top, Observations, Sigkill, Memory_Stat, Trust, Trusted_Source, Accept_Records, Host_Name, Location, Names, Root_Path, Max_Memory`},
		{pairs{"Host_Name", strings.Repeat("n", 254)}, `Host_Name "` + strings.Repeat("n", 254) + `" has 254 bytes: use 253 at most`},
		{pairs{"Names", "some"}, `Names "some" is not a switch: use on or off`},
		{pairs{"Root_Path", "host"}, `Root_Path "host" is no absolute path: use one such as /host`},
		{pairs{"Max_Memory", "much"}, `Max_Memory "much" is no size: use a number of bytes, or one with a unit, as in 256MiB`},
		{pairs{"Max_Memory", "64"}, `Max_Memory "64" is out of range: use 1MiB or more, as in 256MiB`},
		{pairs{"Mode", "only", "mode", "append"}, `mode is given twice: keep one`},
		{pairs{"Mode", "x", "Trust", "y"}, "Mode \"x\" is not known: use append, replace or only\nTrust \"y\" is not known: use auto, kernel or any"},
	}
	for _, test := range tests {
		_, err := ParseSettings(test.config.get, test.config.keys())
		if err == nil || err.Error() != test.want {
			t.Errorf("%v:\ngot  %v\nwant %s", test.config, err, test.want)
		}
	}
}

// TestParseSettingsUnlisted: a host that does not list its keys still gets its values checked.
func TestParseSettingsUnlisted(t *testing.T) {
	config := pairs{"Mode", "only", "Mod", "x"}
	if s, err := ParseSettings(config.get, nil); err != nil || s.Mode != Only {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestSettingsString(t *testing.T) {
	s, _ := ParseSettings(pairs{}.get, nil)
	want := `key=auto format=oom mode=append stream_keys=auto include_original=off tasks_top=10 observations=unmatched sigkill=off memory_stat=main trust=auto trusted_source=none accept_records=marked host_name="" location=machine names=on root_path="" max_memory=268435456`
	if !strings.HasPrefix(s.String(), want) { // a new setting stands behind these
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// TestEachSetting: each setting of the table is known to the check at start, its example is right
// and not the default, and the line at start shows it.
func TestEachSetting(t *testing.T) {
	byDefault, _ := ParseSettings(pairs{}.get, nil)
	for _, setting := range table {
		config := pairs{strings.ToUpper(setting.Key), setting.Example}
		s, err := ParseSettings(config.get, config.keys())
		if err != nil {
			t.Errorf("%s: %v", setting.Key, err)
			continue
		}
		if setting.show(&s) == setting.show(&byDefault) || reflect.DeepEqual(s, byDefault) {
			t.Errorf("%s %s is the default", setting.Key, setting.Example)
		}
		if shown := strings.ToLower(setting.Key) + "=" + setting.show(&s); !strings.Contains(s.String(), shown) {
			t.Errorf("%s misses %s", s, shown)
		}
		if setting.Meaning == "" || setting.types() == "" || setting.byDefault() == "" {
			t.Errorf("%s: the documentation says too little", setting.Key)
		}
	}
	if len(table) != reflect.TypeFor[Settings]().NumField() {
		t.Errorf("%d settings, %d fields of Settings", len(table), reflect.TypeFor[Settings]().NumField())
	}
}

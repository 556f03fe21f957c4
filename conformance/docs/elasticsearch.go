// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"encoding/json"
	"strings"

	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/parser/record"
)

// object is one of JSON.
type object = map[string]any

// keyword is the mapping of a text that is a name. No value of a record is longer than 4 KiB, so
// none is left out of the index.
var keyword = object{"type": "keyword", "ignore_above": 4096}

// texts are the fields whose values are sentences.
var texts = map[string]bool{"message": true, "oom.diagnosis.summary": true, "oom.diagnosis.advice": true}

// schemaTypes are the mappings that the Elastic Common Schema gives where they are not those of the
// value's own kind, and those of what nobody searches for.
var schemaTypes = map[string]object{
	"process.name":         withText(object{"type": "keyword", "ignore_above": 1024}),
	"process.title":        withText(object{"type": "keyword", "ignore_above": 1024}),
	"process.command_line": withText(object{"type": "wildcard"}),
	"process.real_user.id": {"type": "keyword", "ignore_above": 1024},
	"event.original":       {"type": "keyword", "index": false, "doc_values": false},
	"oom.tasks.top":        {"type": "keyword", "ignore_above": 4096, "index": false},
}

func withText(mapping object) object {
	mapping["fields"] = object{"text": object{"type": "match_only_text"}}
	return mapping
}

// mapping returns how Elasticsearch holds a field, by its name and a value.
func mapping(name string, value any) object {
	if m, ok := schemaTypes[name]; ok {
		return m
	}
	if texts[name] {
		return object{"type": "match_only_text"}
	}
	switch value.(type) {
	case int64:
		return object{"type": "long"}
	case float64:
		return object{"type": "double"}
	case bool:
		return object{"type": "boolean"}
	}
	return keyword
}

// leaves calls f for each value of a form, with its dotted name.
func leaves(kvs []form.KV, f func(name string, value any)) {
	for _, kv := range kvs {
		if inner, ok := kv.Value.([]form.KV); ok {
			leaves(inner, func(name string, value any) { f(kv.Key+"."+name, value) })
			continue
		}
		f(kv.Key, kv.Value)
	}
}

// everything is a record with a value of each field.
func everything() *record.Record {
	samples := map[record.Kind]record.Value{
		record.KindString: record.StringValue("text"), record.KindInt64: record.Int64Value(1),
		record.KindFloat64: record.Float64Value(1), record.KindBool: record.BoolValue(true),
	}
	r := &record.Record{Body: "OOM kill"}
	for _, field := range record.Fields {
		r = r.With(record.Attr{Name: strings.Replace(field.Name, ".*", ".anon", 1), Value: samples[field.Type]})
	}
	return r
}

// mappings returns how Elasticsearch holds each field in the names of the Elastic Common Schema, by
// their dotted names.
func mappings() map[string]object {
	all := map[string]object{}
	leaves(form.Map(everything(), form.ECS), func(name string, value any) {
		if !strings.HasPrefix(name, record.FamilyPrefix) {
			all[name] = mapping(name, value)
		}
	})
	return all
}

// ElasticsearchFiles returns the files of deploy/elasticsearch, by their names: component templates
// with the mappings of all fields, in the names of the Elastic Common Schema and in OpenTelemetry's
// own form, and the index templates that are composed of them.
func ElasticsearchFiles() map[string]string {
	// Explicit mappings go before what ecs@mappings would make of names, which takes bytes in
	// *.usage and *_score* for fractions, and leaves out what is longer than 1024 characters.
	properties := object{}
	put := func(name string, mapping object) {
		at := properties
		path := strings.Split(name, ".")
		for _, part := range path[:len(path)-1] {
			inner, ok := at[part].(object)
			if !ok {
				inner = object{"properties": object{}}
				at[part] = inner
			}
			at = inner["properties"].(object)
		}
		at[path[len(path)-1]] = mapping
	}
	for name, mapping := range mappings() {
		put(name, mapping)
	}

	// In OpenTelemetry's form the attributes are in an object of Elasticsearch's own making, so the
	// types are rules by name, which come before those of ecs@mappings: the first one counts.
	var doubles, sentences []string
	for _, field := range record.Fields {
		switch {
		case field.Type == record.KindFloat64:
			doubles = append(doubles, "attributes."+field.Name)
		case texts[field.Name]:
			sentences = append(sentences, "attributes."+field.Name)
		}
	}
	rule := func(name string, match, mapping object) object {
		match["mapping"] = mapping
		return object{name: match}
	}
	stat := record.FamilyPrefix + "*"
	files := map[string]any{
		"oom@mappings.json": object{
			"_meta": object{"description": "the fields of github.com/oomtrail/oomtrail, in the names of the Elastic Common Schema"},
			"template": object{"mappings": object{
				"dynamic_templates": []object{rule("oom_cgroup_stat", object{"path_match": stat, "match_mapping_type": "long"}, object{"type": "long"})},
				"properties":        properties,
			}},
		},
		"oom-otel@mappings.json": object{
			"_meta": object{"description": "the fields of github.com/oomtrail/oomtrail, in OpenTelemetry's own form"},
			"template": object{"mappings": object{
				"dynamic_templates": []object{
					rule("oom_fractions", object{"path_match": doubles}, object{"type": "double"}),
					rule("oom_numbers", object{"path_match": "attributes.oom.*", "match_mapping_type": "long"}, object{"type": "long"}),
					rule("oom_sentences", object{"path_match": sentences}, object{"type": "match_only_text"}),
					rule("oom_names", object{"path_match": "attributes.oom.*", "match_mapping_type": "string"}, keyword),
				},
				"properties": object{"event_name": object{"type": "keyword"}}, // Elasticsearch has it from 8.17 on
			}},
		},
		"logs-oom_kill.json": object{
			"_meta":                              object{"description": "OOM kills of Fluent Bit and of the collector's exporter in its mode ecs"},
			"index_patterns":                     []string{"logs-oom_kill-*", "logs-oomkillreceiver-*"},
			"priority":                           200,
			"data_stream":                        object{},
			"composed_of":                        []string{"logs@mappings", "logs@settings", "ecs@mappings", "oom@mappings", "logs@custom", "oom@custom"},
			"ignore_missing_component_templates": []string{"logs@custom", "oom@custom"},
		},
		"logs-oomkillreceiver.otel.json": object{
			"_meta":          object{"description": "OOM kills of the collector's exporter in its mode otel"},
			"index_patterns": []string{"logs-oomkillreceiver.otel-*"},
			"priority":       200,
			"data_stream":    object{},
			"composed_of": []string{
				"oom-otel@mappings", "logs@mappings", "logs@settings", "otel@mappings", "otel@settings", "logs-otel@mappings", "semconv-resource-to-ecs@mappings",
				"logs@custom", "logs-otel@custom", "oom@custom", "ecs@mappings",
			},
			"ignore_missing_component_templates": []string{"otel@settings", "logs@custom", "logs-otel@custom", "oom@custom"},
		},
	}
	texts := map[string]string{}
	for name, file := range files {
		text, err := json.MarshalIndent(file, "", "  ")
		if err != nil {
			panic(err) // it is made of maps and texts alone
		}
		texts[name] = string(text) + "\n"
	}
	return texts
}

// ElasticsearchTypes returns the types of the fields in the names of the Elastic Common Schema, by
// their dotted names.
func ElasticsearchTypes() map[string]string {
	types := map[string]string{}
	for name, mapping := range mappings() {
		types[name] = mapping["type"].(string)
	}
	return types
}

// ElasticsearchTakes reports whether Elasticsearch takes a value as a type, without making another
// value of it.
func ElasticsearchTakes(kind string, value any) bool {
	switch value.(type) {
	case int64:
		return kind == "long" || kind == "double" || kind == "keyword"
	case float64:
		return kind == "double"
	case bool:
		return kind == "boolean"
	}
	return kind == "keyword" || kind == "wildcard" || kind == "match_only_text"
}

// SPDX-License-Identifier: Apache-2.0

package form

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/record"
)

// ecsNames maps the attributes that the Elastic Common Schema has a name for. Those that it
// has no name for are in the oom namespace, which stays as it is.
var ecsNames = map[string][]string{
	"event.name":                                 {"event.action"},
	"log.record.uid":                             {"event.id"},
	"log.record.original":                        {"event.original"},
	"process.pid":                                {"process.pid"},
	"process.title":                              {"process.name", "process.title"},
	"process.vpid":                               {"process.vpid"},
	"process.command_line":                       {"process.command_line"},
	"process.exit.code":                          {"process.exit_code"},
	"process.real_user.id":                       {"process.real_user.id"},
	"process.real_user.name":                     {"process.real_user.name"},
	"container.id":                               {"container.id"},
	"container.runtime.name":                     {"container.runtime"},
	"container.name":                             {"container.name"},
	"container.image.name":                       {"container.image.name"},
	"container.image.tag":                        {"container.image.tag"},
	"container.label.com.docker.compose.project": {"container.labels.com_docker_compose_project"},
	"container.label.com.docker.compose.service": {"container.labels.com_docker_compose_service"},
	"k8s.namespace.name":                         {"kubernetes.namespace"},
	"k8s.node.name":                              {"kubernetes.node.name"},
	"k8s.pod.name":                               {"kubernetes.pod.name"},
	"k8s.pod.uid":                                {"kubernetes.pod.uid"},
	"k8s.container.name":                         {"kubernetes.container.name"},
	"k8s.container.restart_count":                {"kubernetes.container.status.restarts"},
	"systemd.unit.name":                          {"systemd.unit"},
	"host.name":                                  {"host.name"},
	"host.id":                                    {"host.id"},
	"oom.kernel.release":                         {"oom.kernel.release", "host.os.kernel"},
}

// ecs is the form for Elasticsearch and OpenSearch: the dotted names of the schema as nested
// objects.
func ecs(r *record.Record) []KV {
	kvs := make([]KV, 0, r.Len()+10)
	severity, _ := r.Severity()
	kvs = append(kvs,
		KV{"message", r.Body},
		KV{"event.kind", "event"},
	)
	if r.Text(record.Fields[record.EventName].Name) == record.EventWarning { // nothing has ended
		kvs = append(kvs, KV{"event.category", []string{"host"}}, KV{"event.type", []string{"info"}})
	} else {
		kvs = append(kvs, KV{"event.category", []string{"process"}}, KV{"event.type", []string{"end"}}, KV{"event.outcome", "failure"})
	}
	kvs = append(kvs, KV{"event.severity", int64(severity)})
	for a := range r.Attrs() {
		name, value := a.Name, a.Value.Any()
		if targets, ok := ecsNames[name]; ok {
			for _, target := range targets {
				kvs = append(kvs, KV{target, value})
			}
			continue
		}
		if strings.HasPrefix(name, "oom.") {
			kvs = append(kvs, KV{name, value})
		}
	}
	return nest(kvs)
}

// nest makes objects of dotted names: Elasticsearch takes both, but Fluent Bit's record accessor
// reaches only into objects (Id_Key $oom['record']['key']).
func nest(kvs []KV) []KV {
	var root []KV
	for _, kv := range kvs {
		root = insert(root, kv.Key, kv.Value)
	}
	return root
}

// insert puts a value at a dotted name. No name of a record is the beginning of another at a dot.
func insert(level []KV, name string, value any) []KV {
	head, rest, nested := strings.Cut(name, ".")
	if !nested {
		return append(level, KV{name, value})
	}
	for i := range level {
		if level[i].Key != head {
			continue
		}
		if inner, ok := level[i].Value.([]KV); ok {
			level[i].Value = insert(inner, rest, value)
			return level
		}
	}
	return append(level, KV{head, insert(nil, rest, value)})
}

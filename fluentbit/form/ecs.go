package form

import (
	"strings"

	"github.com/oomtrail/oomtrail/parser/record"
)

// ecsNames maps the attributes that the Elastic Common Schema has a name for. Those that it
// has no name for are in the oom namespace, which stays as it is.
var ecsNames = map[string][]string{
	"event.name":             {"event.action"},
	"log.record.uid":         {"event.id"},
	"log.record.original":    {"event.original"},
	"process.pid":            {"process.pid"},
	"process.title":          {"process.name", "process.title"},
	"process.real_user.id":   {"process.real_user.id"},
	"container.id":           {"container.id"},
	"container.runtime.name": {"container.runtime"},
	"k8s.pod.uid":            {"kubernetes.pod.uid"},
	"systemd.unit.name":      {"systemd.unit"},
	"host.name":              {"host.name"},
	"host.id":                {"host.id"},
	"oom.kernel.release":     {"oom.kernel.release", "host.os.kernel"},
}

// ecs is the form for Elasticsearch and OpenSearch.
func ecs(r *record.Record) []KV {
	kvs := make([]KV, 0, len(r.Attrs)+10)
	kvs = append(kvs,
		KV{"message", r.Body},
		KV{"event.kind", "event"},
		KV{"event.category", []string{"process"}},
		KV{"event.type", []string{"end"}},
		KV{"event.outcome", "failure"},
		KV{"event.severity", int64(record.SeverityNumber)},
	)
	for i := range r.Attrs {
		name, value := r.Attrs[i].Name, r.Attrs[i].Value.Any()
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
	return kvs
}

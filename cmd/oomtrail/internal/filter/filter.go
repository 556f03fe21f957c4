// SPDX-License-Identifier: Apache-2.0

// Package filter chooses kills: by time, and by patterns of what they are about. All commands that
// list, count or explain kills choose by it.
package filter

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Filter says which records are wanted. The zero value wants all. It is for one goroutine.
type Filter struct {
	since, until time.Time
	pid          int64
	patterns     []pattern
	// Untimed counts records that went because they have no time while one was asked for.
	Untimed int
	// Rest counts all records that went.
	Rest int
}

// pattern is what a flag asks of a record.
type pattern struct {
	subject *Subject
	text    string
	match   *regexp.Regexp
}

// Subject is what of a kill a pattern is about.
type Subject struct {
	// Name is the flag's.
	Name string
	// Usage is its help, Example a pattern.
	Usage, Example string
	// texts are the names that a record has for it. id is the attribute of an identifier, of which
	// the first characters are enough.
	texts func(r *record.Record) []string
	id    string
	// Values are what there is to ask for, each with a tab and its meaning behind it; nil where
	// that is not known.
	Values []string
}

// shortestID is how many characters of an identifier name it.
const shortestID = 6

// Subjects are what there are patterns for, in the order of the help.
var Subjects = []Subject{
	{Name: "host", Usage: "only kills on hosts of that `NAME`", Example: "web-*", texts: attributes("host.name", "oom.log_host", "k8s.node.name")},
	{Name: "namespace", Usage: "only of pods of that Kubernetes namespace `NAME`", Example: "shop", texts: attributes("k8s.namespace.name")},
	{Name: "pod", Usage: "only of that `POD`: NAME, NAMESPACE/NAME or its uid", Example: "shop/cart-*", texts: podNames},
	{Name: "container", Usage: "only of that container: its `NAME`, or its id's first six characters or more", Example: "app",
		texts: attributes("k8s.container.name", "container.name", "container.id", "oom.cgroup.container_id"), id: "container.id"},
	{Name: "unit", Usage: "only of that systemd `UNIT`; .service may be left out", Example: "nginx", texts: unitNames},
	{Name: "cgroup", Usage: "only of that cgroup `PATH` and those below it, or of any with that name in its path; the victim's or the one whose limit was hit", Example: "/system.slice", texts: cgroupNames},
	{Name: "process", Usage: "only of victims of that `NAME` (the first 15 characters of a program's name)", Example: "java", texts: attributes("process.title")},
	{Name: "cause", Usage: "only of that `CAUSE`", Example: "leak*", texts: attributes("oom.diagnosis.cause", "oom.verdict.cause", "oom.reason", "oom.warning.cause"), Values: causes()},
}

// causes are those of the kernel's kills, and the reasons of other killers.
func causes() (values []string) {
	for c := range diagnosis.Causes() {
		if c.IsPrimary() {
			values = append(values, c.String()+"\t"+c.Meaning())
		}
	}
	return append(values, "low_memory\tanother killer: the host ran low", "memory_pressure\tsystemd-oomd: processes waited for memory",
		"memory_and_swap\tsystemd-oomd: memory and swap were nearly full", "limit\tanother killer: a limit was reached")
}

func attributes(names ...string) func(*record.Record) []string {
	return func(r *record.Record) []string {
		texts := make([]string, 0, len(names))
		for _, name := range names {
			if text := r.Text(name); text != "" {
				texts = append(texts, text)
			}
		}
		return texts
	}
}

func podNames(r *record.Record) []string {
	texts := attributes("k8s.pod.name", "k8s.pod.uid", "oom.cgroup.pod_uid")(r)
	if name, namespace := r.Text("k8s.pod.name"), r.Text("k8s.namespace.name"); name != "" && namespace != "" {
		texts = append(texts, namespace+"/"+name)
	}
	return texts
}

func unitNames(r *record.Record) []string {
	texts := attributes("systemd.unit.name", "oom.cgroup.unit")(r)
	for _, text := range texts {
		if short, ok := strings.CutSuffix(text, ".service"); ok {
			texts = append(texts, short)
		}
	}
	return texts
}

// cgroupNames are a cgroup and all above it, by their paths and by their names.
func cgroupNames(r *record.Record) []string {
	var texts []string
	for _, path := range attributes("oom.victim.cgroup", "oom.cgroup.path", "oom.pressure.cgroup")(r) {
		texts = append(texts, path)
		for i := strings.LastIndexByte(path, '/'); i >= 0; i = strings.LastIndexByte(path, '/') {
			texts = append(texts, path[i+1:])
			if path = path[:i]; path != "" {
				texts = append(texts, path)
			}
		}
	}
	return texts
}

// Since leaves out what was before t, Until what was at t or later.
func (f *Filter) Since(t time.Time) { f.since = t }

// Until leaves out what was at t or later.
func (f *Filter) Until(t time.Time) { f.until = t }

// PID leaves out what is not about the process of that number.
func (f *Filter) PID(pid int64) { f.pid = pid }

// Check returns an error where no time lies in the span.
func (f *Filter) Check() error {
	if !f.since.IsZero() && !f.until.IsZero() && !f.since.Before(f.until) {
		return fmt.Errorf("--since: %s is not before --until %s: use an earlier one", f.since.Format(time.RFC3339), f.until.Format(time.RFC3339))
	}
	return nil
}

// Add adds a pattern: * is any text, ? any character. Of several patterns for one subject one has
// to match, and of each subject one. The error names flag, value and remedy.
func (f *Filter) Add(s *Subject, text string) error {
	if strings.TrimSpace(text) == "" { // a script's empty variable: not everything is wanted
		return fmt.Errorf("--%s: %q is no pattern: use one such as %q, or leave the flag out", s.Name, text, s.Example)
	}
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(text))
	f.patterns = append(f.patterns, pattern{s, text, regexp.MustCompile("(?s)^" + expression + "$")})
	return nil
}

// Asks reports whether anything is asked.
func (f *Filter) Asks() bool {
	return f != nil && (len(f.patterns) > 0 || f.pid != 0 || !f.since.IsZero() || !f.until.IsZero())
}

// About reports whether there is a pattern for the subject of that name.
func (f *Filter) About(subject string) bool {
	return f != nil && slices.ContainsFunc(f.patterns, func(p pattern) bool { return p.subject.Name == subject })
}

// Wants reports whether a record is wanted, and counts one that is not.
func (f *Filter) Wants(r *record.Record) bool {
	if f == nil {
		return true
	}
	about := f.matches(r)
	if about && f.spans(r.Time) {
		return true
	}
	if about && r.Time.IsZero() {
		f.Untimed++
	}
	f.Rest++
	return false
}

// Matches reports whether one of the records of a death is wanted; it counts nothing.
func (f *Filter) Matches(records ...*record.Record) bool {
	return f == nil || slices.ContainsFunc(records, func(r *record.Record) bool { return r != nil && f.matches(r) && f.spans(r.Time) })
}

// spans reports whether a time is in the span that is asked for. No time is in none but the whole.
func (f *Filter) spans(t time.Time) bool {
	if f.since.IsZero() && f.until.IsZero() {
		return true
	}
	return !t.IsZero() && !t.Before(f.since) && (f.until.IsZero() || t.Before(f.until))
}

// matches reports whether a record is about what is asked for, at whatever time.
func (f *Filter) matches(r *record.Record) bool {
	if f.pid != 0 && !isPID(r, f.pid) {
		return false
	}
	for i := range f.patterns {
		s := f.patterns[i].subject
		if f.asked(s, i) {
			continue // with the first of its subject
		}
		if !f.any(s, r) {
			return false
		}
	}
	return true
}

// asked reports whether a pattern before the i-th is of that subject.
func (f *Filter) asked(s *Subject, i int) bool {
	return slices.ContainsFunc(f.patterns[:i], func(p pattern) bool { return p.subject == s })
}

// any reports whether a pattern of a subject matches.
func (f *Filter) any(s *Subject, r *record.Record) bool {
	texts := s.texts(r)
	for i := range f.patterns {
		p := &f.patterns[i]
		if p.subject != s {
			continue
		}
		if slices.ContainsFunc(texts, p.match.MatchString) {
			return true
		}
		if s.id != "" && len(p.text) >= shortestID && strings.HasPrefix(r.Text(s.id), p.text) {
			return true
		}
	}
	return false
}

func isPID(r *record.Record, pid int64) bool {
	for _, name := range [...]string{"process.pid", "process.vpid"} {
		if v, ok := r.Get(name); ok && v.Int64() == pid {
			return true
		}
	}
	return false
}

// String is the filter as flags.
func (f *Filter) String() string {
	var flags []string
	if !f.since.IsZero() {
		flags = append(flags, "--since "+f.since.Format(time.RFC3339))
	}
	if !f.until.IsZero() {
		flags = append(flags, "--until "+f.until.Format(time.RFC3339))
	}
	for _, p := range f.patterns {
		flags = append(flags, "--"+p.subject.Name+" "+p.text)
	}
	if f.pid != 0 {
		flags = append(flags, "--pid "+strconv.FormatInt(f.pid, 10))
	}
	return strings.Join(flags, " ")
}

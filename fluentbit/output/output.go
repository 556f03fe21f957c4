// SPDX-License-Identifier: Apache-2.0

package output

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/killcount"
	"github.com/oomtrail/oomtrail/parser"
)

// Result is what Fluent Bit is told about a chunk, in its own numbers.
type Result int

// The results.
const (
	// Error: at least one record was refused for good; the chunk is dropped.
	Error Result = 0
	// OK: all is delivered; the chunk is done with.
	OK Result = 1
	// Retry: something is left; Fluent Bit keeps the chunk and sends it again.
	Retry Result = 2
)

// defaultTimeout is how long a try may take. Fluent Bit's exit waits for it, and is asked for 5 s
// by default.
const defaultTimeout = 4 * time.Second

// A try that waited this long in vain, or for all of its time, makes the next ones give up at once,
// for twice as long as it waited: what waits in Fluent Bit's queue must not hold up its exit for as
// many time-outs.
const slow = time.Second

// The bounds of one request.
const (
	maxBatchEvents = 500
	maxBatchBytes  = 1 << 20
)

// Output is one instance of the output. It shares nothing with other instances but the budget of
// memory, and may be called from several threads at once.
type Output struct {
	config  *Config
	log     filter.Logger
	notices *notices
	redact  *strings.Replacer
	records *filter.Filter
	target  target

	// life ends with the instance, by end; turns are taken by flights that make requests.
	life  context.Context
	end   context.CancelFunc
	turns chan struct{}

	mu         sync.Mutex
	pending    *pending
	flights    map[uint64]*flight // by the keys of their chunks
	flying     int                // the bytes of all flights
	count      counters
	kills      killcount.Counter
	reported   Metrics   // what Metrics has returned so far, without kills
	holdUntil  time.Time // no request is made before
	hastyUntil time.Time // the engine does not wait before
	inTrouble  bool      // something was said about records that wait, and not yet that they do no more
}

// Within puts the instance under a budget that it shares with others, before the first chunk comes.
func (o *Output) Within(b *parser.Budget) { o.records.Within(b) }

// New returns an instance with the given settings and writes the line at start. w is where Target
// stdout writes to.
func New(c *Config, version string, w io.Writer, log filter.Logger) (*Output, error) {
	o := &Output{config: c, redact: redactor(c), pending: newPending(), flights: make(map[uint64]*flight), turns: make(chan struct{}, maxTurns)}
	o.life, o.end = context.WithCancel(context.Background())
	o.log = func(level filter.Level, line string) { log(level, o.redact.Replace(line)) }
	o.notices = newNotices(o.log)
	var err error
	if o.records, err = filter.New(c.Records, o.log); err != nil {
		return nil, err
	}
	switch c.Target {
	case targetLoki:
		o.target, err = newLoki(c, o.notices)
	case targetElasticsearch:
		o.target, err = newElasticsearch(c)
	default:
		o.target = &stdout{w: w}
	}
	if err != nil {
		return nil, err
	}
	o.log(filter.LevelInfo, "version "+version+": "+c.String())
	for _, warning := range c.warnings() {
		o.log(filter.LevelWarn, warning)
	}
	o.records.WithoutInputs()
	return o, nil
}

// Instead returns an instance with the settings that old had when a reload suspended it, for one
// whose own settings, as far as they can be read, are wrong. It returns none where there is no old
// one, or where the new one was not to deliver to the same place.
func Instead(c *Config, old *Output, version string, w io.Writer, log filter.Logger) (*Output, error) {
	if c == nil || old == nil || !c.sameDestination(old.config) {
		return nil, nil
	}
	o, err := New(old.config, version, w, log)
	if err == nil {
		o.log(filter.LevelError, "the reload cannot be refused any more: this output goes on with its settings from before; a restart would fail: correct the settings and reload")
	}
	return o, err
}

// Flush delivers the records of one chunk. inEngine tells that the call runs in the thread of
// Fluent Bit's engine, for which all of Fluent Bit waits: then a try that takes long goes on by
// itself, Fluent Bit is told to come again, and what became of the try is the answer then. A chunk
// is done with only when all of it is delivered.
//
// A panic would take Fluent Bit down with every pipeline in it, and again when it sends the chunk
// after a restart. So it is told, and the chunk is dropped.
func (o *Output) Flush(tag, chunk []byte, inEngine bool) (result Result) {
	defer func() {
		if p := recover(); p != nil {
			o.defect(p)
			result = Error
		}
	}()
	return o.await(o.open(tag, chunk), inEngine)
}

// holds reports whether the server is to be left alone for now.
func (o *Output) holds() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Before(o.holdUntil)
}

func (o *Output) hold(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.holdUntil = time.Now().Add(d)
}

// open returns the flight of a chunk: one that is under way, or a new one.
func (o *Output) open(tag, chunk []byte) *flight {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count.chunks++
	o.count.bytes += uint64(len(chunk))
	var key uint64
	if o.pending.len() > 0 || len(o.flights) > 0 {
		key = o.pending.key(tag, chunk)
		f := o.flights[key]
		c, remembered := o.pending.take(key)
		if f == nil && remembered {
			if c.result == Retry {
				f = o.launch(key, c.events)
			} else {
				f = landed(c.result)
			}
		}
		if f != nil {
			o.count.again++
			f.awaited++
			return f
		}
	}
	events := o.read(tag, chunk)
	o.count.records += uint64(len(events))
	if len(events) == 0 {
		return landed(OK)
	}
	if key == 0 {
		key = o.pending.key(tag, chunk)
	}
	f := o.launch(key, events)
	f.awaited++
	return f
}

// read makes the events of a chunk: the filter leaves nothing but records in it. Behind another
// filter oom_kill a chunk may hold a kill's lines and its record as well, which then is told by its
// id, and is the one that is kept.
func (o *Output) read(tag, chunk []byte) []event {
	out, modified := o.records.Run(tag, chunk)
	if !modified {
		out = chunk
	}
	return o.decode(tag, out)
}

// decode makes the events of a chunk of records.
func (o *Output) decode(tag, out []byte) []event {
	var events []event
	known := make(map[string]int)
	bad, err := decodeRecords(out, o.config.Records.Accept, func(at time.Time, fields []form.KV) {
		e := newEvent(fields, at)
		if i, twice := known[e.key]; twice && e.key != "" {
			events[i] = e
			o.count.twice++
			return
		}
		known[e.key] = len(events)
		events = append(events, e)
	})
	for i := range events {
		o.kills.AddFields(events[i].text)
	}
	if bad > 0 {
		o.count.errors += uint64(bad)
		o.log(filter.LevelError, fmt.Sprintf("a chunk of tag %q holds %d values that are no log events and are left out, the first at %v", tag, bad, err))
	}
	return events
}

func (o *Output) timeout() time.Duration {
	if o.config.Timeout > 0 {
		return o.config.Timeout
	}
	return defaultTimeout
}

// settle counts and tells what became of a try. It needs o.mu.
func (o *Output) settle(d *delivery) Result {
	o.count.requests += d.requests
	o.count.delivered += d.delivered
	o.count.present += d.present
	o.count.refused += d.refused()
	for i := range d.refusals {
		o.logLost(&d.refusals[i], d.total())
	}
	o.log(filter.LevelDebug, o.count.String())
	if len(d.left) > 0 {
		o.count.retries++
		o.count.left += uint64(len(d.left))
		o.logLeft(d)
		return Retry
	}
	if o.inTrouble && d.delivered+d.present > 0 {
		o.inTrouble = false
		o.log(filter.LevelInfo, o.config.Target+" takes records again")
	}
	if len(d.refusals) > 0 {
		return Error
	}
	return OK
}

// maxIDs is how many ids one line of log names.
const maxIDs = 100

// logLost names each record that is lost, in the server's words.
func (o *Output) logLost(r *refusal, total int) {
	for ids := range slices.Chunk(r.ids, maxIDs) {
		o.log(filter.LevelError, fmt.Sprintf("%s refused %d of %d records, they are lost: %s; log.record.uid %s",
			o.config.Target, len(ids), total, r.reason, strings.Join(ids, ", ")))
	}
}

// logLeft says why records wait, and what can be done about it.
func (o *Output) logLeft(d *delivery) {
	if d.held {
		o.log(filter.LevelDebug, fmt.Sprintf("%s was too slow a moment ago: %d records will be sent again without a try now", o.config.Target, len(d.left)))
	}
	for _, t := range d.troubles {
		level := filter.LevelError // it takes a person
		if passes(t.status) {
			level = filter.LevelWarn
		}
		line := fmt.Sprintf("%s did not take %d of %d records, they will be sent again: %s", o.config.Target, len(d.left), d.total(), t.reason)
		if t.remedy != "" {
			line += "; " + t.remedy
		}
		if o.config.URL != nil {
			line += "; Url " + o.config.URL.String()
		}
		if o.notices.say(level, "status "+strconv.Itoa(t.status), line) {
			o.inTrouble = true
		}
	}
}

// Exit ends the instance: it delivers what its open reports have shown so far, waits for what is on
// its way, and tells what it counted.
func (o *Output) Exit() {
	if records := o.records.CutOff(); len(records) > 0 {
		o.mu.Lock()
		if events := o.decode(nil, records); len(events) > 0 {
			o.count.records += uint64(len(events))
			o.launch(o.pending.key(nil, records), events)
		}
		o.mu.Unlock()
	}
	o.ground()
	o.records.Exit()
	o.target.close()
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := o.pending.waiting(); n > 0 {
		o.log(filter.LevelWarn, fmt.Sprintf("%d chunks wait to be sent again: they are kept only where storage.type is filesystem", n))
	}
	o.log(filter.LevelInfo, o.count.String())
}

// Suspend ends the instance and keeps what it holds for [Output.After]: a hot reload makes another
// one in its place.
func (o *Output) Suspend() {
	o.ground()
	if !o.records.Suspend() {
		o.records.Exit()
		o.records = nil
	}
	o.target.close()
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := o.pending.waiting(); n > 0 {
		o.log(filter.LevelInfo, fmt.Sprintf("%d chunks wait to be sent again: their records are, after the reload, where the settings are the same", n))
	}
	o.log(filter.LevelInfo, o.count.String())
}

// After gives the instance, which is new, what old held when it was suspended, where their settings
// are the same. What waited is sent at once: a chunk in memory does not outlive a reload, so that
// Fluent Bit may not send it again.
func (o *Output) After(old *Output) {
	if !reflect.DeepEqual(o.config, old.config) {
		if old.records != nil {
			old.records.Exit()
		}
		if n := old.pending.waiting(); n > 0 {
			o.log(filter.LevelWarn, fmt.Sprintf("the settings are others than before the reload: %d chunks wait to be sent again, and are kept only where storage.type is filesystem", n))
		}
		return
	}
	if old.records != nil {
		o.records = o.records.After(old.records)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pending = old.pending
	for _, c := range o.pending.takeWaiting() {
		o.launch(c.key, c.events)
	}
}

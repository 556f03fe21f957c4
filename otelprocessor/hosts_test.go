package oomkillprocessor

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/parser"
)

// TestEveryCaptureAmongOthers runs all bundled captures at once, a host each, in batches of any size that are refused
// now and then: each host's records are those that the parser makes of its capture alone.
func TestEveryCaptureAmongOthers(t *testing.T) {
	files, err := filepath.Glob("../testdata/captures/*/*/kmsg.raw")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	lines := make(map[string][]string)
	want := make(map[string][]string)
	options := createDefaultConfig().(*Config).options()
	options.ReportTimeout = time.Hour // the lines come all at once here: only what they say may close a report
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range bytes.Lines(raw) {
			lines[file] = append(lines[file], string(bytes.TrimSuffix(line, []byte("\n"))))
		}
		require.NoError(t, parser.ReadAll(bytes.NewReader(raw), options, func(r *parser.Record) error {
			want[file] = append(want[file], r.Text("event.name")+" "+r.Text("log.record.uid"))
			return nil
		}))
	}

	sink := new(consumertest.LogsSink)
	var calls atomic.Int64
	closing := false
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if !closing && calls.Add(1)%3 == 0 {
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, func(c *Config) { c.ReportTimeout = time.Hour })
	random := rand.New(rand.NewPCG(1, 2))
	for left := len(lines); left > 0; { // a capture of nothing has no lines

		ld := plog.NewLogs()
		for range 1 + random.IntN(20) {
			file := files[random.IntN(len(files))]
			n := min(1+random.IntN(40), len(lines[file]))
			if n == 0 {
				continue
			}
			addHost(ld, file, lines[file][:n]...)
			if lines[file] = lines[file][n:]; len(lines[file]) == 0 {
				left--
			}
		}
		for p.ConsumeLogs(context.Background(), ld) != nil {
		}
	}
	closing = true
	require.NoError(t, p.Shutdown(context.Background()))

	got := make(map[string][]string)
	ours, _ := split(sink.AllLogs()...)
	for _, r := range ours {
		file := r.resource["host.name"].(string)
		got[file] = append(got[file], fmt.Sprint(r.attrs["event.name"], " ", r.attrs["log.record.uid"]))
	}
	for _, file := range files {
		assert.Equal(t, want[file], got[file], file)
	}
}

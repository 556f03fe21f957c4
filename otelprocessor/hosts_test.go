// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/parser"
)

// captures returns the files of the bundled captures, and the lines of each.
func captures(t *testing.T) (files []string, lines map[string][]string) {
	return capturesOf(t, "kmsg.raw")
}

// capturesOf returns the files of the bundled captures that have a name, and the lines of each.
func capturesOf(t *testing.T, name string) (files []string, lines map[string][]string) {
	files, err := filepath.Glob("../testdata/captures/*/*/" + name)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	lines = make(map[string][]string)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range bytes.Lines(raw) {
			lines[file] = append(lines[file], string(bytes.TrimSuffix(line, []byte("\n"))))
		}
	}
	return files, lines
}

// TestEachBatchIsRefusedOnce: the bundled captures, cut into batches at each line, make the same
// records and pass the same lines whether or not the next component refuses each batch once before
// it takes it.
func TestEachBatchIsRefusedOnce(t *testing.T) {
	files, lines := captures(t)
	for _, mode := range modes {
		for _, size := range []int{1, 3, 50} {
			if mode != modeReplace && size > 1 { // replace changes most: the sizes are tried with it
				continue
			}
			for _, file := range files {
				want := sent(t, mode, size, lines[file], 0)
				require.Equal(t, want, sent(t, mode, size, lines[file], 1), "%s, %s in batches of %d", file, mode, size)
			}
		}
	}
}

// sent returns what comes out of a processor that is given lines in batches of a size, each of
// which is refused as often as is said: of each log record its body and all its attributes.
func sent(t *testing.T, mode string, size int, lines []string, refusals int) (out []string) {
	sink := new(consumertest.LogsSink)
	left, closing := refusals, false
	next, err := newNext(func(ctx context.Context, ld plog.Logs) error {
		if left > 0 && !closing {
			left--
			return errRefused
		}
		return sink.ConsumeLogs(ctx, ld)
	})
	require.NoError(t, err)
	p := start(t, next, func(c *Config) { c.Mode, c.ReportTimeout, c.IncludeLogRecordOriginal = mode, time.Hour, true })
	for from := 0; from < len(lines); from += size {
		left = refusals
		ld := fromHost("node-1", lines[from:min(from+size, len(lines))]...)
		for p.ConsumeLogs(context.Background(), ld) != nil {
		}
	}
	closing = true
	require.NoError(t, p.Shutdown(context.Background()))
	ours, others := split(sink.AllLogs()...)
	for _, r := range ours {
		out = append(out, fmt.Sprintln(r.lr.Body().Str(), r.lr.Timestamp(), r.resource, r.attrs))
	}
	return append(out, others...)
}

// TestEveryCaptureAmongOthers runs all bundled captures at once, a host each, in batches of any
// size that are refused now and then: each host's records are those that the parser makes of its
// capture alone.
func TestEveryCaptureAmongOthers(t *testing.T) {
	files, lines := captures(t)
	want := make(map[string][]string)
	options := createDefaultConfig().(*Config).options()
	options.ReportTimeout = time.Hour // the lines come all at once here: only what they say may close a report
	for _, file := range files {
		raw := strings.NewReader(strings.Join(lines[file], "\n") + "\n")
		require.NoError(t, parser.ReadAll(raw, options, func(r *parser.Record) error {
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

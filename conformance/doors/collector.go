package doors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/conformance/contract"
)

// Collector runs the built collector with a configuration until it has written as many records as are waited for, or
// until it has been quiet for a while, and returns them. In the configuration OUT stands for the file that the file exporter writes.
func Collector(binary, dir, config string, records int) ([]contract.Record, error) {
	out := filepath.Join(dir, "out.jsonl")
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(config, "OUT", out)), 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	var log bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, "--config", file)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	got, err := await(ctx, out, records, ended)
	if err != nil {
		return nil, fmt.Errorf("%w; the collector said:\n%s", err, log.String())
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return nil, err
	}
	<-ended
	// What the collector wrote while it stopped counts too: a report that was still open.
	if got, err = readOTLP(out); err != nil {
		return nil, err
	}
	return got, nil
}

// await polls the output until it holds enough records and a moment more, in which one too many would come.
func await(ctx context.Context, out string, records int, ended chan error) (got []contract.Record, err error) {
	for {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("the collector ended by itself: %v", err)
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d records came in time", len(got), records)
		case <-time.After(300 * time.Millisecond):
		}
		if got, err = readOTLP(out); err != nil {
			return nil, err
		}
		if len(got) >= records {
			time.Sleep(time.Second)
			return got, nil
		}
	}
}

// readOTLP reads the records that the file exporter wrote, one OTLP JSON message a line.
func readOTLP(file string) (records []contract.Record, err error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, line := range bytes.Split(data, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(line)
		if err != nil {
			continue // the newest line may be half written
		}
		records = append(records, fromLogs(logs)...)
	}
	return records, nil
}

// fromLogs maps log records back to the contract: resource attributes and log attributes together.
func fromLogs(logs plog.Logs) (records []contract.Record) {
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, lr := range sl.LogRecords().All() {
				if name, ok := lr.Attributes().Get("event.name"); !ok || !strings.HasPrefix(name.Str(), "oom.") {
					continue
				}
				r := contract.Record{"body": lr.Body().Str()}
				for name, v := range rl.Resource().Attributes().All() {
					if name != "os.type" {
						r[name] = v.AsRaw()
					}
				}
				for name, v := range lr.Attributes().All() {
					r[name] = v.AsRaw()
				}
				records = append(records, r)
			}
		}
	}
	return records
}

// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
)

// Collector runs the built collector with a configuration until it has written as many records as
// are waited for, and returns what it wrote. In the configuration OUT stands for the file that the
// file exporter writes.
func Collector(binary, dir, config string, records int) ([]contract.Record, error) {
	out := filepath.Join(dir, "out.jsonl")
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(config, "OUT", out)), 0o600); err != nil {
		return nil, err
	}
	return runUntil(exec.Command(binary, "--config", file), records, func() ([]contract.Record, error) { return readOTLP(out) })
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

// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
)

// FluentBit is a Fluent Bit with the filter in it.
type FluentBit struct {
	// Program is Fluent Bit, Plugin the filter's .so.
	Program, Plugin string
	// Kmsg stands in for /dev/kmsg, in a mount namespace of the process's own; "" for the
	// machine's.
	Kmsg string
	// Settings are further settings of the filter, a line each.
	Settings string
}

// Run runs Fluent Bit with inputs, given as a configuration's [INPUT] sections, until it has
// printed as many records as are waited for, and returns what it printed.
func (f FluentBit) Run(dir, inputs string, records int) ([]contract.Record, error) {
	config, out := filepath.Join(dir, "fluent-bit.conf"), filepath.Join(dir, "out.jsonl")
	plugins := filepath.Join(dir, "plugins.conf")
	text := fmt.Sprintf(`[SERVICE]
    Flush 0.5
    Grace 2
    Plugins_File %s
%s
[FILTER]
    Name oom_kill
    Match *
    Format flat
    Mode only
%s
[OUTPUT]
    Name stdout
    Match *
    Format json_lines
    Json_Date_Key false
`, plugins, inputs, f.Settings)
	for file, content := range map[string]string{config: text, plugins: "[PLUGINS]\n    Path " + f.Plugin + "\n"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	stdout, err := os.Create(out)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stdout.Close() }() // the program has its own
	cmd := f.command(config)
	cmd.Stdout = stdout
	return runUntil(cmd, records, func() ([]contract.Record, error) { return readJSONLines(out) })
}

// command is how Fluent Bit is started.
func (f FluentBit) command(config string) *exec.Cmd {
	if f.Kmsg == "" {
		return exec.Command(f.Program, "-c", config)
	}
	cmd := exec.Command("sh", "-c", `mount --make-rprivate / && mount --bind "$0" /dev/kmsg && exec "$1" -c "$2"`, f.Kmsg, f.Program, config)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	return cmd
}

// readJSONLines reads the records among the lines of a file.
func readJSONLines(file string) (records []contract.Record, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(data) {
		if !bytes.HasPrefix(line, []byte("{")) || !bytes.HasSuffix(line, []byte("\n")) {
			continue // Fluent Bit's own words, or a line half written
		}
		r, err := contract.FromJSON(line)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		delete(r, "__internal__") // where Fluent Bit from 4.0.2 on prints an event's metadata: the mark
		if name, _ := r["event.name"].(string); strings.HasPrefix(name, "oom.") {
			records = append(records, r)
		}
	}
	return records, nil
}

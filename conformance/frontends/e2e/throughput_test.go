// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestThroughput sends lines that are no kernel's through Fluent Bit, in turn without a filter,
// with oom_kill, with its mode only, and with Fluent Bit's own grep, which decodes each record. It
// only tells what it measured: processor time, since Fluent Bit ends on a timer of whole seconds.
func TestThroughput(t *testing.T) {
	program := fluentBit()
	lines, _ := strconv.Atoi(os.Getenv("OOMTRAIL_LINES"))
	need(t, program != "" && lines > 0, "Fluent Bit and a number of lines, OOMTRAIL_LINES=10000000")
	plugins, err := pluginDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "access.log")
	size := writeAccessLog(t, file, lines)
	took := make(map[string][]time.Duration)
	filters := []string{"none", "oom_kill", "only", "grep"}
	settings := map[string]string{"oom_kill": "[FILTER]\n Name oom_kill\n Match *\n", "only": "[FILTER]\n Name oom_kill\n Match *\n Mode only\n",
		"grep": "[FILTER]\n Name grep\n Match *\n Exclude log Killed.process\n"}
	for range 7 {
		for _, name := range filters {
			took[name] = append(took[name], passLog(t, program, dir, plugins, file, settings[name]))
		}
	}
	t.Logf("%d records, %d MB; medians of processor time, and of the rate as a ratio to that of the same round without a filter", lines, size>>20)
	for _, name := range filters {
		var ratios []float64
		for round := range took[name] {
			ratios = append(ratios, took["none"][round].Seconds()/took[name][round].Seconds())
		}
		times := slices.Sorted(slices.Values(took[name]))
		slices.Sort(ratios)
		last := len(ratios) - 1
		t.Logf("%-8s %6.2f s, %.3f (%.3f to %.3f)", name, times[last/2].Seconds(), ratios[last/2], ratios[0], ratios[last])
	}
}

// passLog sends a file through Fluent Bit and returns the processor time that took.
func passLog(t *testing.T, program, dir, plugins, file, filter string) time.Duration {
	t.Helper()
	pluginsFile, config := filepath.Join(dir, "plugins.conf"), filepath.Join(dir, "pass.conf")
	os.WriteFile(pluginsFile, []byte(fmt.Sprintf("[PLUGINS]\n    Path %s/flb-filter_oom_kill.so\n", plugins)), 0o600)
	text := fmt.Sprintf("[SERVICE]\n Flush 0.2\n Grace 1\n Plugins_File %s\n[INPUT]\n Name tail\n Tag app\n Path %s\n Read_From_Head true\n Exit_On_Eof true\n%s[OUTPUT]\n Name null\n Match *\n", pluginsFile, file, filter)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-c", config)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "[error]") {
		t.Fatalf("%v\n%s", err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// writeAccessLog writes a file of lines and returns its size.
func writeAccessLog(t *testing.T, path string, lines int) int64 {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range lines {
		fmt.Fprintf(w, "10.0.%d.%d GET /api/v1/items/%d HTTP/1.1 200 %d\n", i%256, i%251, i, i*7%9999)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	size, _ := f.Seek(0, 1)
	f.Close()
	return size
}

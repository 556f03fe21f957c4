// SPDX-License-Identifier: Apache-2.0

package equality

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/oomtrail/oomtrail/conformance/corpus/witnesscases"
	"github.com/oomtrail/oomtrail/conformance/oracle/contract"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/record"
)

// Witnesses returns the logs of other killers and of witnesses: the journals and the texts of the
// captures of real kills, and the cases in each of their formats. The first line of each is its
// number, since equal files are one to readers that know a file by how it begins; the last one is a
// day later, so that nothing waits after it. Each has a host and a boot of its own: what the logs
// of one host say meets.
func Witnesses(testdata string) (logs []witnesscases.Log, err error) {
	if logs, err = witnesscases.Logs(filepath.Join(testdata, "witness-cases")); err != nil {
		return nil, err
	}
	for file, dayLater := range map[string]func(log []byte) ([]byte, error){"journal.json": entryADayLater, "short.txt": LineADayLater} {
		paths, err := filepath.Glob(filepath.Join(testdata, "witnesses", "*", file))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			last, err := dayLater(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			logs = append(logs, witnesscases.Log{
				Name: filepath.Base(filepath.Dir(path)) + ": " + file, Text: append(text, last...),
				Options: parser.Options{Location: time.UTC, Reference: time.Now}, // as programs that run now date a stamp without a year
			})
		}
	}
	for i := range logs {
		text := hostName.ReplaceAll(logs[i].Text, fmt.Appendf(nil, "n%05d", i))
		text = bootID.ReplaceAll(text, fmt.Appendf(nil, `"_BOOT_ID":"%032x"`, 1+i))
		logs[i].Text = append(fmt.Appendf(nil, "# log %d\n", i), text...)
	}
	return logs, nil
}

// hostName and bootID are what the logs say of the machine that wrote them. Another name must be as
// long: journalctl aligns the further lines of an entry.
var (
	hostName = regexp.MustCompile(`\bnode-[0-9]\b`)
	bootID   = regexp.MustCompile(`"_BOOT_ID":"[0-9a-f]{32}"`)
)

// entryADayLater makes an entry, a day after the last one of a journal.
func entryADayLater(journal []byte) ([]byte, error) {
	lines := bytes.Split(bytes.TrimSpace(journal), []byte("\n"))
	var entry map[string]any
	if err := json.Unmarshal(lines[len(lines)-1], &entry); err != nil {
		return nil, err
	}
	made := map[string]any{"_TRANSPORT": "stdout", "SYSLOG_IDENTIFIER": "app", "SYSLOG_FACILITY": "3", "PRIORITY": "6", "_PID": "4100", "_COMM": "app", "_SYSTEMD_UNIT": "app.service", "MESSAGE": witnesscases.LastWord}
	if bytes.Contains(journal, []byte("invoked oom-killer")) { // it ends the kernel's report
		made = map[string]any{"_TRANSPORT": "kernel", "SYSLOG_IDENTIFIER": "kernel", "SYSLOG_FACILITY": "0", "PRIORITY": "6", "MESSAGE": witnesscases.LastWord}
	}
	for _, name := range []string{"_BOOT_ID", "_MACHINE_ID", "_HOSTNAME"} {
		made[name] = entry[name]
	}
	for _, name := range []string{"__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP"} {
		text, _ := entry[name].(string)
		us, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, err
		}
		made[name] = strconv.FormatInt(us+(24*time.Hour).Microseconds(), 10)
	}
	line, err := json.Marshal(made)
	return append(line, '\n'), err
}

// LineADayLater makes a line, a day after the last one of a text.
func LineADayLater(text []byte) ([]byte, error) {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	last := lines[len(lines)-1]
	if len(last) < len(time.Stamp) {
		return nil, fmt.Errorf("no stamp: %q", last)
	}
	at, err := time.Parse(time.Stamp, string(last[:len(time.Stamp)]))
	if err != nil {
		return nil, err
	}
	host, _, _ := bytes.Cut(last[len(time.Stamp)+1:], []byte(" "))
	by := "app[4100]"
	if bytes.Contains(text, []byte("invoked oom-killer")) {
		by = "kernel"
	}
	return fmt.Appendf(nil, "%s %s %s: %s\n", at.Add(24*time.Hour).Format(time.Stamp), host, by, witnesscases.LastWord), nil
}

// Choice are the settings by which witnesses make records.
type Choice struct {
	Sigkill      bool
	Observations parser.Observations
}

func (c Choice) String() string {
	return fmt.Sprintf("sigkill %t, observations %s", c.Sigkill, parser.ObservationNames()[c.Observations])
}

// Choices returns all of them.
func Choices() (all []Choice) {
	for _, o := range []parser.Observations{parser.ObservationsUnmatched, parser.ObservationsAll, parser.ObservationsNone} {
		all = append(all, Choice{false, o}, Choice{true, o})
	}
	return all
}

// Of returns what the parser makes of a log whose source is known to be source.
func (c Choice) Of(log *witnesscases.Log, source parser.TrustedSource) (records []contract.Record, err error) {
	o := log.Options
	o.Sigkill, o.Observations, o.TrustedSource = c.Sigkill, c.Observations, source
	err = parser.ReadAll(bytes.NewReader(log.Text), o, func(r *record.Record) error {
		one, err := contract.FromJSON(r.AppendJSON(nil))
		records = append(records, one)
		return err
	})
	return records, err
}

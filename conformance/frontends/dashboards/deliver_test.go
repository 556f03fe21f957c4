// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.yaml.in/yaml/v3"

	"github.com/oomtrail/oomtrail/conformance/frontends/backends"
	"github.com/oomtrail/oomtrail/fluentbit/fbtest"
	"github.com/oomtrail/oomtrail/fluentbit/filter"
	"github.com/oomtrail/oomtrail/fluentbit/form"
	"github.com/oomtrail/oomtrail/fluentbit/output"
	"github.com/oomtrail/oomtrail/otelreceiver/oomlogs"
	"github.com/oomtrail/oomtrail/parser/record"
)

// otlp sends records as the collector does with a configuration of otelreceiver/examples: with the
// resource of its receiver and the headers of its exporter.
func otlp(t *testing.T, example, url string, records []*record.Record) {
	t.Helper()
	var shipped struct {
		Receivers map[string]struct{ Resource map[string]string }
		Exporters map[string]struct{ Headers map[string]string }
	}
	if err := yaml.Unmarshal(content(t, top+"otelreceiver/examples/"+example), &shipped); err != nil {
		t.Fatal(err)
	}
	logs := plog.NewLogs()
	for _, r := range records {
		base := pcommon.NewMap()
		for name, value := range shipped.Receivers["oom_kill"].Resource {
			base.PutStr(name, strings.ReplaceAll(value, "${env:NODE_NAME}", get(r, "host.name")))
		}
		oomlogs.Append(logs, r, oomlogs.Options{Observed: time.Now(), Base: base})
	}
	body, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	if err != nil {
		t.Fatal(err)
	}
	if len(shipped.Exporters) != 1 {
		t.Fatalf("%s has %d exporters", example, len(shipped.Exporters))
	}
	for _, exporter := range shipped.Exporters {
		headers := map[string]string{"Content-Type": "application/x-protobuf"}
		maps.Copy(headers, exporter.Headers)
		post(t, url, headers, body)
	}
}

// fluentBitHTTP sends records by a real Fluent Bit: events as the filter and the input make them
// with Format flat, and its own output http, as docs/dashboards.md says.
func fluentBitHTTP(t *testing.T, url string, records []*record.Record) {
	t.Helper()
	program := backends.Program(t, "FLUENT_BIT", "fluent-bit", "")
	dir, port := t.TempDir(), url[strings.LastIndexByte(url, ':')+1:]
	for name, text := range map[string]string{
		"records.jsonl": string(lines(records)),
		"parsers.conf":  "[PARSER]\n    Name records\n    Format json\n    Time_Key time\n    Time_Format %Y-%m-%dT%H:%M:%SZ\n",
		"fluent-bit.conf": `[SERVICE]
    Flush 0.2
    Grace 1
    Parsers_File ` + dir + `/parsers.conf
[INPUT]
    Name tail
    Path ` + dir + `/records.jsonl
    Read_From_Head on
    Parser records
    Tag oom
    Buffer_Chunk_Size 256k
    Buffer_Max_Size 256k
[OUTPUT]
    Name http
    Match oom
    Host 127.0.0.1
    Port ` + port + `
    Uri /insert/jsonline?_stream_fields=host.name&_msg_field=body&_time_field=date
    Format json_lines
    Json_Date_Format iso8601
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	cmd := exec.Command(program, "-c", filepath.Join(dir, "fluent-bit.conf"))
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("Fluent Bit says:\n%s", said.Bytes())
		}
	})
}

// fluentBit sends records of Format flat by the output of Fluent Bit with these settings, key and
// value by turns.
func fluentBit(t *testing.T, records []*record.Record, settings ...string) {
	t.Helper()
	c, err := output.ParseConfig(func(key string) string {
		for i := 0; i < len(settings); i += 2 {
			if strings.EqualFold(settings[i], key) {
				return settings[i+1]
			}
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	o, err := output.New(c, "test", nil, func(_ filter.Level, line string) { said.WriteString(line + "\n") })
	if err != nil {
		t.Fatal(err)
	}
	defer o.Exit()
	var events []fbtest.Event
	for _, r := range records {
		events = append(events, fbtest.Event{Time: r.Time, Metadata: []form.KV{{Key: "oomtrail", Value: []byte(record.Version)}}, Record: form.Map(r, form.Flat)})
	}
	if got := o.Flush([]byte("oom"), fbtest.Chunk(events...), false); got != output.OK {
		t.Fatalf("result %d: %s", got, said.String())
	}
}

// jsonLines sends records as `oomtrail -o json` prints them.
func jsonLines(t *testing.T, url string, records []*record.Record) {
	t.Helper()
	post(t, url+"/insert/jsonline?_stream_fields=host.name&_msg_field=body&_time_field=time", map[string]string{"Content-Type": "application/stream+json"}, lines(records))
}

// lines are records as JSON lines.
func lines(records []*record.Record) (text []byte) {
	for _, r := range records {
		text = append(r.AppendJSON(text), '\n')
	}
	return text
}

func post(t *testing.T, url string, headers map[string]string, body []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s: %s: %s: %v", url, res.Status, answer, err)
	}
}

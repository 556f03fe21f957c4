// SPDX-License-Identifier: Apache-2.0

package backends

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"testing"
)

// ask asks the API of Prometheus, which vmalert and Loki have as well, and reads the data of the
// answer.
func ask(t testing.TB, address string, values url.Values, data any) {
	t.Helper()
	if values != nil {
		address += "?" + values.Encode()
	}
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s, %s: %s: %s: %v", address, values.Get("query"), res.Status, body, err)
	}
	answer := struct{ Data any }{data}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s, %s: %v: %s", address, values.Get("query"), err, body)
	}
}

// Sample is one element of the answer to a metric query.
type Sample struct {
	Metric map[string]string
	Value  float64
}

// samples returns what a metric query gives now.
func samples(t testing.TB, address, query string) (list []Sample) {
	t.Helper()
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
	}
	ask(t, address, url.Values{"query": {query}}, &data)
	for _, r := range data.Result {
		value, err := strconv.ParseFloat(fmt.Sprint(r.Value[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Sample{r.Metric, value})
	}
	return list
}

// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRealSupervisors reads what the real programs wrote. In each log one worker got kill -9. In
// gunicorn's another worker was stopped, so that gunicorn killed it; in supervisord's another
// program ignored SIGTERM.
func TestRealSupervisors(t *testing.T) {
	for file, want := range map[string][]string{
		"gunicorn-20.1.0.log":   {"gunicorn 21665", "gunicorn 21711 worker_timeout"},
		"supervisord-4.2.5.log": {"supervisord 22110", "supervisord 22109 stop_timeout"},
		"nginx-1.22.1.log":      {"nginx 23661"},
		"celery-5.2.6.log":      {"celery 14078"},
		"php-fpm-8.2.36.log":    {"php-fpm 13358"},
		"postgresql-15.18.log":  {"postgresql 23134"},
	} {
		log, err := os.ReadFile(filepath.Join("testdata", "supervisors", file))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range readDeaths(t, Author{}, strings.Split(strings.TrimSpace(string(log)), "\n")...) {
			got = append(got, strings.TrimSpace(fmt.Sprintln(f.Writer, f.Keys.VPID, f.Reason)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

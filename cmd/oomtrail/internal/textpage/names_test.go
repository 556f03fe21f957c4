// SPDX-License-Identifier: Apache-2.0

package textpage_test

import (
	"os"
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/cmd/oomtrail/internal/textpage"
	"github.com/oomtrail/oomtrail/internal/diagnosis"
	"github.com/oomtrail/oomtrail/internal/kill"
	"github.com/oomtrail/oomtrail/parser"
	"github.com/oomtrail/oomtrail/parser/report"
)

// pageOf is the page of the last kill of a capture, whose workloads have names.
func pageOf(t *testing.T, capture string, names func(report.Workload) report.Names) string {
	t.Helper()
	log, err := os.Open("../../../../testdata/captures/" + capture + "/kmsg.raw")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var text string
	diagnoser := diagnosis.Diagnoser{Names: names}
	opt := parser.Options{Names: names, UserNames: true, Transport: parser.FormatKmsg}
	err = parser.ReadReports(log, opt, parser.Handler{Event: func(e *report.Event, r *parser.Record) error {
		d := diagnoser.Diagnose(e.Report, e.Victim())
		p := textpage.Of(kill.Kill{Event: e, Record: r, Diagnosis: &d}, textpage.Options{})
		text = string(p.News) + string(p.Rest)
		return nil
	}})
	if err != nil || text == "" {
		t.Fatal(err)
	}
	return text
}

// TestNames: a page calls a workload by its names, and gives its ids beside them.
func TestNames(t *testing.T) {
	names := func(w report.Workload) report.Names {
		switch {
		case w.UserID != "":
			return report.Names{User: "user" + w.UserID}
		case w.PodUID != "" && w.ContainerID != "":
			return report.Names{Namespace: "shop", Pod: "cart-0", Container: "app", RestartCount: 3, HasRestartCount: true, Image: "shop/cart:1.4"}
		case w.PodUID != "":
			return report.Names{Namespace: "shop", Pod: "cart-0"}
		case w.ContainerID != "":
			return report.Names{ContainerName: "shop-db-1", Image: "redis:7", ComposeProject: "shop", ComposeService: "db"}
		}
		return report.Names{}
	}
	doubt := func(report.Workload) report.Names { return report.Names{Doubt: "two directories have this uid"} }
	for _, c := range []struct {
		capture string
		names   func(report.Workload) report.Names
		want    []string
	}{
		{"6.12/e_k8s_systemd", names, []string{
			"Container app of pod shop/cart-0 reached its memory limit of ", "  container      app (containerd), restarted 3 times before\n", "  container id   ", "  image          shop/cart:1.4\n", "  pod            shop/cart-0 (", "  pod uid        ",
		}},
		{"6.12/e_k8s_cgroupfs_pod", names, []string{"Pod shop/cart-0 reached its memory limit of 24 MiB", "the containers of pod shop/cart-0 (the", "  container      app, restarted 3"}},
		{"6.12/e_docker_systemd", names, []string{"Container shop-db-1 reached its memory limit", "  container      shop-db-1 (docker)\n  container id   ", "  image          redis:7\n", "  service        db, Compose project shop\n"}},
		{"6.12/e_service", names, []string{" (user"}},
		{"6.12/e_k8s_systemd", doubt, []string{"  doubt          two directories have this uid\n", "Container "}},
	} {
		got := pageOf(t, c.capture, c.names)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q:\n%s", c.capture, want, got)
			}
		}
	}
}

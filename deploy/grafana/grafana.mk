# SPDX-License-Identifier: Apache-2.0

# Dashboards for Grafana. Included by the Makefile.

GRAFANA = cd deploy/grafana && GOWORK=off GOFLAGS=

.PHONY: dashboards check-dashboards

## dashboards: write the dashboards of deploy/grafana anew
dashboards:
	$(GRAFANA) go run . .

## check-dashboards: the dashboards are as written; every panel and alert in real stores (LOKI=)
check-dashboards:
	$(GRAFANA) go test .
	@test -n "$$LOKI" || command -v loki >/dev/null || echo "NOT RUN: the dashboard and the alerts for Loki: there is no loki on the PATH, and LOKI does not name one"
	$(if $(LOKI)$(FLUENT_BIT),go test -count=1 -v,go test) ./conformance/frontends/dashboards

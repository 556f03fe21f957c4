# SPDX-License-Identifier: Apache-2.0

# Grafana Loki for the tests that ask for it. Included by the Makefile.

.PHONY: loki loki-check

## loki: build the real Loki and lokitool for `make loki-check` (ten minutes, 3 GB of memory)
loki: build/loki build/lokitool

build/loki build/lokitool: conformance/frontends/backends/loki/go.mod
	@mkdir -p build
	cd $(<D) && GOWORK=off GOFLAGS= go build -p 1 -o $(CURDIR)/$@ github.com/grafana/loki/v3/cmd/$(@F)

## loki-check: the worst captures, the alerts and a host that lags, in a real Loki with its default limits
loki-check: loki collector-slim plugin
	go test -count=1 -v ./conformance/stress/faults -run Loki -loki

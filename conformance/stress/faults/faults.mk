# SPDX-License-Identifier: Apache-2.0

# The collector and Fluent Bit under faults. Included by the Makefile.

.PHONY: faults loki-check

## faults: kills in and distinct ids out under every fault, as one table (25 minutes)
faults: collector-slim plugin
	@out=$$(go test -count=1 -timeout 60m -v ./conformance/stress/faults -full 2>&1); status=$$?; \
	echo "$$out" | grep -v '^=== \|^ *--- PASS'; exit $$status

## loki-check: captures, alerts and a host that lags, in a real Loki (LOKI=, LOKITOOL=)
loki-check: collector-slim plugin
	@test -n "$$LOKI" || command -v loki >/dev/null || echo "NOT RUN: there is no loki on the PATH, and LOKI does not name one"
	go test -count=1 -v ./conformance/stress/faults -run Loki

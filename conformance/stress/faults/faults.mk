# SPDX-License-Identifier: Apache-2.0

# The collector and Fluent Bit under faults. Included by the Makefile.

.PHONY: faults

## faults: kills in and distinct ids out under every fault, as one table (25 minutes; as root also the real kernel's kills)
faults: collector-slim plugin
	@out=$$(go test -count=1 -timeout 60m -v ./conformance/stress/faults -full 2>&1); status=$$?; \
	echo "$$out" | grep -v '^=== \|^ *--- PASS'; exit $$status

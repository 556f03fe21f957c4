# SPDX-License-Identifier: Apache-2.0

# Several gateways and thousands of hosts. Included by the Makefile.

.PHONY: scale

## scale: 10,000 hosts, three gateways, one killed and one added, as one table (2 minutes)
scale: collector collector-slim
	@$(call table,go test -count=1 -timeout 30m -v ./conformance/stress/fleet -full)

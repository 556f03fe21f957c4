# SPDX-License-Identifier: Apache-2.0

# What is deployed on Kubernetes. Included by the Makefile.

CHECK_DEPLOY = cd conformance/deploy && GOWORK=off GOFLAGS= go test -count=1

.PHONY: check-deploy

## check-deploy: the Kubernetes manifests against the API (FLUENT_BIT_CHART=, OTEL_CHART=)
check-deploy:
	$(CHECK_DEPLOY) ./manifests
	@$(if $(FLUENT_BIT_CHART)$(OTEL_CHART),$(CHECK_DEPLOY) -v ./charts,echo "NOT RUN: the values in the official charts: FLUENT_BIT_CHART and OTEL_CHART do not name their directories")

# SPDX-License-Identifier: Apache-2.0

# What is deployed: on Kubernetes, and in stores. Included by the Makefile.

CHECK_DEPLOY = cd conformance/deploy && GOWORK=off GOFLAGS= go test -count=1

.PHONY: check-deploy run-deploy check-alerts prometheus-rules

## check-deploy: the Kubernetes manifests against the API (FLUENT_BIT_CHART=, OTEL_CHART=)
check-deploy:
	$(CHECK_DEPLOY) ./manifests
	@$(if $(FLUENT_BIT_CHART)$(OTEL_CHART),$(CHECK_DEPLOY) -v ./charts,echo "NOT RUN: the values in the official charts: FLUENT_BIT_CHART and OTEL_CHART do not name their directories")

## run-deploy: the pods of deploy under runc, with real kills (root; FLUENT_BIT=, OTEL_CHART=…)
run-deploy:
	$(MAKE) --no-print-directory $(PACKAGES_TREE)
	$(MAKE) --no-print-directory images IMAGES_ARCH=$(shell go env GOHOSTARCH) IMAGES_DIR=build/images-here
	$(CHECK_DEPLOY) -v ./container -images '$(CURDIR)/build/images-here' -tree '$(CURDIR)/$(PACKAGES_TREE)'

## check-alerts: the alerts for Prometheus, in a real one (PROMTOOL=, PROMETHEUS=)
check-alerts: collector-slim
	go test -count=1 -v ./conformance/frontends/stores -run 'Rules|Prometheus'

## prometheus-rules: write the alerts anew as objects for the Prometheus operator
prometheus-rules:
	$(CHECK_DEPLOY) ./manifests -run TestPrometheusRules -update

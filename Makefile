# SPDX-License-Identifier: Apache-2.0

# oomtrail. `make` lists the targets: a newcomer's first, then a maintainer's.

.DEFAULT_GOAL := help
SHELL := /bin/sh
STEP := @sh .ci/step
# Runs a test that prints a table, and prints the table and what failed.
table = out=$$($(1)); status=$$?; echo "$$out" | grep -v '^=== \|^ *--- PASS'; exit $$status

# The captures and labelled logs that check-captures and check-logs read.
CAPTURES ?= $(CURDIR)/testdata/captures
LOGS ?= $(CURDIR)/testdata/logs
# How long each fuzz target runs in make fuzz.
FUZZTIME ?= 10m

GOLANGCI_VERSION := v2.15.0
GOLANGCI := build/bin/golangci-lint-$(GOLANGCI_VERSION)
# What golangci-lint keeps names files of the clone that it was kept for: each clone has its own.
export GOLANGCI_LINT_CACHE ?= $(CURDIR)/build/cache/golangci-lint

# Packages whose tests need nothing built. The rest of conformance does.
UNITS := ./parser/... ./workload/... ./internal/... ./cmd/... ./fluentbit/... ./otelreceiver/... ./otelprocessor/... ./watch/... ./web/...

# The targets that `make` lists first, in this order.
NEWCOMER := build install run test oom help

include internal/version/version.mk
include cmd/oomtrail/command.mk
include otelreceiver/collector.mk
include fluentbit/plugin.mk
include web/web.mk
include packaging/licenses/licenses.mk
include deploy/images/images.mk
include conformance/deploy/deploy.mk
include conformance/browser/browser.mk
include deploy/grafana/grafana.mk
include packaging/packages.mk
include packaging/release/release.mk
include conformance/corpus/capture/capture.mk
include conformance/stress/faults/faults.mk
include conformance/stress/fleet/fleet.mk
include conformance/stress/pressure/pressure.mk

.PHONY: help test test-all lint-if-built build-all unit vet lint race conformance check-captures check-causes check-logs forgery fuzz bench expected docs screenshot clean

## help: list the targets
help:
	@sh .ci/help "$(NEWCOMER)" $(MAKEFILE_LIST)

## test: before a commit: format, vet, lint and unit tests, in under 4 minutes
test:
	$(STEP) "format and vet" $(MAKE) --no-print-directory vet
	$(STEP) "unit tests" $(MAKE) --no-print-directory unit
	$(STEP) "lint" $(MAKE) --no-print-directory lint-if-built

## test-all: the rest: plugin, collector, race detector, conformance, sanitizers
test-all:
	$(STEP) "build the Fluent Bit plugin" $(MAKE) --no-print-directory plugin
	$(STEP) "build the collector" $(MAKE) --no-print-directory collector-slim
	$(STEP) "build the demo" $(MAKE) --no-print-directory build $(DEMO)
	$(STEP) "race detector" $(MAKE) --no-print-directory race
	$(STEP) "conformance" $(MAKE) --no-print-directory conformance
	$(STEP) "sanitizers" $(MAKE) --no-print-directory asan
	$(STEP) "captures" $(MAKE) --no-print-directory check-captures
	$(STEP) "logs" $(MAKE) --no-print-directory check-logs

## vet: gofmt and go vet
vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt-ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...

## build-all: build the command for every system that it is for, without running it
build-all:
	sh .ci/platforms

## lint: the linters of .golangci.yml (the first time it builds golangci-lint)
lint: $(GOLANGCI)
	sh .ci/licence
	$(GOLANGCI) run ./...

# The same, with a golangci-lint that is here already, in build/bin or on the PATH: make test builds nothing foreign.
lint-if-built:
	sh .ci/licence
	@lint=$(GOLANGCI); [ -x $$lint ] || lint=$$(command -v golangci-lint); \
	case $$($${lint:-false} version --short 2>/dev/null) in \
	$(GOLANGCI_VERSION:v%=%)|$(GOLANGCI_VERSION)) echo "$$lint run ./..."; $$lint run ./... ;; \
	*) echo "NOT RUN: golangci-lint $(GOLANGCI_VERSION) is not here. 'make lint' builds it, once, in two minutes; CI runs it." ;; \
	esac

$(GOLANGCI):
	GOFLAGS= GOBIN=$(CURDIR)/build/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv build/bin/golangci-lint $@

## unit: the tests that need nothing built
unit:
	go test $(UNITS) ./conformance/docs ./conformance/layers ./packaging/release

## race: the same under the race detector
race:
	go test -race -short $(UNITS)

## conformance: every frontend gives the same record, and the record is the truth
conformance: plugin collector-slim build
	go test ./conformance/...

## check-captures: hold the records of real captures against what truly happened (CAPTURES=DIR)
check-captures:
	@$(call table,go test -count=1 -v -run 'TestCaptures$$' ./conformance/corpus/captures -captures $(abspath $(CAPTURES)))

## check-causes: the rate of right causes over captures whose cause is known (CAPTURES=DIR)
check-causes:
	@$(call table,go test -count=1 -v -run 'TestCauses$$' ./internal/diagnosis -captures $(abspath $(CAPTURES)))

## check-logs: hold the records of labelled logs against their labels (LOGS=DIR)
check-logs:
	@$(call table,go test -count=1 -v -run 'TestLogs$$' ./conformance/corpus/logs -logs $(abspath $(LOGS)))

## forgery: try a known forgery on the kernel of this machine, as an unprivileged user
forgery:
	@$(call table,go test -count=1 -v ./conformance/stress/forgery -forge)

## fuzz: each fuzz target for FUZZTIME
fuzz:
	sh .ci/fuzz $(FUZZTIME)

## bench: every figure as a ratio to its plain baselines, in one run
bench:
	go run ./conformance/bench

## expected: write the expected records of testdata anew
expected:
	go test ./conformance/corpus/captures ./conformance/corpus/samples ./internal/warning -run TestExpectedRecords -update

## docs: write the generated parts of the documentation anew
docs:
	go test ./conformance/docs -update

## screenshot: draw the picture of README.md anew, from what the command prints
screenshot:
	go test ./conformance/docs -run 'TestPicture$$' -update

## clean: remove what was built
clean:
	rm -rf build

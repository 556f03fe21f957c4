# SPDX-License-Identifier: Apache-2.0

# oomtrail. The two commands of a newcomer: make run, make test.

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

# Packages whose tests need nothing built; conformance holds those that do.
UNITS := ./parser/... ./workload/... ./internal/... ./cmd/... ./fluentbit/... ./otelreceiver/... ./otelprocessor/...

include internal/version/version.mk
include otelreceiver/collector.mk
include fluentbit/plugin.mk
include packaging/licenses/licenses.mk
include conformance/corpus/capture/capture.mk
include conformance/stress/faults/faults.mk

.PHONY: help build-all test unit race conformance vet lint check-captures check-causes check-logs forgery fuzz bench expected docs screenshot clean

## help: list the targets
help:
	@grep -hE '^## ' $(MAKEFILE_LIST) | sed 's/^## /  make /'

## test: vet, unit tests, race detector, conformance with the built plugin and the built collector
test:
	$(STEP) "format and vet" $(MAKE) --no-print-directory vet
	$(STEP) "build the Fluent Bit plugin" $(MAKE) --no-print-directory plugin
	$(STEP) "build the collector" $(MAKE) --no-print-directory collector-slim
	$(STEP) "unit tests" $(MAKE) --no-print-directory unit
	$(STEP) "race detector" $(MAKE) --no-print-directory race
	$(STEP) "conformance" $(MAKE) --no-print-directory conformance

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt-ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...

## build-all: build the command for Linux, macOS, Windows, FreeBSD and WebAssembly, without running it
build-all:
	sh .ci/platforms

## lint: the linters of .golangci.yml, and a licence line in every source file
lint: $(GOLANGCI)
	sh .ci/licence
	$(GOLANGCI) run ./...

$(GOLANGCI):
	GOFLAGS= GOBIN=$(CURDIR)/build/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv build/bin/golangci-lint $@

unit:
	go test $(UNITS)

race:
	go test -race -short $(UNITS)

## conformance: every frontend gives the same record, and the record is the truth (conformance/README.md)
conformance: plugin collector-slim
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
	go test ./conformance/corpus/captures ./conformance/corpus/samples -run TestExpectedRecords -update

## docs: write the generated parts of the documentation anew
docs:
	go test ./conformance/docs -update

## screenshot: draw the picture of README.md anew, from what the command prints
screenshot:
	go test ./conformance/docs -run 'TestPicture$$' -update

## clean: remove what was built
clean:
	rm -rf build

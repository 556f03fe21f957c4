# SPDX-License-Identifier: Apache-2.0

# The collector: building it, trying it, testing it. Included by the Makefile.

OCB_VERSION := v0.160.0
OCB := build/bin/builder-$(OCB_VERSION)
MDATAGEN_VERSION := v0.159.0
MDATAGEN := build/bin/mdatagen

# What a collector is built from, so that make builds it again when that changed.
COLLECTOR_SOURCES = $(shell find parser internal workload watch otelreceiver otelprocessor -name '*.go' ! -name '*_test.go') go.mod go.sum

# Another architecture's collector (GOARCH=arm64) has a directory of its own.
COLLECTOR_CROSS := $(addprefix -,$(filter-out $(shell go env GOHOSTARCH 2>/dev/null),$(GOARCH)))
COLLECTOR_DIR := build/otelcol-oom$(COLLECTOR_CROSS)

# What the collectors list as the version of the two components. A module's version has no +dirty.
MODULE_VERSION = $(firstword $(subst +, ,$(filter v%,$(VERSION))) v0.0.0)

# Runs the builder on a configuration, with the version of this build in it. Strict versioning is off because some
# components cannot be had in the version of the others: the configurations say which.
collect = mkdir -p build && \
	sed -e 's/^  version: devel$$/  version: $(VERSION)/' -e 's|^  output_path: .*|&$(COLLECTOR_CROSS)|' -e 's/^  description: .*/&$(and $(COMMIT),$(comma) commit $(COMMIT)$(comma) $(COMMIT_DATE))/' \
		-e 's|\(gomod: github.com/oomtrail/oomtrail\) v0\.0\.0$$|\1 $(MODULE_VERSION)|' $(1) > build/$(basename $(1))$(COLLECTOR_CROSS).yaml && \
	GOFLAGS=-mod=mod $(OCB) --skip-strict-versioning $(2) --ldflags '$(LDFLAGS)' --config build/$(basename $(1))$(COLLECTOR_CROSS).yaml
comma := ,

.PHONY: collector collector-slim collector-elastic run-collector examples-check check-collector test-next generate-collector check-generated

## collector: build otelcol-oom, for nodes and gateways (GOARCH=arm64 for another architecture)
collector: $(COLLECTOR_DIR)/otelcol-oom

## collector-slim: build the small collector of the tests
collector-slim: build/otelcol-oom-slim$(COLLECTOR_CROSS)/otelcol-oom-slim

## collector-elastic: build otelcol-oom with the Elasticsearch exporter
collector-elastic: build/otelcol-oom-elastic$(COLLECTOR_CROSS)/otelcol-oom-elastic

$(COLLECTOR_DIR)/otelcol-oom: builder-config.yaml build/version $(OCB) $(COLLECTOR_SOURCES)
	$(call collect,$<,)

build/otelcol-oom-slim$(COLLECTOR_CROSS)/otelcol-oom-slim: builder-config.slim.yaml $(OCB) $(COLLECTOR_SOURCES)
	$(call collect,$<,)

build/otelcol-oom-elastic$(COLLECTOR_CROSS)/otelcol-oom-elastic: builder-config.elastic.yaml $(OCB) $(COLLECTOR_SOURCES)
	$(call collect,$<,)

# Built as the programs are, so that they share what is compiled.
$(OCB):
	CGO_ENABLED=0 GOBIN=$(CURDIR)/build/bin go install -trimpath go.opentelemetry.io/collector/cmd/builder@$(OCB_VERSION)
	mv build/bin/builder $@

DEMO := build/otelcol-oom-demo/otelcol-oom-demo

## run-collector: the kill of make run through a collector, and this machine's own
run-collector:
	@test -x $(DEMO) || { \
		echo "This builds a small OpenTelemetry Collector with the oom_kill receiver, once. It downloads at most"; \
		echo "120 MB of Go modules, and compiles for about a minute on two cores. Ctrl-C ends it; nothing is lost."; }
	@$(MAKE) --no-print-directory build/oomtrail $(DEMO)
	@CGO_ENABLED=0 go build -trimpath -o build/demo ./otelreceiver/demo
	@trap : INT; build/demo

$(DEMO): builder-config.demo.yaml $(COLLECTOR_SOURCES)
	@echo "1/3 the builder of collectors, $(OCB_VERSION)"
	@$(MAKE) --no-print-directory -s $(OCB)
	@echo "2/3 the modules of the collector"
	@{ $(call collect,$<,--skip-compilation); } >build/otelcol-oom-demo.log 2>&1 || { cat build/otelcol-oom-demo.log; exit 1; }
	@echo "3/3 the collector"
	@sh otelreceiver/demo/build.sh $@ '$(LDFLAGS)'

## examples-check: validate and run the shipped configurations in the collectors that are built
examples-check: collector-slim
	go test -count=1 -v ./otelreceiver/examples/

## check-collector: build the full collectors, and run every shipped configuration in them
check-collector: collector collector-elastic
	$(COLLECTOR_DIR)/otelcol-oom --version
	go test -count=1 -v ./otelreceiver/examples/ -collector otelcol-oom

## test-next: receiver and processor against the collector's newer v1.71.0/v0.165.0
test-next: build/next.mod
	go test -mod=mod -modfile=$< ./otelreceiver/... ./otelprocessor/...

# The second mod file is the first with newer versions, so that the two cannot drift apart.
build/next.mod: go.mod go.sum otelreceiver/collector.mk
	mkdir -p build
	sed -e '/opentelemetry/s/ v1\.64\.0/ v1.71.0/' -e '/opentelemetry/s/ v0\.158\.0/ v0.165.0/' go.mod > $@
	cp go.sum build/next.sum

## generate-collector: write what mdatagen makes of metadata.yaml
generate-collector: $(MDATAGEN)
	cd otelreceiver && PATH=$(CURDIR)/build/bin:$$PATH go generate .
	cd otelprocessor && PATH=$(CURDIR)/build/bin:$$PATH go generate .

## check-generated: what mdatagen makes of metadata.yaml is what is here
check-generated: $(MDATAGEN)
	@sums() { find otelreceiver otelprocessor -type f | sort | xargs sha256sum; }; \
	before=$$(sums) && $(MAKE) --no-print-directory -s generate-collector && \
	{ [ "$$before" = "$$(sums)" ] || { echo "metadata.yaml was changed without make generate-collector, which has now run:"; git diff --stat otelreceiver otelprocessor; exit 1; }; }

# mdatagen needs a module of its own: its go.mod holds replacements, which go install refuses.
$(MDATAGEN):
	rm -rf build/mdatagen && mkdir -p build/mdatagen build/bin
	cd build/mdatagen && go mod init mdatagen && go mod edit -require=go.opentelemetry.io/collector/cmd/mdatagen@$(MDATAGEN_VERSION)
	cd build/mdatagen && GOFLAGS=-mod=mod GOBIN=$(CURDIR)/build/bin go install go.opentelemetry.io/collector/cmd/mdatagen

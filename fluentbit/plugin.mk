# SPDX-License-Identifier: Apache-2.0

# The Fluent Bit plugin: building, releasing and trying it. Included by the Makefile.

PLUGIN_GOARCH := $(or $(GOARCH),$(shell go env GOARCH 2>/dev/null))
PLUGIN_HOSTARCH := $(shell go env GOHOSTARCH 2>/dev/null)
# Another architecture needs a compiler of its own.
PLUGIN_CC_arm64 := aarch64-linux-gnu-gcc
PLUGIN_CC_amd64 := x86_64-linux-gnu-gcc
PLUGIN_CC := $(if $(filter $(PLUGIN_GOARCH),$(PLUGIN_HOSTARCH)),$(or $(shell command -v $(PLUGIN_CC_$(PLUGIN_GOARCH))),$(CC)),$(PLUGIN_CC_$(PLUGIN_GOARCH)))
PLUGIN_DIR := build/fluentbit$(if $(filter $(PLUGIN_GOARCH),$(PLUGIN_HOSTARCH)),,-$(PLUGIN_GOARCH))
PLUGIN_RELEASE := build/fluentbit-release-$(PLUGIN_GOARCH)
PLUGIN_SYSROOT ?= build/glibc-2.31-$(PLUGIN_GOARCH)
PLUGIN_TRIPLET_amd64 := x86_64-linux-gnu
PLUGIN_TRIPLET_arm64 := aarch64-linux-gnu
PLUGIN_SYSLIB = $(abspath $(PLUGIN_SYSROOT))/usr/lib/$(PLUGIN_TRIPLET_$(PLUGIN_GOARCH))
# Go's build id is made of the compiler's paths, too: without it the same commit gives the same bytes wherever it is built.
PLUGIN_BUILD = CGO_ENABLED=1 GOOS=linux GOARCH=$(PLUGIN_GOARCH) go build -buildmode=c-shared -trimpath \
	-ldflags '$(LDFLAGS) -buildid='

# Fluent Bit finds a plugin by the name of its file: the output by the first, the input by the second.
PLUGIN_LINKS := out_oom_kill.so flb-in_oom_kill.so

# The newest glibc that the released plugin may ask for: that of Debian 11, which official images of Fluent Bit 2.2 have.
PLUGIN_GLIBC := 2.31

PLUGIN_SOURCES = $(shell find parser internal workload watch fluentbit -name '*.go' ! -name '*_test.go' -o -path 'fluentbit/*.[ch]') go.mod go.sum

.PHONY: plugin plugin-release e2e-fluentbit e2e-input fbhost asan

## plugin: build the Fluent Bit input, filter and output into build/fluentbit (GOARCH=)
plugin: $(PLUGIN_DIR)/flb-filter_oom_kill.so

$(PLUGIN_DIR)/flb-filter_oom_kill.so: build/version $(PLUGIN_SOURCES)
	@command -v $(PLUGIN_CC) >/dev/null || { echo "GOARCH=$(PLUGIN_GOARCH): there is no $(PLUGIN_CC): install the cross compiler (on Debian gcc-aarch64-linux-gnu)"; exit 1; }
	@mkdir -p $(@D)
	CC='$(PLUGIN_CC)' $(PLUGIN_BUILD) -o $@ ./fluentbit
	@rm -f $(@D)/*.h
	for link in $(PLUGIN_LINKS); do ln -sf $(@F) $(@D)/$$link || exit 1; done

## plugin-release: the same, linked on glibc 2.31 so that it loads in old images
plugin-release: $(PLUGIN_SYSROOT)
	@mkdir -p $(PLUGIN_RELEASE)
	CC='$(PLUGIN_CC) --sysroot=$(abspath $(PLUGIN_SYSROOT)) -B$(PLUGIN_SYSLIB) -L$(PLUGIN_SYSLIB)' $(PLUGIN_BUILD) -o $(PLUGIN_RELEASE)/flb-filter_oom_kill.so ./fluentbit
	@rm -f $(PLUGIN_RELEASE)/*.h
	for link in $(PLUGIN_LINKS); do ln -sf flb-filter_oom_kill.so $(PLUGIN_RELEASE)/$$link || exit 1; done
	sh fluentbit/glibc.sh $(PLUGIN_RELEASE)/flb-filter_oom_kill.so $(PLUGIN_GLIBC)

$(PLUGIN_SYSROOT):
	sh fluentbit/sysroot.sh $@ $(PLUGIN_GOARCH)

SAY_NO_FLUENT_BIT = @test -n "$$FLUENT_BIT" || command -v fluent-bit >/dev/null || \
	echo "NOT RUN: there is no fluent-bit on the PATH, and FLUENT_BIT does not name one"

## e2e-fluentbit: the shipped configurations in a real Fluent Bit (FLUENT_BIT=PROGRAM)
e2e-fluentbit:
	$(SAY_NO_FLUENT_BIT)
	go test -count=1 -v ./conformance/frontends/e2e

## e2e-input: 200 crashes of the input, reloads, a flood of the ring (FLUENT_BIT=, root)
e2e-input:
	$(SAY_NO_FLUENT_BIT)
	go test -count=1 -v -timeout 30m ./conformance/frontends/e2e -run TestInput -crashes 200 -reloads 20 -flood

## fbhost: captures through the plugin in a host that loads it as Fluent Bit does
fbhost:
	go test -count=1 ./conformance/frontends/fbhost

## asan: the same with the C of plugin and host under sanitizers
asan:
	FBHOST_SANITIZE=c go test -count=1 -short ./conformance/frontends/fbhost

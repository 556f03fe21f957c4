# SPDX-License-Identifier: Apache-2.0

# The licences of what is linked. Included by the Makefile.

LICENSES := build/bin/licenses
LICENSES_RUN = CGO_ENABLED=$(2) $(CURDIR)/$(LICENSES) $(1)

.PHONY: licenses notices

# The programs that are looked at.
PROGRAMS ?= oomtrail oomtrail-fluent-bit oomtrail-web otelcol-oom otelcol-oom-elastic

## licenses: list what each program links, with its licence (PROGRAMS=…)
licenses: $(LICENSES)
	cd packaging/licenses && GOWORK=off GOFLAGS= go test .
	rm -rf build/notices
	$(MAKE) --no-print-directory notices
	@$(LICENSES) -modules $$(git ls-files | grep 'go\.mod$$')

## notices: the texts of those licences, one file a program, into build/notices
notices: $(PROGRAMS:%=build/notices/%.txt)

build/notices/oomtrail.txt: $(LICENSES) go.mod go.sum
	@mkdir -p $(@D)
	@$(call LICENSES_RUN,-platform linux/amd64$(comma)darwin/arm64$(comma)windows/amd64 -notices $@ oomtrail ./cmd/oomtrail,0)

build/notices/oomtrail-fluent-bit.txt: $(LICENSES) go.mod go.sum
	@mkdir -p $(@D)
	@$(call LICENSES_RUN,-notices $@ oomtrail-fluent-bit ./fluentbit,1)

build/notices/oomtrail-web.txt: $(LICENSES) go.mod go.sum
	@mkdir -p $(@D)
	@$(call LICENSES_RUN,-platform js/wasm -notices $@ oomtrail-web ./web/wasm,0)

# The collectors' sources are written, and not compiled.
build/notices/otelcol-oom.txt: $(LICENSES) $(OCB) builder-config.yaml go.mod go.sum
	@mkdir -p $(@D)
	@$(call collect,builder-config.yaml,--skip-compilation) 2>build/notices/builder.log || { cat build/notices/builder.log; exit 1; }
	@cd build/otelcol-oom && $(call LICENSES_RUN,-notices $(CURDIR)/$@ otelcol-oom .,0)

build/notices/otelcol-oom-elastic.txt: $(LICENSES) $(OCB) builder-config.elastic.yaml go.mod go.sum
	@mkdir -p $(@D)
	@$(call collect,builder-config.elastic.yaml,--skip-compilation) 2>build/notices/builder.log || { cat build/notices/builder.log; exit 1; }
	@cd build/otelcol-oom-elastic && $(call LICENSES_RUN,-notices $(CURDIR)/$@ otelcol-oom-elastic .,0)

$(LICENSES): $(wildcard packaging/licenses/*.go) packaging/licenses/go.mod
	@mkdir -p $(@D)
	cd packaging/licenses && GOWORK=off GOFLAGS= go build -o $(CURDIR)/$@ .

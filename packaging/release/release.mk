# SPDX-License-Identifier: Apache-2.0

# A release: its files, and that they are always the same. Included by the Makefile.

CYCLONEDX_VERSION := v1.10.0
CYCLONEDX := build/bin/cyclonedx-gomod-$(CYCLONEDX_VERSION)

# What make release-snapshot makes: of which programs, in which ways, and for which systems.
RELEASE_PROGRAMS ?= oomtrail oomtrail-fluent-bit otelcol-oom
RELEASE_PARTS ?= archives packages images
# Fluent Bit loads the plugin on Linux, and what the collector reads is there: only the command is for more systems.
RELEASE_PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
RELEASE_LINUX = $(filter linux/%,$(RELEASE_PLATFORMS))
RELEASE_ARCH = $(RELEASE_LINUX:linux/%=%)
RELEASE_DIR ?= build/release
RELEASE_PACK := build/bin/release
# 1.2.0 of v1.2.0: file names have no v.
RELEASE_VERSION = $(VERSION:v%=%)

ARCHIVE = $(@:archive-%=%)_$(RELEASE_VERSION)_$(GOOS)_$(GOARCH)
ARCHIVE_STAGE = build/stage/release/$(ARCHIVE)
# Begins an archive with what each has.
archive_begin = rm -rf $(ARCHIVE_STAGE) && mkdir -p $(ARCHIVE_STAGE) && cp LICENSE CHANGELOG.md $(ARCHIVE_STAGE)/ && \
	cp build/notices/$(@:archive-%=%).txt $(ARCHIVE_STAGE)/THIRD_PARTY.txt
# Packs it, and writes what its program, the argument, is linked of. The latter has neither a time nor a number of its own,
# and calls this project's module by its name, which the collector is built from by a path.
archive_end = chmod 755 $(ARCHIVE_STAGE)/$(1) && \
	$(RELEASE_PACK) -date '$(COMMIT_DATE)' -into $(ARCHIVE) $(RELEASE_DIR)/$(ARCHIVE)$(if $(filter windows,$(GOOS)),.zip,.tar.gz) $(ARCHIVE_STAGE) && \
	$(CYCLONEDX) bin -json -std -noserial -notimestamp -version '$(VERSION)' -output $(ARCHIVE_STAGE).json $(ARCHIVE_STAGE)/$(1) && \
	sed -e 's|pkg:golang/\.\./\.\.@(devel)|pkg:golang/github.com/oomtrail/oomtrail@$(VERSION)|' -e 's|"name": "\.\./\.\."|"name": "github.com/oomtrail/oomtrail"|' \
		-e 's|"version": "(devel)"|"version": "$(VERSION)"|' $(ARCHIVE_STAGE).json > $(RELEASE_DIR)/$(ARCHIVE).cdx.json && \
	! grep -n '(devel)\|"\.\./' $(RELEASE_DIR)/$(ARCHIVE).cdx.json

# The second build of check-release: in another place, and with a cache of its own, so that everything is compiled again.
RELEASE_AGAIN := build/another-place/oomtrail
RELEASE_AGAIN_CACHE ?= $(CURDIR)/$(RELEASE_AGAIN)/build/cache

.PHONY: release-snapshot check-release release-archives release-packages release-images archive-oomtrail archive-oomtrail-fluent-bit archive-otelcol-oom

## release-snapshot: all files of a release into build/release (RELEASE_PARTS=)
release-snapshot: export GOFLAGS = -trimpath -buildvcs=false
release-snapshot: $(RELEASE_PROGRAMS:%=build/notices/%.txt)
	rm -rf $(RELEASE_DIR) && mkdir -p $(RELEASE_DIR)
	@for part in $(RELEASE_PARTS); do $(MAKE) --no-print-directory release-$$part || exit 1; done
	cd $(RELEASE_DIR) && LC_ALL=C && export LC_ALL && sha256sum * > ../SHA256SUMS && mv ../SHA256SUMS . && ls -l

## check-release: make them twice, in two places, and compare every byte
check-release: release-snapshot
	rm -rf $(RELEASE_AGAIN) && git clone -q '$(CURDIR)' $(RELEASE_AGAIN) && mkdir -p $(RELEASE_AGAIN)/build
	cp -a build/bin $(wildcard build/glibc-*) $(RELEASE_AGAIN)/build/
	umask 077 && TZ=Asia/Kathmandu GOCACHE='$(RELEASE_AGAIN_CACHE)' $(MAKE) --no-print-directory -C $(RELEASE_AGAIN) release-snapshot RELEASE_DIR=build/release
	diff -rq $(RELEASE_DIR) $(RELEASE_AGAIN)/build/release
	@echo "$$(ls $(RELEASE_DIR) | wc -l) files, made twice: every byte is the same"
	rm -rf $(dir $(RELEASE_AGAIN))

release-archives: $(RELEASE_PACK) $(CYCLONEDX) $(if $(filter otelcol-oom,$(RELEASE_PROGRAMS)),$(OCB))
	@for program in $(RELEASE_PROGRAMS); do \
		case $$program in oomtrail) platforms="$(RELEASE_PLATFORMS)" ;; *) platforms="$(RELEASE_LINUX)" ;; esac; \
		for platform in $$platforms; do \
			$(MAKE) --no-print-directory archive-$$program GOOS=$${platform%/*} GOARCH=$${platform#*/} || exit 1; done; done

# GitHub changes a ~ in the name of a file, which a package of a version before a release has, and the checksums name it.
release-packages:
	$(MAKE) --no-print-directory packages PACKAGES='$(RELEASE_PROGRAMS)' ARCH='$(RELEASE_ARCH)' PACKAGES_DIR='$(RELEASE_DIR)'
	@cd $(RELEASE_DIR) && for file in *~*; do [ ! -e "$$file" ] || mv "$$file" "$$(echo "$$file" | tr '~' -)"; done

# An image is one file here, the layout of OCI as a tar file.
release-images: $(RELEASE_PACK)
	$(MAKE) --no-print-directory images IMAGES='$(RELEASE_PROGRAMS)' IMAGES_ARCH='$(RELEASE_ARCH)' IMAGES_DIR=build/stage/release/images
	@for image in $(RELEASE_PROGRAMS); do \
		$(RELEASE_PACK) -date '$(COMMIT_DATE)' $(RELEASE_DIR)/$${image}_$(RELEASE_VERSION)_image.tar build/stage/release/images/$$image || exit 1; done

# Windows has neither man nor these shells.
archive-oomtrail:
	@$(archive_begin)
	CGO_ENABLED=0 go build -ldflags '$(LDFLAGS)' -o $(ARCHIVE_STAGE)/ ./cmd/oomtrail
ifneq ($(GOOS),windows)
	@mkdir -p $(ARCHIVE_STAGE)/completion
	@$(call command_pages,$(ARCHIVE_STAGE),$(ARCHIVE_STAGE)/completion/oomtrail.)
endif
	@$(call archive_end,oomtrail$(if $(filter windows,$(GOOS)),.exe))

archive-oomtrail-fluent-bit: plugin-release
	@$(archive_begin)
	@cp -d $(PLUGIN_RELEASE)/*.so $(ARCHIVE_STAGE)/ && cp -r fluentbit/conf $(ARCHIVE_STAGE)/
	@$(call archive_end,flb-filter_oom_kill.so)

archive-otelcol-oom: $(COLLECTOR_DIR)/otelcol-oom
	@$(archive_begin)
	@cp $(COLLECTOR_DIR)/otelcol-oom packaging/otelcol-oom/config.yaml packaging/otelcol-oom/otelcol-oom.service $(ARCHIVE_STAGE)/
	@$(call archive_end,otelcol-oom)

$(RELEASE_PACK): packaging/release/main.go
	@mkdir -p $(@D)
	GOOS= GOARCH= go build -o $@ ./packaging/release

# Built the same everywhere, for its own digest is in what it writes.
$(CYCLONEDX):
	CGO_ENABLED=0 GOFLAGS= GOOS= GOARCH= GOBIN=$(CURDIR)/build/bin go install -trimpath github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)
	mv build/bin/cyclonedx-gomod $@

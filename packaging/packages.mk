# SPDX-License-Identifier: Apache-2.0

# Packages for Debian, Red Hat and Alpine: building and trying them. Included by the Makefile.

NFPM_VERSION := v2.45.2
NFPM := build/bin/nfpm-$(NFPM_VERSION)

# What make packages makes: of which packages, for which architectures, in which formats.
PACKAGES ?= oomtrail oomtrail-fluent-bit otelcol-oom
ARCH ?= $(shell go env GOHOSTARCH 2>/dev/null)
FORMATS ?= deb rpm apk
PACKAGES_DIR ?= build/packages
PACKAGES_CHECK := build/packages-check
# A clean Debian to install them in: made once, then unpacked.
PACKAGES_TREE := build/debian-bookworm.tar

PACKAGE_STAGE = build/stage/$(GOARCH)/$(@:package-%=%)
PACKAGE = VERSION='$(VERSION)' COMMIT_DATE='$(COMMIT_DATE)' FORMATS='$(FORMATS)' NFPM='$(NFPM)' \
	sh packaging/package.sh $(@:package-%=%) $(GOARCH) $(PACKAGE_STAGE) $(PACKAGES_DIR)

.PHONY: packages check-packages package-oomtrail package-oomtrail-fluent-bit package-otelcol-oom

## packages: build packages into build/packages (ARCH=, PACKAGES=, FORMATS=)
packages: $(NFPM) $(if $(filter otelcol-oom,$(PACKAGES)),$(OCB)) $(PACKAGES:%=build/notices/%.txt)
	@mkdir -p $(PACKAGES_DIR)
	@for arch in $(ARCH); do for package in $(PACKAGES); do \
		$(MAKE) --no-print-directory package-$$package GOARCH=$$arch || exit 1; done; done

## check-packages: install, start, upgrade and purge them in a clean Debian (root, debootstrap)
check-packages: $(PACKAGES_TREE)
	rm -rf $(PACKAGES_CHECK)
	$(MAKE) --no-print-directory packages PACKAGES_DIR=$(PACKAGES_CHECK)/one
	$(MAKE) --no-print-directory packages PACKAGES_DIR=$(PACKAGES_CHECK)/two
	go test -count=1 -v ./packaging -packages $(abspath $(PACKAGES_CHECK)/one) -again $(abspath $(PACKAGES_CHECK)/two) -tree $(abspath $(PACKAGES_TREE))

package-oomtrail:
	rm -rf $(PACKAGE_STAGE) && mkdir -p $(PACKAGE_STAGE)
	CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags '$(LDFLAGS)' -o $(PACKAGE_STAGE)/oomtrail ./cmd/oomtrail
	@$(call command_pages,$(PACKAGE_STAGE),$(PACKAGE_STAGE)/completion.)
	$(PACKAGE)

package-oomtrail-fluent-bit: plugin-release
	rm -rf $(PACKAGE_STAGE) && mkdir -p $(PACKAGE_STAGE)/conf
	cp $(PLUGIN_RELEASE)/flb-filter_oom_kill.so $(PACKAGE_STAGE)/
	cp fluentbit/conf/* $(PACKAGE_STAGE)/conf/
	sed -i 's|/usr/local/lib/fluent-bit/|/usr/lib/fluent-bit/|' $(PACKAGE_STAGE)/conf/plugins.conf
	GLIBC=$$(sh fluentbit/glibc.sh $(PACKAGE_STAGE)/flb-filter_oom_kill.so $(PLUGIN_GLIBC)) && \
	export GLIBC=$$(echo "$$GLIBC" | sed 's/.*needs glibc \([0-9.]*\),.*/\1/') && $(PACKAGE)

package-otelcol-oom: $(COLLECTOR_DIR)/otelcol-oom
	rm -rf $(PACKAGE_STAGE) && mkdir -p $(PACKAGE_STAGE)
	cp $(COLLECTOR_DIR)/otelcol-oom $(PACKAGE_STAGE)/
	$(PACKAGE)

$(NFPM):
	GOFLAGS= GOBIN=$(CURDIR)/build/bin go install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)
	mv build/bin/nfpm $@

$(PACKAGES_TREE):
	sh packaging/tree.sh bookworm $@

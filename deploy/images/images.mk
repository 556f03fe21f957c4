# SPDX-License-Identifier: Apache-2.0

# The container images. Included by the Makefile.

# What make images makes, and for which architectures.
IMAGES ?= oomtrail otelcol-oom oomtrail-fluent-bit
IMAGES_ARCH ?= amd64 arm64
IMAGES_DIR ?= build/images
IMAGES_TOOL := build/bin/images
# The tree that becomes an image: of one name, for one architecture.
IMAGE_STAGE = build/stage/images/$(@:image-%=%)/$(GOARCH)
IMAGES_RUN = $(IMAGES_TOOL) -stage build/stage/images -arch '$(shell echo $(IMAGES_ARCH) | tr ' ' ,)' \
	-version '$(VERSION)' -commit '$(COMMIT)' -date '$(COMMIT_DATE)'

.PHONY: images check-images image-oomtrail image-otelcol-oom image-oomtrail-fluent-bit

## images: container images (OCI layout) into build/images (IMAGES=, IMAGES_ARCH=, PUSH=)
images: $(IMAGES_TOOL) $(if $(filter otelcol-oom,$(IMAGES)),$(OCB)) $(IMAGES:%=build/notices/%.txt)
	@for arch in $(IMAGES_ARCH); do for image in $(IMAGES); do \
		$(MAKE) --no-print-directory image-$$image GOARCH=$$arch || exit 1; done; done
	$(IMAGES_RUN) -out '$(IMAGES_DIR)' $(if $(PUSH),-push '$(PUSH)') $(IMAGES)

## check-images: make them, and look at what is in them
check-images: images
	cd deploy/images && GOWORK=off GOFLAGS= go test -count=1 -v . -images '$(abspath $(IMAGES_DIR))' -made '$(IMAGES)' \
		-arch '$(IMAGES_ARCH)' -version '$(VERSION)' -commit '$(COMMIT)' -date '$(COMMIT_DATE)'

image-oomtrail:
	@rm -rf $(IMAGE_STAGE) && mkdir -p $(IMAGE_STAGE)/usr/local/bin
	CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags '$(LDFLAGS)' -o $(IMAGE_STAGE)/usr/local/bin/oomtrail ./cmd/oomtrail
	@$(IMAGE_LICENSES)

image-otelcol-oom: $(COLLECTOR_DIR)/otelcol-oom
	@rm -rf $(IMAGE_STAGE) && mkdir -p $(IMAGE_STAGE)/etc/otelcol-oom
	cp $(COLLECTOR_DIR)/otelcol-oom $(IMAGE_STAGE)/
	cp packaging/otelcol-oom/config.yaml $(IMAGE_STAGE)/etc/otelcol-oom/
	@$(IMAGE_LICENSES)

image-oomtrail-fluent-bit: plugin-release
	@rm -rf $(IMAGE_STAGE) && mkdir -p $(IMAGE_STAGE)/usr/local/lib/fluent-bit
	cp -d $(PLUGIN_RELEASE)/* fluentbit/conf/plugins.conf $(IMAGE_STAGE)/usr/local/lib/fluent-bit/
	cd deploy/images && GOWORK=off GOFLAGS= CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags '-s -w' -o $(CURDIR)/$(IMAGE_STAGE)/copy ./copy
	@$(IMAGE_LICENSES)

IMAGE_LICENSES = mkdir -p $(IMAGE_STAGE)/licenses && cp LICENSE build/notices/$(@:image-%=%).txt $(IMAGE_STAGE)/licenses/

$(IMAGES_TOOL): $(wildcard deploy/images/*.go) deploy/images/go.mod
	@mkdir -p $(@D)
	cd deploy/images && GOWORK=off GOFLAGS= GOOS= GOARCH= go build -o $(CURDIR)/$@ .

# SPDX-License-Identifier: Apache-2.0

# What every program, package and image of a build says it is. Included by the Makefile.

BUILD := $(shell sh internal/version/version.sh)
VERSION ?= $(word 1,$(BUILD))
COMMIT ?= $(word 2,$(BUILD))
COMMIT_DATE ?= $(word 3,$(BUILD))

VERSION_PACKAGE := github.com/oomtrail/oomtrail/internal/version
# The linker's flags of every program.
LDFLAGS := -s -w -X $(VERSION_PACKAGE).version=$(VERSION) -X $(VERSION_PACKAGE).commit=$(COMMIT) -X $(VERSION_PACKAGE).date=$(COMMIT_DATE)

.PHONY: version command go-install-check always

## version: print version, commit and date that a build of this tree gets
version:
	@echo "$(VERSION) $(COMMIT) $(COMMIT_DATE)"

## command: build the command for another system (GOOS, GOARCH)
command:
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o build/ ./cmd/oomtrail

## go-install-check: go install …/cmd/oomtrail@latest of the last commit, as if it were released
go-install-check:
	cd packaging/install && GOWORK=off GOFLAGS= go test -count=1 .

# What make builds only where it changed, and is shipped, depends on it: a package holds no older build than it says.
build/version: always
	@mkdir -p build && echo '$(BUILD)' | cmp -s - $@ || echo '$(BUILD)' > $@

# SPDX-License-Identifier: Apache-2.0

# The pages in a real browser. Included by the Makefile.

CHECK_BROWSER = cd conformance/browser && GOWORK=off GOFLAGS= go test -count=1 -timeout 5m
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
AXE_VERSION := 4.14.1
AXE := build/axe-$(AXE_VERSION)/node_modules/axe-core/axe.min.js

.PHONY: check-browser screenshots

## check-browser: the pages in a real Chromium: figures, accessibility, policy (CHROMIUM=)
check-browser: build/web/index.html
ifeq ($(CHROMIUM),)
	@echo "NOT RUN: the pages in a browser: there is no chromium on the PATH, and CHROMIUM does not name one"
else
	@$(MAKE) --no-print-directory $(AXE) || echo "NOT RUN: axe-core: npm could not install it. The checks of accessibility of conformance/browser run without it."
	$(CHECK_BROWSER) . -chromium '$(CHROMIUM)' -axe '$(CURDIR)/$(AXE)' -web '$(CURDIR)/build/web'
endif

## screenshots: all pictures of the documentation anew, those of pages in Chromium (CHROMIUM=)
screenshots: screenshot build/web/index.html
	$(CHECK_BROWSER) . -run 'TestScreenshots$$' -chromium '$(CHROMIUM)' -web '$(CURDIR)/build/web' -update

$(AXE):
	npm install --prefix $(@D)/../.. --ignore-scripts --no-save --no-audit --no-fund --silent axe-core@$(AXE_VERSION)

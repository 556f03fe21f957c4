# SPDX-License-Identifier: Apache-2.0

# The web page. Included by the Makefile.

WEB_ADDRESS ?= 127.0.0.1:8137

.PHONY: web web-serve

## web: build the web page, build/web/index.html: one file for any static host, or none
web: build/web/index.html

# What the page is built from: the command has all packages that it takes.
WEB_SOURCES = $(wildcard web/build/*.go web/page/* web/wasm/*.go web/internal/*/*.go) $(COMMAND_SOURCES)

build/web/index.html: build/version build/notices/oomtrail-web.txt $(WEB_SOURCES)
	@go run ./web/build -version '$(VERSION)' -notices build/notices/oomtrail-web.txt $(@D)

## web-serve: serve the web page on loopback (WEB_ADDRESS=127.0.0.1:8137)
web-serve: build/web/index.html
	@go run ./web/build -serve $(WEB_ADDRESS) $(<D)

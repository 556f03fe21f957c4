# SPDX-License-Identifier: Apache-2.0

# The command: building, installing and trying it. Included by the Makefile.

PREFIX ?= /usr/local
# A directory before every path that is installed to, for packages.
DESTDIR ?=

BINDIR := $(DESTDIR)$(PREFIX)/bin
MANDIR := $(DESTDIR)$(PREFIX)/share/man/man1
BASHDIR := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSHDIR := $(DESTDIR)$(PREFIX)/share/zsh/site-functions
FISHDIR := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

COMMAND_SOURCES = $(shell find parser internal workload watch cmd -name '*.go' ! -name '*_test.go') go.mod go.sum

# Has the command, as built for this machine, write its man pages into $(1)/man, and the completion of each shell into the
# file $(2) with the shell's name behind it.
command_pages = CGO_ENABLED=0 GOOS= GOARCH= go build -trimpath -ldflags '$(LDFLAGS)' -o build/stage/oomtrail ./cmd/oomtrail && \
	build/stage/oomtrail man $(1)/man && \
	for shell in bash zsh fish; do build/stage/oomtrail completion $$shell > $(2)$$shell || exit 1; done

.PHONY: build install uninstall run oom

## build: build the command, build/oomtrail
build: build/oomtrail
	@echo 'build/oomtrail is $(VERSION)'

build/oomtrail: build/version $(COMMAND_SOURCES)
	@echo "building $@ $(VERSION) (half a minute, the first time)"
	@mkdir -p $(@D)
	@CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/oomtrail

## install: install command, man pages and completion (PREFIX=/usr/local, DESTDIR=)
install: $(if $(shell command -v go),build/oomtrail)
	@test -x build/oomtrail || { echo "build/oomtrail is not there, and root has no go: run 'make build' first"; exit 1; }
	mkdir -p '$(BINDIR)' '$(MANDIR)' '$(BASHDIR)' '$(ZSHDIR)' '$(FISHDIR)'
	install -m 755 build/oomtrail '$(BINDIR)/oomtrail'
	build/oomtrail man '$(MANDIR)'
	build/oomtrail completion bash > '$(BASHDIR)/oomtrail'
	build/oomtrail completion zsh > '$(ZSHDIR)/_oomtrail'
	build/oomtrail completion fish > '$(FISHDIR)/oomtrail.fish'

## uninstall: remove what install installed, with the same PREFIX
uninstall:
	rm -f '$(BINDIR)/oomtrail' '$(MANDIR)'/oomtrail.1 '$(MANDIR)'/oomtrail-*.1 '$(BASHDIR)/oomtrail' '$(ZSHDIR)/_oomtrail' '$(FISHDIR)/oomtrail.fish'

## run: explain a real kill of a bundled capture, then follow this machine's own
run: build/oomtrail
	@sh cmd/oomtrail/demo/run.sh

## oom: cause a real but harmless OOM kill: of dd, in a cgroup of its own (as root)
oom:
	@sh cmd/oomtrail/demo/oom.sh

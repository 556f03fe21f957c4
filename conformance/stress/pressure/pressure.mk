# SPDX-License-Identifier: Apache-2.0

# Real pressure, and the warnings before the kill. Included by the Makefile.

# What to run, by the beginnings of titles, with _ for a blank: "cgroup:_leak,rank"; without it all.
PRESSURE ?=
# The version of cgroups in the guest.
CGROUP ?= 2

.PHONY: pressure pressure-guest

build/pressure: $(wildcard conformance/stress/pressure/*.go)
	@mkdir -p $(@D)
	CGO_ENABLED=0 go build -trimpath -ldflags=-s -o $@ ./conformance/stress/pressure

## pressure: is there a warning before each kill, and none else? (root, 20 minutes)
pressure: build build/pressure
	build/pressure -only "$(PRESSURE)"

## pressure-guest: the same on a whole machine, emulated (KERNEL=6.1, 45 minutes)
pressure-guest: build build/pressure
	@test -n "$(KERNEL)" || { echo "say which kernel: make pressure-guest KERNEL=6.1"; exit 2; }
	go run ./conformance/corpus/capture -kernel "$(KERNEL)" -program build/pressure -with oomtrail=build/oomtrail \
		-memory 512 -disks 1024,128 -options "psi=1 pressure.cgroup=$(CGROUP) pressure.only=$(PRESSURE)"

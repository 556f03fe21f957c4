# SPDX-License-Identifier: Apache-2.0

# Captures of real kernels; conformance/corpus/capture/README.md says what they hold. Both need what no test needs: an
# emulator, or root on a machine whose kernel may kill a process.

# The directory that captures are stored in.
CAPTURES_OUT ?= $(CURDIR)/build/captures
# Scenarios and machines to run, all of them without.
ONLY ?=
MACHINES ?=

.PHONY: capture capture-host capture-archive

## capture: boot a stock kernel in an emulator and store what it logs (KERNEL=6.12)
capture:
	@test -n "$(KERNEL)" || { echo "say which kernel: make capture KERNEL=6.12; kernels.go has the table"; exit 2; }
	go run ./conformance/corpus/capture -kernel "$(KERNEL)" -out "$(CAPTURES_OUT)" -only "$(ONLY)" -machines "$(MACHINES)"

## capture-host: the scenarios that stay within a cgroup, on this machine's own kernel (as root)
capture-host:
	go run ./conformance/corpus/capture -host -out "$(CAPTURES_OUT)" -only "$(ONLY)"

## capture-archive: pack all captures of a kernel for testdata (KERNEL=6.12)
capture-archive:
	@test -n "$(KERNEL)" || { echo "say which kernel: make capture-archive KERNEL=6.12"; exit 2; }
	go run ./conformance/corpus/capture -pack "$(CAPTURES_OUT)/$(KERNEL)" -out testdata/captures-full

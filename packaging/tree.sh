#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# Makes a clean Debian, as the smallest variant of debootstrap has it, with systemd, and packs it. Needs root and debootstrap.
#
#     tree.sh SUITE FILE
set -eu
command -v debootstrap >/dev/null || { echo "tree.sh: there is no debootstrap: apt-get install debootstrap" >&2; exit 1; }
# The mirror is the one that this machine's own sources name for Debian.
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)}
test -n "$mirror" || { echo "tree.sh: this machine's apt sources name no Debian mirror: run apt-get update, or set DEBIAN_MIRROR" >&2; exit 1; }
mkdir -p "$(dirname "$2")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
debootstrap --variant=minbase --include=systemd,systemd-sysv "$1" "$work/tree" "$mirror" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
rm -rf "$work"/tree/var/cache/apt/archives/*.deb "$work"/tree/var/lib/apt/lists/*
tar -C "$work/tree" --one-file-system -cf "$2.part" .
mv "$2.part" "$2"

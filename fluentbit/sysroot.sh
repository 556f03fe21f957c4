#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# Makes a userland with an old glibc to link the released plugin on: Debian 11, glibc 2.31, the oldest that an official
# image of Fluent Bit 2.2 has. Needs apt and dpkg-deb, no root.
#
#     sysroot.sh DIRECTORY [ARCHITECTURE]
set -eu
dir=$1
arch=${2:-$(dpkg --print-architecture)}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
work=$dir.apt

rm -rf "$dir" "$work"
mkdir -p "$dir" "$work/lists/partial" "$work/cache/archives/partial" "$work/etc"
# The mirror is the one that this machine's own sources name for Debian.
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' | head -n 1)}
test -n "$mirror" || { echo "sysroot.sh: this machine's apt sources name no Debian mirror: run apt-get update, or set DEBIAN_MIRROR" >&2; exit 1; }
echo "deb [arch=$arch signed-by=$keyring] $mirror bullseye main" > "$work/etc/sources.list"
touch "$work/status"
apt() {
    apt-get -qq -o Dir::Etc="$work/etc" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" \
        -o Dir::Cache="$work/cache" -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Sandbox::User=root "$@"
}
case $work in /*) ;; *) work=$PWD/$work ;; esac
apt update
(cd "$work/cache" && apt download libc6 libc6-dev linux-libc-dev)
for package in "$work"/cache/*.deb; do
    dpkg-deb -x "$package" "$dir"
done
rm -rf "$work"
# Links that begin at the root mean the root of this tree.
find "$dir" -type l -lname '/*' | while read -r link; do
    ln -sfr "$dir$(readlink "$link")" "$link"
done
echo "$dir: $(ls "$dir"/lib/*/libc-2.*.so)"

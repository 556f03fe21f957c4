#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# Fails when a shared object asks for a newer glibc than is allowed.
#
#     glibc.sh FILE VERSION
set -eu
newest=$(objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
if [ "$(printf '%s\n%s\n' "$newest" "$2" | sort -V | tail -n 1)" != "$2" ]; then
    echo "$1 asks for glibc $newest, and would not load where there is only $2: link it on an older userland (PLUGIN_SYSROOT=DIRECTORY)" >&2
    objdump -T "$1" | grep "GLIBC_$newest" >&2
    exit 1
fi
echo "$1: needs glibc $newest, at most $2 is allowed"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# build.sh PROGRAM LDFLAGS: compiles the collector whose sources the builder has written into the
# directory of PROGRAM. On a terminal it shows how far it is.
set -eu
program=$1 ldflags=$2
cd "$(dirname "$program")"
program=$(basename "$program")
export CGO_ENABLED=0

total=$(go list -deps . | wc -l)
n=0
# go build -v names each package that it compiles; what is compiled already it does not name.
{ go build -v -trimpath -ldflags "$ldflags" -o "$program" . 2>&1 || echo "failed: go build"; } | {
	trouble=
	while read -r line; do
		case $line in
		*[:\ ]*) # no package
			trouble="$trouble$line
" ;;
		*) n=$((n + 1)) ;;
		esac
		if [ -t 2 ]; then printf '\r  compiling: %d of at most %d packages' "$n" "$total" >&2; fi
	done
	if [ -t 2 ]; then printf '\r\033[K' >&2; fi
	case $trouble in
	*failed:*)
		printf '%s' "$trouble" >&2
		exit 1 ;;
	esac
	echo "  compiled $n packages"
}

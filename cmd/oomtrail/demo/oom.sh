#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# Causes one real OOM kill: of dd, in a cgroup of its own with a limit of 32 MiB. Nothing
# else can be hit: the kill is the cgroup's, and dd never holds more than 96 MiB.
set -u

LIMIT=33554432
NAME=oomtrail-demo-$$

refuse() {
	echo "make oom: $1" >&2
	exit 1
}

# victim is killed as soon as it has filled more of its buffer than the limit allows.
victim='exec dd if=/dev/zero of=/dev/null bs=96M count=1'

killed() {
	echo "The kernel killed dd in $1. This explains the kill:"
	echo
	if [ -x build/oomtrail ]; then
		echo "    ${SUDO_USER:+sudo }build/oomtrail explain"
	elif command -v oomtrail >/dev/null; then
		echo "    ${SUDO_USER:+sudo }oomtrail explain"
	else
		echo "    make build && sudo build/oomtrail explain"
	fi
	exit 0
}

with_systemd() {
	echo "Starting dd in the transient unit $NAME.service, MemoryMax=32M ..."
	said=$(systemd-run --wait --collect --unit="$NAME" -p MemoryMax=$LIMIT -p MemorySwapMax=0 sh -c "$victim" 2>&1)
	case $said in
	*oom-kill*) killed "$NAME.service" ;;
	*) refuse "systemd did not say that dd was killed for its memory; it said: $said" ;;
	esac
}

# in_cgroup PARENT LIMITFILE: runs the victim in a new cgroup under PARENT.
in_cgroup() {
	dir=$1/$NAME
	mkdir "$dir" 2>/dev/null || refuse "cannot make a cgroup in $1: needs root and a writable cgroup file system"
	trap 'rmdir "$dir" 2>/dev/null' EXIT INT TERM
	echo "$LIMIT" >"$dir/$2" || refuse "cannot limit the memory of $dir"
	[ -w "$dir/memory.memsw.limit_in_bytes" ] && echo "$LIMIT" >"$dir/memory.memsw.limit_in_bytes"
	[ -w "$dir/memory.swap.max" ] && echo 0 >"$dir/memory.swap.max"
	echo "Starting dd in the cgroup $dir, limit 32 MiB ..."
	sh -c "echo \$\$ >'$dir/cgroup.procs' && $victim" >/dev/null 2>&1
	status=$?
	[ $status -eq 137 ] || refuse "dd ended with status $status, not killed: the limit did not hold"
	killed "$dir"
}

[ "$(uname -s)" = Linux ] || refuse "needs Linux"
[ "$(id -u)" = 0 ] || refuse "needs root to make a cgroup: sudo make oom"

if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
	with_systemd
fi

# Version 1: the memory controller has a hierarchy of its own.
v1=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
if [ -n "$v1" ]; then
	own=$(awk -F: '$2 ~ /(^|,)memory(,|$)/ { print $3 }' /proc/self/cgroup)
	[ -d "$v1$own" ] || own=
	in_cgroup "$v1$own" memory.limit_in_bytes
fi

# Version 2: a cgroup can limit its children only when it gives them the controller.
v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -n "$v2" ]; then
	grep -qw memory "$v2/cgroup.subtree_control" 2>/dev/null ||
		refuse "$v2/cgroup.subtree_control does not give out the memory controller; allow it with: echo +memory > $v2/cgroup.subtree_control"
	in_cgroup "$v2" memory.max
fi
refuse "no memory controller is mounted"

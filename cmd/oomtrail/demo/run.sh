#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# What `make run` runs: the page of a kill that a kernel 6.12 has logged, then this machine's kills
# as they happen. Without a terminal it ends after the page.
oomtrail=build/oomtrail
explain="$oomtrail explain --root testdata/node/root testdata/captures/6.12/e_k8s_systemd/kmsg.raw"

echo "A real kill, recorded on Linux 6.12; the names of pod and image are made up. This explains it:"
echo
echo "    $explain"
echo
$explain || exit

echo "The same kill through an OpenTelemetry Collector:  make run-collector"
if ! [ -t 1 ]; then
	echo "This machine's kills as they happen:  $oomtrail follow"
	echo "A kill to see:  sudo make oom"
	exit 0
fi
echo "This machine's kills as they happen follow here. For one, in another terminal:  sudo make oom"
echo
echo "    $oomtrail follow"
echo
stopped=
trap 'stopped=yes' INT # Ctrl-C ends follow, and with it this script
$oomtrail follow || [ -n "$stopped" ] || [ "$(id -u)" = 0 ] || [ "$(uname -s)" != Linux ] ||
	echo "As root it can be read:  sudo $oomtrail follow"
[ -z "$stopped" ] || sleep 0.3 # else the script may end before make has seen Ctrl-C, and make complains
exit 0

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# Before removal, not before an upgrade: the service ends. dpkg says remove or upgrade, rpm 0 or 1, apk the version.
set -e
name=otelcol-oom
case $1 in upgrade | 1 | deconfigure | failed-upgrade) exit 0 ;; esac

if [ -n "$DPKG_MAINTSCRIPT_PACKAGE" ]; then
    [ ! -d /run/systemd/system ] || deb-systemd-invoke stop $name.service >/dev/null || :
elif command -v systemctl >/dev/null; then
    systemctl --no-reload disable --now $name.service >/dev/null 2>&1 || :
elif command -v rc-service >/dev/null; then
    rc-service --quiet --ifstarted $name stop || :
    rc-update --quiet del $name >/dev/null 2>&1 || :
fi

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# After install and upgrade: the user, its directory, the service. dpkg says configure [OLD VERSION], rpm 1 or 2 (an upgrade),
# apk the version. On Debian the service starts, as services do there; elsewhere it is for the administrator to enable.
set -e
name=otelcol-oom
state=/var/lib/$name

if ! id -u $name >/dev/null 2>&1; then
    if command -v useradd >/dev/null; then
        useradd --system --user-group --no-create-home --home-dir $state --shell /usr/sbin/nologin $name
    else # busybox
        addgroup -S $name
        adduser -S -D -H -h $state -s /sbin/nologin -G $name $name
    fi
fi
install -d -o $name -g $name -m 0750 $state

if [ -n "$DPKG_MAINTSCRIPT_PACKAGE" ]; then
    [ "$1" = configure ] || exit 0
    deb-systemd-helper unmask $name.service >/dev/null || :
    if deb-systemd-helper --quiet was-enabled $name.service; then
        deb-systemd-helper enable $name.service >/dev/null || :
    else
        deb-systemd-helper update-state $name.service >/dev/null || :
    fi
    if [ -d /run/systemd/system ]; then
        systemctl --system daemon-reload >/dev/null || :
        deb-systemd-invoke "$([ -n "$2" ] && echo restart || echo start)" $name.service >/dev/null || :
    fi
elif command -v systemctl >/dev/null; then
    if [ "$1" = 1 ]; then
        systemctl preset $name.service >/dev/null 2>&1 || :
    fi
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload || :
        systemctl try-restart $name.service || :
    fi
elif command -v rc-service >/dev/null; then
    rc-service --quiet --ifstarted $name restart || :
fi

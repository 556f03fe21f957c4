#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# After removal. State and user stay until dpkg says purge; rpm and apk do not know the word, and leave them.
set -e
name=otelcol-oom

[ ! -d /run/systemd/system ] || systemctl daemon-reload >/dev/null || :
if [ -n "$DPKG_MAINTSCRIPT_PACKAGE" ] && [ "$1" = purge ]; then
    rm -rf /var/lib/$name
    ! id -u $name >/dev/null 2>&1 || userdel $name >/dev/null 2>&1 || :
    if command -v deb-systemd-helper >/dev/null; then
        deb-systemd-helper purge $name.service >/dev/null || :
        deb-systemd-helper unmask $name.service >/dev/null || :
    fi
fi

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# notes.sh TAG: prints what CHANGELOG.md says of a version, and fails where it says nothing. A version before a release has
# what is unreleased.
set -eu
cd "$(dirname "$0")/../.."
title=${1#v}
case $title in *-*) title=Unreleased ;; esac
notes=$(awk -v title="$title" '
	/^## / { on = index($0, "## " title) == 1 && substr($0, length("## " title) + 1) !~ /^[0-9.]/ ; next }
	on' CHANGELOG.md)
[ -n "$notes" ] || { echo "CHANGELOG.md has nothing under \"## $title\"" >&2; exit 1; }
echo "$notes"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# Prints what a build of this tree is called: version, commit and the commit's date (UTC), with a space between. The version
# is the tag; between tags it is the one that Go gives to a commit. Without git it is "devel", and the others are missing.
cd "$(dirname "$0")" || exit 1
commit=$(git rev-parse HEAD 2>/dev/null) || { echo devel; exit; }
date=$(TZ=UTC git show -s --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ HEAD)
version=$(git describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null) || {
	stamp=$(echo "$date" | tr -cd 0-9)-$(echo "$commit" | cut -c1-12)
	last=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null)
	case $last in
	'') version=v0.0.0-$stamp ;;
	*-*) version=$last.0.$stamp ;;
	*) version=${last%.*}.$((${last##*.} + 1))-0.$stamp ;;
	esac
}
git diff --quiet HEAD 2>/dev/null || version=$version+dirty
echo "$version $commit $date"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# Makes the packages of one name for one architecture, out of what make put into a directory. The same commit gives the same
# bytes: times are the commit's, and no name of a machine goes in.
#
#     package.sh NAME ARCHITECTURE STAGE DIRECTORY
set -eu
umask 022
name=$1
export ARCH=$2
export STAGE=$3
out=$4

export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(date -u -d "${COMMIT_DATE:-1970-01-01}" +%s)}"

# v1.2.0-rc.1 sorts before 1.2.0 as 1.2.0~rc.1 (deb, rpm) and 1.2.0_rc1 (apk), and so does what lies between two tags.
version=${VERSION#v}
case $version in
[0-9]*) ;;
*) version=0.0.0-$version ;;
esac
changes=
case $version in *+*) changes=+${version#*+} && version=${version%%+*} ;; esac
number=${version%%-*}
before=${version#"$number"}
before=$(echo "${before#-}" | tr - .)
stamp=$(echo "$before" | grep -oE '[0-9]{14}' || :)
case $before in
'') apk= ;;
rc* | beta* | alpha*) apk=$(echo "$before" | tr -d .) ;;
*) apk=pre$stamp ;;
esac

# What every package has: whose it is, whose works are in it, and what changed.
gzip -9nc "build/notices/$name.txt" > "$STAGE/notices.gz"
gzip -9nc CHANGELOG.md > "$STAGE/changelog.gz"
cp packaging/copyright "$STAGE/copyright"
find "$STAGE" -path '*/man/*' -name '*.1' -exec gzip -9n {} +
# Read and run by anybody, whatever the umask of the one who builds.
chmod -R u=rwX,go=rX "$STAGE"

export MAINTAINER="oomtrail <oomtrail@users.noreply.github.com>"
description=packaging/$name/description
for format in $FORMATS; do
    # Alpine's C library is not the one that the plugin is linked with.
    [ "$format $name" = "apk oomtrail-fluent-bit" ] && continue
    DESCRIPTION=$(cat $description) NUMBER=$number PRERELEASE=$before$changes
    case $format in
    apk) PRERELEASE=$apk DESCRIPTION=$(head -n 1 $description) ;; # which has one line for it, and no room for changes
    *) [ -n "$before" ] || { PRERELEASE= && NUMBER=$number$changes; } ;;
    esac
    export DESCRIPTION NUMBER PRERELEASE
    whole=$NUMBER${PRERELEASE:+~$PRERELEASE}
    gzip -9nc > "$STAGE/changelog.Debian.gz" <<END
$name ($whole-1) unstable; urgency=medium

  * What changed is in changelog.gz beside this file.

 -- $MAINTAINER  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
    # nfpm takes a directory's time from the disk, and that of the scripts in an apk.
    find "$STAGE" "packaging/$name" \( -path "$STAGE*" -o -name '*.sh' \) -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    rm -f "$out/${name}_"*"_$ARCH.$format"
    "$NFPM" package -f "packaging/$name/nfpm.yaml" -p "$format" -t "$out/${name}_${whole}_$ARCH.$format"
done

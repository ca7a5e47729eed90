#!/bin/sh
# flagget, by the place of a URL: FLAGGET=…/flagget with_flagget.sh URL OUT
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${FLAGGET:-flagget}" --base-url "${1%/br/br.gif}" --dest "$folder" -m 1 -v --timeout 2 \
    --fail-on error,not-found BR
status=$?
test -e "$folder/BR.gif" && mv "$folder/BR.gif" "$2"
exit $status

#!/usr/bin/env bash
# Builds Pricebook from the sources that this script is part of. There are no published releases yet.
#
#   ci/install.sh FOLDER    into FOLDER/bin, unless it is there already: keep FOLDER between jobs
#   ci/install.sh --key     a word that is another one when the sources are: the key for that
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

key() {
  cd "$root"
  find Cargo.toml Cargo.lock src -type f | LC_ALL=C sort | while IFS= read -r file; do sha256sum "$file"; done |
    sha256sum | cut -c1-16
}

case "${1-}" in
  --key) key ;;
  '' | -*)
    echo "usage: ci/install.sh FOLDER | --key" >&2
    exit 3
    ;;
  *)
    folder=$1
    built=$(cat "$folder/pricebook.key" 2>/dev/null || true)
    if [ "$built" != "$(key)" ] || ! [ -x "$folder/bin/pricebook" ]; then
      cargo install --quiet --locked --force --path "$root" --root "$folder"
      key >"$folder/pricebook.key"
    fi
    "$folder/bin/pricebook" --version
    ;;
esac

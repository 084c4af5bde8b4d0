#!/usr/bin/env bash
# For any CI: PRICEBOOK is a clone of the repository that you got Pricebook from, CACHE a folder that is kept between jobs.
set -euo pipefail

"$PRICEBOOK/ci/install.sh" "$CACHE"
export PRICEBOOK_BIN="$CACHE/bin/pricebook" PRICEBOOK_ENV="${PRICEBOOK_ENV:-live}"

case "$1" in
  # On a change under review. Post pricebook-out/comment.md, and keep pricebook-out for the job that applies.
  review) "$PRICEBOOK/ci/pricebook.sh" review ;;
  # After it: pricebook-out is what the review left. Without it, this plans anew.
  merge) "$PRICEBOOK/ci/pricebook.sh" prepare ;;
  # After somebody let it pass.
  apply) "$PRICEBOOK/ci/pricebook.sh" apply ;;
  # On a schedule.
  drift) "$PRICEBOOK/ci/pricebook.sh" drift ;;
esac

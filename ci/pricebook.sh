#!/usr/bin/env bash
# What CI does with a Pricebook project: the GitHub Action, the GitLab template and everybody else call this.
#
#   validate   findings as annotations
#   review     on a pull or merge request: validate, plan, one comment. From a fork: against the snapshot, no key
#   prepare    after the merge: the changeset that was reviewed; planned anew where there is none
#   apply      applies what `prepare` left, after somebody let it pass
#   drift      what changed in live by hand
#   snapshot   writes down what is live, for pull requests from forks, and commits it if it changed
#
# Variables: PRICEBOOK_ENV the environment; PRICEBOOK_PROJECT the folder of pricebook.yaml; PRICEBOOK_BIN the program;
# PRICEBOOK_LABEL tells comments of several projects apart; PRICEBOOK_FORK=true there are no secrets;
# PRICEBOOK_ANEW=true plan anew; PRICEBOOK_ACK codes of guards to let pass; PRICEBOOK_OUT what one job leaves for the
# next; PRICEBOOK_SNAPSHOT the file of the snapshot.
set -euo pipefail

bin=${PRICEBOOK_BIN:-pricebook}
project=${PRICEBOOK_PROJECT:-.}
out=${PRICEBOOK_OUT:-pricebook-out}
snapshot=${PRICEBOOK_SNAPSHOT:-$project/pricebook.snapshot.json}

on_github() { [ -n "${GITHUB_ACTIONS-}" ]; }
on_gitlab() { [ -n "${GITLAB_CI-}" ]; }

# The environment, which only `validate` can do without.
environment() {
  if [ -z "${PRICEBOOK_ENV-}" ]; then
    echo "error: PRICEBOOK_ENV does not say which environment is meant" >&2
    exit 3
  fi
  printf '%s\n' "$PRICEBOOK_ENV"
}

# Something that a person should see without opening the log. Our own words only.
notice() { # error|warning|notice WORDS
  if on_github; then printf '::%s title=pricebook::%s\n' "$1" "$2"; else printf '%s: %s\n' "$1" "$2" >&2; fi
}

# A page for the run itself, where the host has one; else the log.
summary() {
  if [ -n "${GITHUB_STEP_SUMMARY-}" ]; then cat >>"$GITHUB_STEP_SUMMARY"; else cat; fi
}

# Runs something whose output quotes names from files. At GitHub a line that begins with two colons would be a command:
# until the word comes again, none is.
quoting() {
  local word status=0
  if ! on_github; then
    "$@"
    return
  fi
  word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$word"
  "$@" 2>&1 || status=$?
  printf '\n::%s::\n' "$word"
  return $status
}

# Annotations for errors of commands that print something else.
findings() {
  if on_github; then echo github; else echo human; fi
}

is_fork() {
  [ "${PRICEBOOK_FORK-}" = true ] ||
    { on_gitlab && [ "${CI_MERGE_REQUEST_SOURCE_PROJECT_ID:-$CI_PROJECT_ID}" != "${CI_MERGE_REQUEST_PROJECT_ID:-$CI_PROJECT_ID}" ]; }
}

# The commit that was pushed to the pull or merge request: not the merge of it that a host may have checked out.
head_commit() {
  if on_github && [ -n "${GITHUB_EVENT_PATH-}" ]; then
    jq -r '.pull_request.head.sha // empty' "$GITHUB_EVENT_PATH"
  elif on_gitlab; then
    printf '%s\n' "${CI_MERGE_REQUEST_SOURCE_BRANCH_SHA:-$CI_COMMIT_SHA}"
  fi
}

validate() {
  if on_github; then
    "$bin" validate -C "$project" --lint --format github
  elif on_gitlab; then
    "$bin" validate -C "$project" --lint --format gitlab >gl-code-quality-report.json || true
    "$bin" validate -C "$project" --lint
  else
    "$bin" validate -C "$project" --lint
  fi
}

# Says that a step went wrong, where its own words cannot be annotations, and ends with its exit code.
failed() { # STATUS WORDS
  notice error "$2: the log says why (exit code $1)"
  return "$1"
}

plan() { # ENVIRONMENT
  quoting "$bin" plan -C "$project" -e "$1" --out "$out/changeset.json" || failed $? "there is no changeset"
}

review() {
  local env label=()
  env=$(environment)
  if [ -n "${PRICEBOOK_LABEL-}" ]; then label=(--label "$PRICEBOOK_LABEL"); fi
  validate
  if is_fork; then
    if ! [ -f "$snapshot" ]; then
      notice warning "a fork gets no key, and there is no snapshot to plan against: ci/pricebook.sh snapshot makes one"
      return 0
    fi
    {
      jq -r '"Compared with what \(.environment.name) had on \(.taken), not with what is live now.\n"' "$snapshot"
      "$bin" comment -C "$project" -e "$env" --snapshot "$snapshot" --body-only "${label[@]}" --findings "$(findings)"
    } | summary
    return 0
  fi
  mkdir -p "$out"
  plan "$env"
  head_commit >"$out/commit"
  if [ -n "${GITHUB_OUTPUT-}" ]; then printf 'artifact=%s\n' "$(artifact "$(cat "$out/commit")")" >>"$GITHUB_OUTPUT"; fi
  if on_github || on_gitlab; then
    quoting "$bin" comment "$out/changeset.json" "${label[@]}" || failed $? "the comment could not be posted"
  else
    "$bin" comment "$out/changeset.json" "${label[@]}" --body-only >"$out/comment.md"
  fi
}

# GitHub: which run left the changeset of the pull request that this commit came from. Only a run of this repository is
# believed: whoever opens a pull request from a fork decides what its runs leave.
find_on_github() {
  local api head artifacts run=
  api="${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY"
  head=$(get "authorization: Bearer $GITHUB_TOKEN" "$api/commits/$GITHUB_SHA/pulls" |
    jq -r --arg sha "$GITHUB_SHA" '[.[] | select(.merged_at != null and .merge_commit_sha == $sha)][0].head.sha // empty')
  if [ -n "$head" ]; then
    artifacts=$(get "authorization: Bearer $GITHUB_TOKEN" "$api/actions/artifacts?name=$(artifact "$head")&per_page=100")
    run=$(jq -r --arg head "$head" '[.artifacts[] | select((.expired | not) and .workflow_run.head_sha == $head
      and .workflow_run.head_repository_id == .workflow_run.repository_id)] | max_by(.id) | .workflow_run.id // empty' <<<"$artifacts")
  fi
  { printf 'run-id=%s\n' "$run" && printf 'name=%s\n' "$(artifact "$head")"; } >>"$GITHUB_OUTPUT"
}

# The name under which a review leaves its changeset.
artifact() { # COMMIT
  printf 'pricebook-%s-%s' "$(environment | tr -c 'A-Za-z0-9._\n-' '_')" "$1"
}

# GitLab: fetches what the last pipeline of the merge request left, if that was about what was merged.
find_on_gitlab() {
  local api request iid head ref
  api="$CI_API_V4_URL/projects/$CI_PROJECT_ID"
  request=$(get "private-token: $PRICEBOOK_GITLAB_TOKEN" "$api/repository/commits/$CI_COMMIT_SHA/merge_requests" |
    jq -c '[.[] | select(.state == "merged" and .source_project_id == .target_project_id)][0] // empty')
  [ -n "$request" ] || return 0
  iid=$(jq -r .iid <<<"$request")
  head=$(jq -r .sha <<<"$request")
  ref="$api/jobs/artifacts/refs%2Fmerge-requests%2F$iid%2Fhead/raw/$out"
  local job="job=${PRICEBOOK_REVIEW_JOB:-pricebook%20review}"
  if ! get "private-token: $PRICEBOOK_GITLAB_TOKEN" "$ref/commit?$job" >"$out/commit" ||
    [ "$(cat "$out/commit")" != "$head" ] ||
    ! get "private-token: $PRICEBOOK_GITLAB_TOKEN" "$ref/changeset.json?$job" >"$out/changeset.json"; then
    rm -f "$out/changeset.json" "$out/commit"
  fi
}

# The header comes from a file, so that no token is seen among the arguments of a process.
get() { # HEADER URL
  curl --silent --show-error --fail --retry 3 --max-time 60 --header @<(printf '%s\n' "$1") "$2"
}

prepare() {
  local env
  env=$(environment)
  mkdir -p "$out"
  if [ "${PRICEBOOK_ANEW-}" = true ]; then
    rm -f "$out/changeset.json"
  elif on_gitlab; then
    find_on_gitlab
  fi
  if [ -s "$out/changeset.json" ]; then
    notice notice "this is the changeset that was reviewed at $(tr -cd '0-9a-f' <"$out/commit")"
    quoting "$bin" show "$out/changeset.json"
  else
    notice warning "no reviewed changeset was found for this commit, so it was planned anew: look at it before you let it pass"
    plan "$env"
  fi
  # The log has it already.
  if [ -n "${GITHUB_STEP_SUMMARY-}" ]; then "$bin" comment "$out/changeset.json" --body-only | summary; fi
}

apply() {
  local env status=0 codes=() ack=() code
  env=$(environment)
  read -ra codes <<<"${PRICEBOOK_ACK-}"
  for code in "${codes[@]}"; do ack+=(--ack "$code"); done
  quoting "$bin" apply "$out/changeset.json" -C "$project" -e "$env" --yes "${ack[@]}" || status=$?
  case $status in
    0) ;;
    4) notice error "a guard refused; nothing was sent. Start this by hand with the codes of the guards that may pass" ;;
    5) notice error "what it touches was changed since the review; nothing was sent. Start this by hand: it plans anew" ;;
    6) notice error "applied in part. Start this by hand: it plans the rest from what is live" ;;
    *) notice error "nothing, or not all, was applied: exit code $status" ;;
  esac
  return $status
}

drift() {
  local env status=0
  env=$(environment)
  mkdir -p "$out"
  "$bin" drift -C "$project" -e "$env" --format markdown --findings "$(findings)" >"$out/drift.md" || status=$?
  summary <"$out/drift.md"
  if [ $status -eq 2 ]; then notice error "somebody changed $env by hand: the summary of this run says what"; fi
  return $status
}

take_snapshot() {
  local env branch
  env=$(environment)
  "$bin" plan -C "$project" -e "$env" --save-snapshot "$snapshot" --quiet >/dev/null
  if [ -z "$(git status --porcelain -- "$snapshot")" ]; then return 0; fi
  branch=${GITHUB_REF_NAME:-${CI_COMMIT_BRANCH:-$(git symbolic-ref --short HEAD)}}
  git add -- "$snapshot"
  git -c user.name=pricebook -c user.email=pricebook@localhost commit --quiet -m "Snapshot of $env [skip ci]" -- "$snapshot"
  git push --quiet origin "HEAD:refs/heads/$branch"
}

case "${1-}" in
  validate | review | prepare | apply | drift) "$1" ;;
  snapshot) take_snapshot ;;
  find) find_on_github ;;
  *)
    echo "usage: ci/pricebook.sh validate|review|prepare|apply|drift|snapshot" >&2
    exit 3
    ;;
esac

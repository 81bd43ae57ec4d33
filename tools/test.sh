#!/usr/bin/env bash
# Every test at every level, cheapest first; a level that fails does not stop the next. The last line counts them all.
# What hangs is ended, so that the rest is still heard of.
# `tools/test.sh house|rust|stories` runs one level.
. "$(dirname "$0")/lib.sh"

LOGS=target/test-logs
mkdir -p "$LOGS"
passed=0 failed=0
report=()
# What failed, by name and with the first lines of its reason: who sees only the end of a run needs no more.
FAILURES=$LOGS/failures
: >"$FAILURES"

# A full disk breaks a build in ways that do not name it.
say "$(df --output=avail -BG . | tail -n 1 | tr -dc '0-9') GiB are free here; building and testing everything takes about 12"

# counted LEVEL OK PASSED FAILED: adds up; a level that broke without a failed test counts as one.
counted() {
  local level=$1 ok=$2 good=$3 bad=$4
  if [ "$ok" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  if [ "$ok" -eq 0 ] && [ "$good" -eq 0 ]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  report+=("$(printf '%-42s %5s passed %3s failed %5s s' "$level" "$good" "$bad" "$SECONDS")")
}

# sum WORD LOG: adds the numbers that stand before a word in a log.
sum() { grep -oE "[0-9]+ $1" "$2" | awk '{total += $1} END {print total + 0}' || true; }

# house NAME SCRIPT GOOD BAD: a script that counts in its last line, in its own words.
house() {
  local name=$1 script=$2 good=$3 bad=$4 ok=0 log
  log=$LOGS/$(basename "$script").log
  say "$name"
  SECONDS=0
  "$script" 2>&1 | tee "$log" || ok=1
  tail -n 1 "$log" >"$log.last"
  counted "$name" "$ok" "$(sum "$good" "$log.last")" "$(sum "$bad" "$log.last")"
}

level_house() {
  house "Who may import what" tools/guards.sh "guards hold" "broken"
  house "The guards, each broken once" tools/guards_test.sh "guards notice" "miss"
  say "Format"
  SECONDS=0
  local ok=0
  cargo fmt --all --check || ok=1
  counted "Format" "$ok" "$((1 - ok))" "$ok"
}

level_rust() {
  local ok=0 log=$LOGS/cargo.log
  say "Rules, use cases and doors (the first build takes about 10 minutes on two cores)"
  SECONDS=0
  # PostgreSQL's own commands are not on Debian's PATH.
  local postgres
  postgres=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)
  PATH=$PATH:$postgres POSTERN_TEST_POSTGRES=required \
    timeout 50m cargo test --no-fail-fast 2>&1 | tee "$log" || ok=1
  grep '^test result:' "$log" >"$log.results" || true
  grep -E '^test .* FAILED$' "$log" >>"$FAILURES" || true
  counted "Rules, use cases, doors" "$ok" "$(sum passed "$log.results")" "$(sum failed "$log.results")"
}

level_stories() {
  local ok=0 json=$LOGS/stories.json counts
  SECONDS=0
  tools/build.sh || ok=1
  if [ "$ok" -eq 0 ]; then
    say "Stories in Chromium, with scripts and without"
    rm -f "$json"
    (cd end2end && POSTERN_BINARY=$POSTERN PLAYWRIGHT_JSON_OUTPUT_FILE=$ROOT/$json timeout 45m npx --no-install playwright test) || ok=1
  fi
  counts=$(node end2end/support/outcome.mjs "$json" 2> >(tee -a "$FAILURES" >&2) || echo "0 0")
  # shellcheck disable=SC2086 # two numbers
  counted "Stories, with scripts and without" "$ok" $counts
}

provide test
for level in "${@:-house rust stories}"; do
  for one in $level; do "level_$one"; done
done

printf '\n'
printf '%s\n' "${report[@]}"
if [ -s "$FAILURES" ]; then printf '\n' && cat "$FAILURES"; fi
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

#!/usr/bin/env bash
# The numbers to reach, measured on the release binary. Prints what was measured beside its goal.
. "$(dirname "$0")/lib.sh"

provide test
tools/build.sh
needs sqlite3 sqlite3

say "First visit to the sign-in page"
cd end2end
export POSTERN_BINARY=$POSTERN POSTERN_BENCH=1
bench() { npx --no-install playwright test "$@" --reporter=./support/bench_reporter.ts; }
bench first_visit --project=hydrated

say "What a hash costs, and accepted resets against their bare statements"
cd "$ROOT"
numbers=$(cargo bench --quiet -p backend --bench numbers)
number() { awk -v name="$1" '$1 == name {print $2}' <<<"$numbers"; }
row() { printf '%s  %-54s %8s  %s\n' "$1" "$2" "$3" "$4"; }
verdict=$(awk -v is="$(number accepted_against_bare)" 'BEGIN {print (is >= 0.6) ? "ok  " : "MISS"}')
row "$verdict" "accepted resets a second, against the bare statements" "$(number accepted_against_bare)" "goal at least 0.60"
row "    " "  by the use case, a second" "$(number accepted_a_second)" ""
row "    " "  by the bare statements, a second" "$(number bare_a_second)" ""
row "    " "CPU time of one Argon2id hash, ms" "$(number hash_cpu_ms)" ""

say "The running server"
cd end2end
POSTERN_HASH_CPU_MS=$(number hash_cpu_ms) bench --project=bench --workers=1

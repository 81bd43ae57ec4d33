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
at_most() {
  local verdict
  verdict=$(awk -v is="$2" -v goal="$3" 'BEGIN {print (is <= goal) ? "ok  " : "MISS"}')
  row "$verdict" "$1" "$2" "goal at most $3"
}
verdict=$(awk -v is="$(number accepted_against_bare)" 'BEGIN {print (is >= 0.6) ? "ok  " : "MISS"}')
row "$verdict" "accepted resets a second, against the bare statements" "$(number accepted_against_bare)" "goal at least 0.60"
row "    " "  by the use case, a second" "$(number accepted_a_second)" ""
row "    " "  by the bare statements, a second" "$(number bare_a_second)" ""
row "    " "CPU time of one Argon2id hash, ms" "$(number hash_cpu_ms)" ""

say "The Users page at a million people against a thousand, which takes some minutes"
hash_cpu_ms=$(number hash_cpu_ms)
numbers=$(cargo bench --quiet -p backend --bench size)
row "    " "making them, s" "$(number seed_1000000_s)" ""
at_most "first page by name, of an account" "$(number account_first_page)" 1.3
at_most "next page" "$(number account_next_page)" 1.3
at_most "first page by name, of a portfolio" "$(number portfolio_first_page)" 1.3
at_most "next page" "$(number portfolio_next_page)" 1.3
at_most "search by any part, the slowest of eight, account" "$(number account_search_worst)" 10
at_most "search by any part, the slowest of eight, portfolio" "$(number portfolio_search_worst)" 10
numbers=$(cargo bench --quiet -p server --bench users_page)
at_most "the page against a bare route, same statements" "$(number page_against_bare)" 4
row "    " "  the page, ms" "$(number page_ms)" ""
row "    " "  the bare route, ms" "$(number bare_ms)" ""

say "The running server"
cd end2end
POSTERN_HASH_CPU_MS=$hash_cpu_ms bench --project=bench --workers=1

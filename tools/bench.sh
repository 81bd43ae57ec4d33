#!/usr/bin/env bash
# The numbers to reach, measured on the release binary. Prints what was measured beside its goal.
. "$(dirname "$0")/lib.sh"

provide test
tools/build.sh
say "First visit to the sign-in page"
cd end2end
POSTERN_BINARY=$POSTERN npx --no-install playwright test first_visit --project=hydrated --reporter=./support/bench_reporter.ts

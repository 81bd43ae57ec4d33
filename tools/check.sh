#!/usr/bin/env bash
# What a machine can say about the sources without running them: format, lints, who may import what.
. "$(dirname "$0")/lib.sh"

provide rust
status=0
say "Format"
cargo fmt --all --check || status=1
say "Lints"
cargo clippy --quiet --all-targets -- -D warnings || status=1
say "Lints of the browser side"
cargo clippy --quiet -p frontend --target wasm32-unknown-unknown -- -D warnings || status=1
if have shellcheck; then
  say "Shell scripts"
  shellcheck -x tools/*.sh .ci/run || status=1
fi
tools/guards.sh || status=1
exit "$status"

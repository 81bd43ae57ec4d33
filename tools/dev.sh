#!/usr/bin/env bash
# Watches the sources, rebuilds what changed and reloads the page; the demo's data stays in target/dev between restarts.
. "$(dirname "$0")/lib.sh"

provide build
say "Watching; http://127.0.0.1:3000 reloads by itself (the first build takes some minutes)"
exec cargo leptos watch --split -- demo --data-dir "$ROOT/target/dev"

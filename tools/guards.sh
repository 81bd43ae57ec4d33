#!/usr/bin/env bash
# Who may import what, asked of `cargo tree` and of the sources. Prints a line a guard; the last counts them.
# tools/guards_test.sh breaks each of them once and expects it to notice.
. "$(dirname "$0")/lib.sh"

# Another tree may be looked at (the test does).
cd "${1:-$ROOT}"

# The trees below are then read without asking any registry.
cargo fetch --quiet --locked --target x86_64-unknown-linux-gnu --target wasm32-unknown-unknown --manifest-path "$ROOT/Cargo.toml"

passed=0 failed=0

# guard SENTENCE CULPRITS: holds when there are no culprits.
guard() {
  if [ -z "$2" ]; then
    passed=$((passed + 1))
    printf 'ok    %s\n' "$1"
  else
    failed=$((failed + 1))
    printf 'BROKEN  %s\n        %s\n' "$1" "${2//$'\n'/$'\n'        }"
  fi
}

# tree CRATE OPTION...: the names of all that it is built from, itself excluded.
tree() {
  local crate=$1
  shift
  cargo tree --quiet --offline -p "$crate" --prefix none --no-dedupe --format '{p}' "$@" 2>/dev/null |
    awk 'NR > 1 && NF {print $1}' | sort -u || true
}
# direct CRATE OPTION...: only what its own Cargo.toml names.
direct() { tree "$@" --depth 1; }

# among REGEX: those lines that the whole expression matches. Nothing found is no failure.
among() { grep -xE "$1" || true; }
# but REGEX: the other lines.
but() { grep -vxE "$1" || true; }
# lines REGEX PATH...: file:line of each place in a Rust source that is not a comment.
lines() {
  local regex=$1
  shift
  grep -rnE --include='*.rs' "$regex" "$@" 2>/dev/null | grep -vE '^[^:]+:[0-9]+: *//' | cut -c 1-160 || true
}

WEB='leptos.*|axum.*|http|http-body.*|hyper.*|tower.*|server_fn.*|reactive_.*|tachys'
DATABASE='sea-orm.*|sea-query.*|sqlx.*|libsqlite3-sys'
WASM='--target=wasm32-unknown-unknown'

for crate in domain backend migrations app server frontend; do
  guard "cargo knows $crate" "$([ -n "$(direct "$crate" -e normal)" ] || echo "cargo tree -p $crate says nothing")"
done

guard "domain is pure: serde, thiserror, time and uuid types, nothing else" \
  "$(direct domain -e normal | but 'serde|serde_json|thiserror|time|uuid|unicode-normalization')"
guard "domain reaches no web, database, runtime or randomness, its tests no web or database" \
  "$(
    tree domain -e normal | among "$WEB|$DATABASE|tokio.*|futures.*|rand.*|getrandom"
    tree domain -e normal,dev | among "$WEB|$DATABASE"
  )"
guard "backend knows neither leptos nor HTTP, its tests included" \
  "$(tree backend -e normal,dev | among 'leptos.*|axum.*|tachys|server_fn.*|app|server|frontend'
  direct backend -e normal | among "$WEB")"
guard "migrations import neither entities nor domain" \
  "$(direct migrations -e normal | but 'sea-orm-migration')"
guard "app in the browser reaches no backend, database or server" \
  "$(tree app -e normal --features hydrate "$WASM" | among "backend|migrations|server|tokio|axum.*|$DATABASE|argon2|lettre|rustls")"
guard "app on the server reaches the database through backend only" \
  "$(direct app -e normal --features ssr | among "server|migrations|frontend|$DATABASE|lettre|argon2|totp-rs")"
guard "frontend is hydrate(), nothing else" \
  "$(direct frontend -e normal "$WASM" | but 'app|leptos|wasm-bindgen|wasm-bindgen-futures|console_error_panic_hook')"
guard "server holds no rule and no query: it imports no database crate" \
  "$(direct server -e normal | among "$DATABASE|frontend|totp-rs|argon2|lettre")"

# Use cases hand connections on and write their one conditional update where the story is read.
guard "only backend says sea_orm" \
  "$(lines '\bsea_orm::' app server frontend | grep -vE '^server/(backend|tests|benches)/' || true)"
guard "domain reads no clock and no configuration" \
  "$(lines 'now_utc\(|SystemTime::now|Instant::now|Uuid::now_v7|std::env|cfg\(feature|async fn|\.await' app/domain/src)"
guard "app names backend only at the doors (api.rs, accept_api.rs, caller.rs, error.rs)" \
  "$(lines '\bbackend::' app/src | grep -vE '^app/src/([a-z_/]+/)?(api|accept_api|caller|error)\.rs:' || true)"
guard "app decides between browser and server at the doors, for texts, and in one place a side" \
  "$(lines 'feature *= *"(ssr|hydrate)"' app/src | grep -vE '^app/src/(caller|error|lib|messages|ui/browser|[a-z_]+/(accept_)?api)\.rs:' || true)"
guard "app leaves what leptos can do better: spawn_local, LocalResource, ServerFnError, inner_html, style=" \
  "$(lines '\bspawn_local\b|\bLocalResource\b|\bServerFnError\b|\binner_html\b|[ <]style="' app/src |
    grep -vE '^app/src/mfa_reset/request_dialog\.rs:.*LocalResource' || true)"
guard "no server function chooses an endpoint of its own" "$(lines '#\[server\(.*endpoint' app/src)"
guard "no folder or module for what has no name" \
  "$(find app server frontend migrations \( -name node_modules -o -name target \) -prune -o \
    -regextype posix-extended -regex '.*/(utils?|helpers?|common|types|models|services)(\.rs)?' -print)"

printf '%s guards hold, %s broken\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

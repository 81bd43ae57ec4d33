#!/usr/bin/env bash
# Breaks each guard once in a copy of the manifests and sources, and expects the guard to say so.
. "$(dirname "$0")/lib.sh"

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
passed=0 failed=0

fresh() {
  rm -rf "${copy:?}"/*
  cp -r --parents Cargo.toml Cargo.lock rust-toolchain.toml .cargo app server frontend migrations "$copy"
}

# notices SENTENCE...: whether the guards that begin so break on the copy.
notices() {
  local report sentence
  report=$("$ROOT/tools/guards.sh" "$copy" || true)
  for sentence in "$@"; do
    if [[ $report == *"BROKEN  $sentence"* ]]; then
      passed=$((passed + 1))
      printf 'ok    noticed: %s\n' "$sentence"
    else
      failed=$((failed + 1))
      printf 'MISSED  %s\n' "$sentence"
    fi
  done
}

# imports MANIFEST LINE...: each line becomes a dependency of the crate.
imports() {
  local manifest=$copy/$1 line
  shift
  for line in "$@"; do sed -i "s|^\[dependencies\]|[dependencies]\n$line|" "$manifest"; done
}
# writes FILE LINE: a line at the end of a source.
writes() {
  mkdir -p "$(dirname "$copy/$1")"
  printf '%s\n' "$2" >>"$copy/$1"
}

fresh
imports app/domain/Cargo.toml 'sea-orm.workspace = true' 'leptos.workspace = true'
notices "domain is pure" \
  "domain reaches no web, database" \
  "app in the browser reaches no backend, database"

fresh
imports server/backend/Cargo.toml 'axum.workspace = true'
imports migrations/Cargo.toml 'domain.workspace = true'
imports frontend/Cargo.toml 'domain.workspace = true'
imports server/Cargo.toml 'sea-orm.workspace = true'
imports app/Cargo.toml 'sea-orm.workspace = true'
notices "backend knows neither leptos nor HTTP" \
  "migrations import neither" \
  "frontend is hydrate()" \
  "server holds no rule and no query" \
  "app on the server reaches the database through backend only"

fresh
writes server/src/router.rs 'use sea_orm::EntityTrait;'
writes app/domain/src/lib.rs 'fn now() { let _ = OffsetDateTime::now_utc(); }'
writes app/src/users/list.rs 'fn list() { backend::users::list(); }'
writes app/src/users/list.rs '#[cfg(feature = "ssr")] fn here() {}'
writes app/src/users/list.rs 'fn view() { spawn_local(async {}) }'
writes app/src/users/api.rs '#[server(endpoint = "x")] pub async fn x() {}'
writes app/src/utils.rs '//! All sorts.'
notices "only backend says sea_orm" \
  "domain reads no clock" \
  "app names backend only at the doors" \
  "app decides between browser and server" \
  "app leaves what leptos can do better" \
  "no server function chooses an endpoint" \
  "no folder or module for what has no name"

rm -rf "$copy/frontend"
sed -i 's|"frontend"||' "$copy/Cargo.toml"
notices "cargo knows frontend"

printf '%s guards notice, %s miss\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

#!/usr/bin/env bash
# One self-contained binary: the browser side first, then the server that holds it. Does nothing when no source is newer.
. "$(dirname "$0")/lib.sh"

STAMP=target/release/.postern-built-from

# A removed file shows in the age of its folder.
newer_sources() {
  find app server frontend style migrations Cargo.toml Cargo.lock .cargo rust-toolchain.toml tools/build.sh \
    -newer "$STAMP" -print -quit
}

if [ -x "$POSTERN" ] && [ -e "$STAMP" ] && [ -z "$(newer_sources)" ]; then
  say "target/release/postern is up to date"
  exit 0
fi

provide build
mkdir -p target/release
started=$(mktemp target/release/.started.XXXXXX)
trap 'rm -f "$started"' EXIT

say "Building release (the first time 10 to 15 minutes on two cores)"
# The browser side with a standard library built for size, which nobody's panic messages and `{:?}` are part of: an eighth
# of every first visit. The flags are the compiler's own but not stable, hence RUSTC_BOOTSTRAP; where they change, leave
# them out and the build is only larger.
browser_side() {
  RUSTC_BOOTSTRAP=1 \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none -Zlocation-detail=none" \
    cargo leptos build --release --split --frontend-only \
    --lib-cargo-args=-Zbuild-std=std,panic_abort --lib-cargo-args=-Zbuild-std-features=optimize_for_size >&2
}

# Relocations packed (glibc 2.36 and newer): 3 MiB less in memory. Where the linker and the system know how.
probe=$(mktemp -d)
if echo 'fn main() {}' | rustc --crate-name probe - -o "$probe/probe" -C link-arg=-Wl,-z,pack-relative-relocs 2>/dev/null &&
  "$probe/probe"; then
  export POSTERN_LINK_ARGS=-Wl,-z,pack-relative-relocs
else
  say "Relocations are not packed here: the server takes 3 MiB more memory"
fi
rm -rf "$probe"

# In one go cargo-leptos builds both sides at once, and the server would embed what lay there before.
browser_side
cargo leptos build --release --split --server-only >&2

# Elsewhere by CARGO_TARGET_DIR? Then a copy under a new name and a rename, so that a running one is not disturbed.
if [ "$TARGET" != "$ROOT/target" ]; then
  cp "$TARGET/release/postern" "$POSTERN.new"
  mv "$POSTERN.new" "$POSTERN"
fi
mv "$started" "$STAMP"
say "Built target/release/postern ($(du -h "$POSTERN" | cut -f 1))"

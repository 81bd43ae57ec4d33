#!/usr/bin/env bash
# The toolchain of rust-toolchain.toml with its wasm target: from rustup where its server can be reached, otherwise the
# same version from Debian, with the standard library for the browser built here once.
. "$(dirname "$0")/lib.sh"

WASM=wasm32-unknown-unknown

# complete: whether the pinned compiler answers here and knows the browser target.
complete() {
  local sysroot
  export RUSTUP_AUTO_INSTALL=0 # asking must not install
  [ "$(rustc --version 2>/dev/null | awk '{print $2}')" = "$RUST_VERSION" ] || return 1
  sysroot=$(rustc --print sysroot)
  compgen -G "$sysroot/lib/rustlib/$WASM/lib/libstd-*.rlib" >/dev/null || return 1
  # The release builds the browser's standard library for size.
  [ -e "$sysroot/lib/rustlib/src/rust/library/Cargo.lock" ] || return 1
  have cargo && cargo --version >/dev/null 2>&1
}

from_rustup() {
  have rustup || return 1
  say "Installing Rust $RUST_VERSION with rustup"
  (
    unset RUSTUP_TOOLCHAIN
    rustup toolchain install "$RUST_VERSION" --profile minimal --component clippy --component rustfmt --component rust-src --target "$WASM" --no-self-update
  ) >&2 || return 1
  unset RUSTUP_TOOLCHAIN
  rm -f "$TOOLS/$DEBIAN_TOOLCHAIN"
}

from_debian() {
  say "Installing Rust $RUST_VERSION from Debian"
  packages rustc-web cargo-web rust-web-src rustfmt-web rust-web-clippy lld-22
  [ "$(/usr/bin/rustc --version | awk '{print $2}')" = "$RUST_VERSION" ] ||
    fail "Debian's rustc is not $RUST_VERSION. Please install rustup (https://rustup.rs) and try again."
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  local sysroot rustlib
  sysroot=$(/usr/bin/rustc --print sysroot)
  rustlib=$sysroot/lib/rustlib
  "${root[@]}" mkdir -p "$rustlib/x86_64-unknown-linux-gnu/bin" "$rustlib/$WASM/lib"
  "${root[@]}" ln -sf "$(command -v lld-22)" "$rustlib/x86_64-unknown-linux-gnu/bin/rust-lld"

  say "Building the standard library for the browser (once, about half a minute)"
  local empty
  empty=$(mktemp -d)
  mkdir "$empty/src"
  : >"$empty/src/lib.rs"
  printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n[lib]\ncrate-type = ["cdylib"]\n' >"$empty/Cargo.toml"
  (
    cd "$empty"
    PATH=/usr/bin:/bin RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$empty/target \
      /usr/bin/cargo build --quiet --release --target "$WASM" -Zbuild-std=std,panic_abort
  ) >&2 || fail "The standard library for the browser did not build."
  "${root[@]}" cp "$empty/target/$WASM/release/deps/"*.rlib "$rustlib/$WASM/lib/"
  rm -rf "$empty"

  mkdir -p "$TOOLS"
  if have rustup; then
    rustup toolchain link "$DEBIAN_TOOLCHAIN" /usr
    export RUSTUP_TOOLCHAIN=$DEBIAN_TOOLCHAIN
  fi
  : >"$TOOLS/$DEBIAN_TOOLCHAIN"
}

complete && exit 0
from_rustup || from_debian
complete || fail "Rust $RUST_VERSION with $WASM is still not usable. \`rustc --version\` says: $(rustc --version 2>&1 | head -n 1)"

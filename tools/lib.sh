# shellcheck shell=bash
# What every script under tools/ shares: where things are, how to speak, how to ask Debian for a package.
# Sourced, never run.
# shellcheck disable=SC2034 # what is set here is used by who sources it

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# Tools that Debian does not have live here, shared by every checkout of this user.
TOOLS=${POSTERN_TOOLS:-$HOME/.cache/postern/tools}
# Where cargo builds; the finished binary is always left in target/release as well.
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
case $TARGET in /*) ;; *) TARGET=$ROOT/$TARGET ;; esac
POSTERN=$ROOT/target/release/postern

CARGO_LEPTOS_VERSION=0.3.11
BINARYEN_VERSION=132.0.0
RUST_VERSION=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
# The command must be of exactly the version of the library, or the browser side does not load.
WASM_BINDGEN_VERSION=$(awk '/^name = "wasm-bindgen"$/ {getline; gsub(/[^0-9.]/, ""); print; exit}' Cargo.lock 2>/dev/null || true)

export CARGO_TARGET_DIR=$TARGET
export PATH=$TOOLS/bin:$TOOLS/node_modules/.bin:$HOME/.cargo/bin:$PATH

# Made by tools/rust.sh where the toolchain came from Debian instead of rustup's server.
DEBIAN_TOOLCHAIN=postern-debian-$RUST_VERSION
choose_toolchain() {
  if [ -e "$TOOLS/$DEBIAN_TOOLCHAIN" ] && command -v rustup >/dev/null; then
    export RUSTUP_TOOLCHAIN=$DEBIAN_TOOLCHAIN
  fi
}
choose_toolchain

# provide rust|build|test: what is missing for it, and the toolchain that may have been chosen just now.
provide() {
  tools/install.sh "$1"
  choose_toolchain
}

say() { printf '\033[1m» %s\033[0m\n' "$*" >&2; }
fail() {
  printf '\033[1;31m» %s\033[0m\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# version COMMAND: the last dotted number of what `COMMAND --version` says, or nothing.
version() {
  have "$1" || return 0
  "$1" --version 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)*' | head -n 1 || true
}

# packages NAME...: asks Debian for them, as root or through sudo, and says what is missing where neither works.
packages() {
  have apt-get || fail "Please install with your system's package manager what Debian calls: $*"
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || fail "Please install as root: apt-get install $*"
    sudo=(sudo)
    [ -t 0 ] || sudo -n true 2>/dev/null || fail "Please install as root: apt-get install $*"
  fi
  say "Installing from Debian: $*"
  "${sudo[@]}" apt-get update -qq >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ||
    fail "apt-get could not install: $*"
}

# needs COMMAND PACKAGE...: the packages, unless the command is there.
needs() {
  local command=$1
  shift
  have "$command" || packages "$@"
}

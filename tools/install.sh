#!/usr/bin/env bash
# Installs what is missing: `install.sh rust`, `install.sh build` (rust and what makes the pages), `install.sh test`
# (that, and what the tests talk to). Does nothing, quickly, when all is there.
. "$(dirname "$0")/lib.sh"

# From source into $TOOLS, in a build folder that survives an interruption and is removed after success.
cargo_install() {
  local name=$1
  shift
  CARGO_TARGET_DIR=$TOOLS/build cargo install "$name" --root "$TOOLS" "$@" >&2 || fail "Could not install $name."
  rm -rf "$TOOLS/build"
}

install_rust() {
  needs cc build-essential
  tools/rust.sh
  choose_toolchain
}

install_build() {
  install_rust
  have npm || fail "Please install Node.js 20 or newer (https://nodejs.org, or Debian's nodejs and npm)."
  mkdir -p "$TOOLS"
  if [ "$(version cargo-leptos)" != "$CARGO_LEPTOS_VERSION" ]; then
    say "Installing cargo-leptos $CARGO_LEPTOS_VERSION (once, about 4 minutes on two cores)"
    # Its own release profile takes six times as long, for a tool that mostly waits for others.
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
      cargo_install cargo-leptos --version "$CARGO_LEPTOS_VERSION" --locked --features no_downloads
  fi
  [ -n "$WASM_BINDGEN_VERSION" ] || fail "Cargo.lock names no wasm-bindgen."
  if [ "$(version wasm-bindgen)" != "$WASM_BINDGEN_VERSION" ]; then
    say "Installing wasm-bindgen $WASM_BINDGEN_VERSION (once, about 2 minutes)"
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 cargo_install wasm-bindgen-cli --version "$WASM_BINDGEN_VERSION"
  fi
  if [ "$(version wasm-opt)" != "${BINARYEN_VERSION%%.*}" ]; then
    say "Installing wasm-opt $BINARYEN_VERSION (once)"
    npm install --prefix "$TOOLS" --no-audit --no-fund --loglevel=error "binaryen@$BINARYEN_VERSION" >&2
  fi
}

install_test() {
  install_build
  needs chromium-headless-shell chromium-headless-shell
  needs oathtool oathtool
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || needs initdb postgresql
  if [ ! end2end/node_modules/.package-lock.json -nt end2end/package-lock.json ]; then
    say "Installing the node packages of end2end/"
    npm ci --prefix end2end --no-audit --no-fund --loglevel=error >&2
    touch end2end/node_modules/.package-lock.json
  fi
}

case ${1:-} in
  rust | build | test) "install_$1" ;;
  *) fail "usage: tools/install.sh rust|build|test" ;;
esac

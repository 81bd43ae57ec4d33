#!/usr/bin/env bash
# The demo on http://127.0.0.1:3000: throw-away data, nothing leaves this machine.
. "$(dirname "$0")/lib.sh"

tools/build.sh
say "Starting the demo on http://127.0.0.1:3000 (Ctrl C stops it; its data is thrown away)"
exec "$POSTERN" demo "$@"

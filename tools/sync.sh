#!/bin/sh
# Brings the environment up to date, and says what to do when a package registry cannot be reached.
# Usage: sync.sh <uv> <arguments of "uv sync">
uv=$1
shift
# Its own progress goes to the terminal; errors are kept, to be examined.
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if "$uv" sync --locked --quiet "$@" 2>"$log"; then
  exit 0
fi
cat "$log" >&2
if grep -q -i -E 'failed to fetch|error sending request|dns|timed out|certificate' "$log"; then
  cat >&2 <<'ADVICE'

A package registry cannot be reached. What helps:
- behind a proxy, set HTTPS_PROXY, and NO_PROXY for what needs none;
- to use a mirror, set UV_DEFAULT_INDEX, and NPM_CONFIG_REGISTRY for the CDK CLI;
- certificates come from the system's store: add the proxy's there, or set SSL_CERT_FILE.
ADVICE
fi
exit 1

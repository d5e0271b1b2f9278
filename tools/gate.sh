#!/usr/bin/env bash
# Everything that gates a change. Deployments mostly wait for other programs, so they run alongside
# the rest. Usage: gate.sh <make>
make=$1
folder=$(mktemp -d) || exit 1
deployments=
end() {
  test -z "$deployments" || kill -- "-$deployments" 2>/dev/null
  wait
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM

step() {
  "$make" --no-print-directory "$@"
}

# A group of its own, so that all of it can be ended.
set -m
(
  set -e
  step deploy-test
  step command-test ARGS="-k kept_and_ended"
  step test-slow
  step starter-test
  step docs-test
) >"$folder/deployments" 2>&1 &
deployments=$!
set +m

failed=
# Named, so that the summary says what to run again.
step check || failed="$failed check"
# Shown at once, and its last line once more at the end.
{ step test; echo $? >"$folder/status"; } 2>&1 | tee "$folder/test"
test "$(cat "$folder/status")" = 0 || failed="$failed test"

wait "$deployments" || failed="$failed deploy-test/command-test/test-slow/starter-test/docs-test"
deployments=
cat "$folder/deployments"
if test -n "$failed"; then
  echo "failed:$failed" >&2
  exit 1
fi
tail -n 1 "$folder/test"

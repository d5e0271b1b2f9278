#!/usr/bin/env bash
# Everything that gates a change. Deployments, which have several processes, and the shorter targets
# run alongside the tests, and leave them a processor. Usage: gate.sh <make>
make=$1
folder=$(mktemp -d) || exit 1
nicely=
others=
end() {
  test -z "$others" || kill -- "-$others" 2>/dev/null
  wait
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 130' INT TERM

# Goes on after a failure, and the summary names what to run again.
step() {
  $nicely "$make" --no-print-directory "$@" || echo "$1" >>"$folder/failed"
}

# A group of its own, so that all of it can be ended.
set -m
(
  nicely="nice -n 10"
  step deploy-test
  step command-test ARGS="-k kept_and_ended"
  step test-slow
  step starter-test
  step docs-test
) >"$folder/others" 2>&1 &
others=$!
set +m

# Shown at once, and the result of the tests once more at the end.
step test 2>&1 | tee "$folder/test"
step check
wait "$others" || echo "what runs alongside the tests" >>"$folder/failed"
others=
cat "$folder/others"
if test -e "$folder/failed"; then
  echo "failed: $(paste -sd ' ' "$folder/failed")" >&2
  exit 1
fi
grep ' passed' "$folder/test" | tail -n 1

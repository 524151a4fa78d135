#!/bin/sh
# Places a call and prints its outcome: place-call.sh URL CALLER CALLEE
set -eu
call=$(curl --silent --show-error --fail-with-body "$1/v1/calls" \
  -H 'Content-Type: application/json' \
  -H 'Prefer: wait=60' \
  -H "Idempotency-Key: $(date +%s)-$$" \
  -d "{\"caller\": \"$2\", \"callee\": \"$3\"}") || { echo "$call" >&2; exit 1; }
echo "$call"
case $call in
  *'"status":"connected"'* | *'"status":"handedOver"'*) exit 0 ;;
  *) exit 1 ;;
esac

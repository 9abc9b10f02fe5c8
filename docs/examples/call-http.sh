#!/bin/sh
# Reverses one order over HTTP: sh call-http.sh <out_trade_no> [attempted_at, RFC 3339]
# Needs curl 7.75 or later (older than 8 may sign an order number with * wrongly: 403). AWS_SESSION_TOKEN is needed with temporary credentials only.
set -eu
: "${API_URL:?the output HttpApiUrl of the stack}" "${MCHID:?the merchant}" "${APPID:?the appid it was paid under}"
: "${AWS_REGION:?}" "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"
order=$API_URL/v3/pay/transactions/out-trade-no/$1
attempted_at=${2:+", \"attempted_at\": \"$2\""}

# Prints the body, and the status on a line of its own.
call() {
  curl --silent --show-error --write-out '\n%{http_code}\n' \
    --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    ${AWS_SESSION_TOKEN:+--header "X-Amz-Security-Token: $AWS_SESSION_TOKEN"} "$@"
}

answer=$(call "$order/reverse" --header 'Content-Type: application/json' \
  --data "{ \"mchid\": \"$MCHID\", \"appid\": \"$APPID\"$attempted_at }")

case $answer in
  *'
200') ;; # proved: the body says how it ended
  *'
202') # not success: the order is on the queue now, and goes on by itself. This only looks.
    until case $answer in *'"trade_state":"REVOKED"'* | *'"trade_state":"CLOSED"'*) true ;; *) false ;; esac; do
      sleep "${POLL_SECONDS:-5}"
      answer=$(call "$order?mchid=$MCHID")
    done ;;
  *)
    echo "$answer" >&2
    exit 1 ;;
esac
echo "$answer"

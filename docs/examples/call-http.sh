#!/bin/sh
# Reverses one order over HTTP: sh call-http.sh <out_trade_no> [attempted_at, RFC 3339] [if_paid: refund or keep]
# Prints how it ended, and exits with 0; 1: refused, or (5xx) not taken: send it again; 2: not known yet, the queue goes on and its event tells the end.
# Needs curl 7.75 or later (older than 8 may sign an order number with * wrongly: 403). AWS_SESSION_TOKEN is needed with temporary credentials only.
set -eu
: "${API_URL:?the output HttpApiUrl of the stack}" "${MCHID:?the merchant}" "${APPID:?the appid it was paid under}"
: "${AWS_REGION:?}" "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"
order=$API_URL/v3/pay/transactions/out-trade-no/$1
attempted_at=${2:+", \"attempted_at\": \"$2\""}
if_paid=${3:-refund}
poll=${POLL_SECONDS:-5} left=${GIVE_UP_SECONDS:-300} paid=0

# Prints the body, and the status on a line of its own.
call() {
  curl --silent --show-error --max-time 35 --write-out '\n%{http_code}\n' \
    --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    ${AWS_SESSION_TOKEN:+--header "X-Amz-Security-Token: $AWS_SESSION_TOKEN"} "$@"
}

end() { printf '%s\n' "$answer" && exit "$1"; } # not echo: it would change what is signed

answer=$(call "$order/reverse" --header 'Content-Type: application/json' \
  --data "{ \"mchid\": \"$MCHID\", \"appid\": \"$APPID\"$attempted_at, \"if_paid\": \"$if_paid\" }")
case $answer in
  *'
200') end 0 ;; # proved: the body says how it ended
  *'
202') ;; # not success: the order is on the queue now, and goes on by itself. The rest only looks.
  *) end 1 >&2 ;;
esac

while [ "$left" -gt 0 ]; do
  sleep "$poll"
  left=$((left - poll))
  answer=$(call "$order?mchid=$MCHID") || continue
  case $if_paid$answer in
    *'"trade_state":"REVOKED"'* | *'"trade_state":"CLOSED"'* | *'"trade_state":"REFUND"'*) end 0 ;;
    keep*'"trade_state":"SUCCESS"'*) # a reverse sent just before the payment may still act on it: kept is what stays paid
      paid=$((paid + poll))
      [ "$paid" -le "${KEPT_SECONDS:-90}" ] || end 0 ;;
    *'
429') ;;      # too many calls: look again
    *'
4'??) break ;; # 404: WeChat Pay knows no such order, or not yet
  esac
done
end 2 >&2

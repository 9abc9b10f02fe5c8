"""Reverses one order: python reverse.py http|queue <out_trade_no> [attempted_at]

Needs: pip install boto3. Set MCHID and APPID, and API_URL (output HttpApiUrl) or QUEUE_URL (output ReversalQueueUrl).
Exit code of `http`: 0 how it ended is proved, 2 not known yet (the service goes on by itself), 1 refused or not taken.
"""
import json
import os
import sys
import urllib.error
import urllib.request

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

session = botocore.session.get_session()
region = os.environ["AWS_REGION"]


def order(out_trade_no, attempted_at):
    fields = {"mchid": os.environ["MCHID"], "appid": os.environ["APPID"], "out_trade_no": out_trade_no}
    # When your payment call was made. It tells a payment that can still arrive from one that cannot.
    return {**fields, "attempted_at": attempted_at} if attempted_at else fields


def over_http(order):
    url = f"{os.environ['API_URL']}/v3/pay/transactions/out-trade-no/{order['out_trade_no']}/reverse"
    request = AWSRequest("POST", url, headers={"Content-Type": "application/json"}, data=json.dumps(order))
    SigV4Auth(session.get_credentials(), "execute-api", region).add_auth(request)
    prepared = request.prepare()
    call = urllib.request.Request(url, prepared.body.encode(), dict(prepared.headers.items()), method="POST")
    try:
        with urllib.request.urlopen(call, timeout=35) as answer:
            print(answer.read().decode())
            # 202 is not success: the order is on the queue now.
            return 0 if answer.status == 200 else 2
    except urllib.error.HTTPError as problem:
        # 4xx: refused, the reason is in `title` and `detail`. 5xx: not taken, send it again.
        print(problem.read().decode(), file=sys.stderr)
        return 1


def onto_queue(order):
    sqs = session.create_client("sqs", region_name=region)
    # A message group keeps the queue fair between merchants.
    sent = sqs.send_message(
        QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(order), MessageGroupId=order["mchid"]
    )
    print(f"{order['out_trade_no']} is on the queue: message {sent['MessageId']}")
    return 0


way, out_trade_no, *rest = sys.argv[1:]
sys.exit({"http": over_http, "queue": onto_queue}[way](order(out_trade_no, rest[0] if rest else None)))

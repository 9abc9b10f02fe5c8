<?php
// Reverses one order: php reverse.php http|queue <out_trade_no> [attempted_at]
// Needs PHP 8.2 with the curl extension, and nothing else: curl signs. Its version before 8 signs an order number with *
// wrongly (403). Set MCHID and APPID, and API_URL (output HttpApiUrl) or QUEUE_URL (output ReversalQueueUrl).
// Exit code of `http`: 0 how it ended is proved, 2 not known yet (the service goes on by itself), 1 refused or not taken.
declare(strict_types=1);

/** @return array{int, string} the status and the body */
function post(string $url, string $service, string $body, array $headers): array
{
    $token = getenv('AWS_SESSION_TOKEN');
    $call = curl_init($url);
    curl_setopt_array($call, [
        CURLOPT_POSTFIELDS => $body,
        CURLOPT_HTTPHEADER => $token ? [...$headers, "X-Amz-Security-Token: $token"] : $headers,
        CURLOPT_AWS_SIGV4 => 'aws:amz:' . getenv('AWS_REGION') . ":$service",
        CURLOPT_USERPWD => getenv('AWS_ACCESS_KEY_ID') . ':' . getenv('AWS_SECRET_ACCESS_KEY'),
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 35,
    ]);
    $answer = curl_exec($call);
    if ($answer === false) {
        throw new RuntimeException(curl_error($call) . ': not known whether it arrived, send it again');
    }
    return [curl_getinfo($call, CURLINFO_RESPONSE_CODE), $answer];
}

function overHttp(array $order): int
{
    $url = getenv('API_URL') . "/v3/pay/transactions/out-trade-no/{$order['out_trade_no']}/reverse";
    [$status, $answer] = post($url, 'execute-api', json_encode($order), ['Content-Type: application/json']);
    fwrite($status < 300 ? STDOUT : STDERR, "$answer\n");
    // 202 is not success: the order is on the queue now. 4xx: refused. 5xx: not taken, send it again.
    return match ($status) { 200 => 0, 202 => 2, default => 1 };
}

function ontoQueue(array $order): int
{
    $queueUrl = getenv('QUEUE_URL');
    // A message group keeps the queue fair between merchants.
    $message = ['QueueUrl' => $queueUrl, 'MessageBody' => json_encode($order), 'MessageGroupId' => $order['mchid']];
    $endpoint = getenv('AWS_ENDPOINT_URL_SQS') ?: preg_replace('#^(https?://[^/]+).*#', '$1', $queueUrl);
    $headers = ['Content-Type: application/x-amz-json-1.0', 'X-Amz-Target: AmazonSQS.SendMessage'];
    [$status, $answer] = post("$endpoint/", 'sqs', json_encode($message), $headers);
    fwrite($status === 200 ? STDOUT : STDERR, "$answer\n");
    return $status === 200 ? 0 : 1;
}

[, $way, $outTradeNo] = $argv;
$order = ['mchid' => getenv('MCHID'), 'appid' => getenv('APPID'), 'out_trade_no' => $outTradeNo];
if (isset($argv[3])) {
    // When your payment call was made. It tells a payment that can still arrive from one that cannot.
    $order['attempted_at'] = $argv[3];
}
exit(['http' => overHttp(...), 'queue' => ontoQueue(...)][$way]($order));

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Reverses one order: {@code java Reverse.java http|queue <out_trade_no> [attempted_at]}
 *
 * <p>Needs a JDK 17 and nothing else: {@link #sign} makes the AWS signature. A service that has the AWS SDK for Java takes
 * its AwsV4HttpSigner and SqsClient instead. Set MCHID and APPID, and API_URL (output HttpApiUrl) or QUEUE_URL (output
 * ReversalQueueUrl). Exit code of {@code http}: 0 how it ended is proved, 2 not known yet (the service goes on by itself),
 * 1 refused or not taken.
 */
public class Reverse {
    static final Map<String, String> ENV = System.getenv();

    public static void main(String[] args) throws Exception {
        // When your payment call was made. It tells a payment that can still arrive from one that cannot.
        String attemptedAt = args.length > 2 ? ", \"attempted_at\": \"" + args[2] + "\"" : "";
        String order = "{ \"mchid\": \"%s\", \"appid\": \"%s\", \"out_trade_no\": \"%s\"%s }"
                .formatted(ENV.get("MCHID"), ENV.get("APPID"), args[1], attemptedAt);
        System.exit(args[0].equals("http") ? overHttp(args[1], order) : ontoQueue(order));
    }

    static int overHttp(String outTradeNo, String order) throws Exception {
        URI uri = URI.create(ENV.get("API_URL") + "/v3/pay/transactions/out-trade-no/" + outTradeNo + "/reverse");
        HttpResponse<String> answer = post(uri, "execute-api", Map.of("content-type", "application/json"), order);
        (answer.statusCode() < 300 ? System.out : System.err).println(answer.body());
        return switch (answer.statusCode()) {
            case 200 -> 0;
            case 202 -> 2; // Not success: the order is on the queue now.
            default -> 1; // 4xx: refused, the reason is in title and detail. 5xx: not taken, send it again.
        };
    }

    static int ontoQueue(String order) throws Exception {
        URI queue = URI.create(ENV.get("QUEUE_URL"));
        String endpoint = ENV.getOrDefault("AWS_ENDPOINT_URL_SQS", queue.getScheme() + "://" + queue.getAuthority());
        // A message group keeps the queue fair between merchants.
        String message = "{ \"QueueUrl\": \"%s\", \"MessageBody\": \"%s\", \"MessageGroupId\": \"%s\" }"
                .formatted(queue, order.replace("\"", "\\\""), ENV.get("MCHID"));
        Map<String, String> headers =
                Map.of("content-type", "application/x-amz-json-1.0", "x-amz-target", "AmazonSQS.SendMessage");
        HttpResponse<String> answer = post(URI.create(endpoint + "/"), "sqs", headers, message);
        (answer.statusCode() == 200 ? System.out : System.err).println(answer.body());
        return answer.statusCode() == 200 ? 0 : 1;
    }

    /** An IOException means that nobody knows whether it arrived: send it again. */
    static HttpResponse<String> post(URI uri, String service, Map<String, String> headers, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(35))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        sign(uri, service, headers, body).forEach((name, value) -> {
            if (!name.equals("host")) request.header(name, value); // HttpClient writes it itself.
        });
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The headers of a POST without a query, with its AWS Signature Version 4 (docs.aws.amazon.com, "Create a signed AWS API request"). */
    static Map<String, String> sign(URI uri, String service, Map<String, String> headers, String body) throws Exception {
        String time = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'"));
        String scope = time.substring(0, 8) + "/" + ENV.get("AWS_REGION") + "/" + service + "/aws4_request";
        TreeMap<String, String> signed = new TreeMap<>(headers);
        signed.put("host", uri.getAuthority());
        signed.put("x-amz-date", time);
        if (ENV.get("AWS_SESSION_TOKEN") != null) signed.put("x-amz-security-token", ENV.get("AWS_SESSION_TOKEN"));

        String names = String.join(";", signed.keySet());
        String lines = signed.entrySet().stream()
                .map(header -> header.getKey() + ":" + header.getValue().trim() + "\n")
                .collect(Collectors.joining());
        String path = uri.getRawPath().replace("%", "%25").replace("*", "%2A");
        String canonical = "POST\n" + path + "\n\n" + lines + "\n" + names + "\n" + sha256(body);
        String toSign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + sha256(canonical);

        byte[] key = ("AWS4" + ENV.get("AWS_SECRET_ACCESS_KEY")).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/")) key = hmac(key, part);
        String signature = HexFormat.of().formatHex(hmac(key, toSign));
        signed.put("authorization", "AWS4-HMAC-SHA256 Credential=" + ENV.get("AWS_ACCESS_KEY_ID") + "/" + scope
                + ", SignedHeaders=" + names + ", Signature=" + signature);
        return signed;
    }

    static String sha256(String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    static byte[] hmac(byte[] key, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }
}

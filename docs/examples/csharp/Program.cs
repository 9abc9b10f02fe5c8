// Reverses one order: dotnet run -- http|queue <out_trade_no> [attempted_at]
// Needs .NET 8 and the packages of Reverse.csproj. Set MCHID and APPID, and API_URL (output HttpApiUrl) or QUEUE_URL (output
// ReversalQueueUrl). Exit code of `http`: 0 how it ended is proved, 2 not known yet (the service goes on by itself),
// 1 refused or not taken.
using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;

string Env(string name) => Environment.GetEnvironmentVariable(name) ?? throw new Exception($"{name} is not set");

var outTradeNo = args[1];
var order = new Dictionary<string, string>
{
    ["mchid"] = Env("MCHID"), ["appid"] = Env("APPID"), ["out_trade_no"] = outTradeNo,
};
// When your payment call was made. It tells a payment that can still arrive from one that cannot.
if (args.Length > 2) order["attempted_at"] = args[2];
var json = JsonSerializer.Serialize(order);

return args[0] == "http" ? await OverHttp() : await OntoQueue();

async Task<int> OverHttp()
{
    using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(35) };
    var request = new HttpRequestMessage(
        HttpMethod.Post, $"{Env("API_URL")}/v3/pay/transactions/out-trade-no/{outTradeNo}/reverse")
    {
        Content = new StringContent(json, Encoding.UTF8, "application/json"),
    };
    // The package AwsSignatureVersion4 adds this overload, which signs.
    var credentials = await FallbackCredentialsFactory.GetCredentials().GetCredentialsAsync();
    var answer = await client.SendAsync(request, Env("AWS_REGION"), "execute-api", credentials);
    var text = await answer.Content.ReadAsStringAsync();
    (answer.IsSuccessStatusCode ? Console.Out : Console.Error).WriteLine(text);
    // 202 is not success: the order is on the queue now. 4xx: refused. 5xx: not taken, send it again.
    return (int)answer.StatusCode switch { 200 => 0, 202 => 2, _ => 1 };
}

async Task<int> OntoQueue()
{
    using var sqs = new AmazonSQSClient();
    var sent = await sqs.SendMessageAsync(new SendMessageRequest
    {
        QueueUrl = Env("QUEUE_URL"),
        MessageBody = json,
        MessageGroupId = Env("MCHID"), // A message group keeps the queue fair between merchants.
    });
    Console.WriteLine($"{outTradeNo} is on the queue: message {sent.MessageId}");
    return 0;
}

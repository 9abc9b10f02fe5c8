// Reverses one order: go build reverse.go && ./reverse http|queue <out_trade_no> [attempted_at]
//
// Needs github.com/aws/aws-sdk-go-v2 with config and service/sqs. Set MCHID and APPID, and API_URL (output HttpApiUrl) or
// QUEUE_URL (output ReversalQueueUrl). Exit code of http: 0 how it ended is proved, 2 not known yet (the service goes on by
// itself), 1 refused or not taken.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

type order struct {
	Mchid      string `json:"mchid"`
	Appid      string `json:"appid"`
	OutTradeNo string `json:"out_trade_no"`
	// When your payment call was made. It tells a payment that can still arrive from one that cannot.
	AttemptedAt string `json:"attempted_at,omitempty"`
}

func overHTTP(ctx context.Context, settings aws.Config, o order) (int, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return 1, err
	}
	url := os.Getenv("API_URL") + "/v3/pay/transactions/out-trade-no/" + o.OutTradeNo + "/reverse"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 1, err
	}
	request.Header.Set("Content-Type", "application/json")
	credentials, err := settings.Credentials.Retrieve(ctx)
	if err != nil {
		return 1, err
	}
	digest := sha256.Sum256(body)
	hash := hex.EncodeToString(digest[:])
	err = v4.NewSigner().SignHTTP(ctx, credentials, request, hash, "execute-api", settings.Region, time.Now())
	if err != nil {
		return 1, err
	}
	answer, err := (&http.Client{Timeout: 35 * time.Second}).Do(request)
	if err != nil {
		return 1, err // Not known whether it arrived: send it again.
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 1, err
	}
	switch answer.StatusCode {
	case http.StatusOK:
		fmt.Println(string(text))
		return 0, nil
	case http.StatusAccepted: // Not success: the order is on the queue now.
		fmt.Println(string(text))
		return 2, nil
	default: // 4xx: refused, the reason is in title and detail. 5xx: not taken, send it again.
		return 1, fmt.Errorf("%s", text)
	}
}

func ontoQueue(ctx context.Context, settings aws.Config, o order) (int, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return 1, err
	}
	client := sqs.NewFromConfig(settings, func(options *sqs.Options) {
		if url := os.Getenv("AWS_ENDPOINT_URL_SQS"); url != "" {
			options.EndpointResolver = sqs.EndpointResolverFromURL(url)
		}
	})
	sent, err := client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:       aws.String(os.Getenv("QUEUE_URL")),
		MessageBody:    aws.String(string(body)),
		MessageGroupId: aws.String(o.Mchid), // A message group keeps the queue fair between merchants.
	})
	if err != nil {
		return 1, err
	}
	fmt.Printf("%s is on the queue: message %s\n", o.OutTradeNo, *sent.MessageId)
	return 0, nil
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	code := 1
	if err == nil {
		o := order{Mchid: os.Getenv("MCHID"), Appid: os.Getenv("APPID"), OutTradeNo: os.Args[2]}
		if len(os.Args) > 3 {
			o.AttemptedAt = os.Args[3]
		}
		ways := map[string]func(context.Context, aws.Config, order) (int, error){"http": overHTTP, "queue": ontoQueue}
		code, err = ways[os.Args[1]](ctx, settings, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// Command dispatch is the Lambda function that asks for one sweep an account,
// on schedule or by hand.
//
// SWEEP_QUEUE_URL is the FIFO queue for sweep requests; without it they go to
// standard error. ACCOUNT is the account to sweep when the payload names none;
// without it, it is the one that STS says the function runs in.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	account := os.Getenv("ACCOUNT")
	dispatch := &handler.Dispatch{
		Accounts: func(context.Context) ([]string, error) { return []string{account}, nil },
		Sweeps:   publish.NewSweepLines(os.Stderr), Log: log,
	}
	if err := connect(dispatch, account); err != nil {
		log.Error("function dispatch cannot start", "error", err)
		os.Exit(1)
	}
	lambda.StartHandlerFunc(func(ctx context.Context, payload json.RawMessage) (struct{}, error) {
		return struct{}{}, dispatch.Handle(ctx, payload)
	})
}

// connect lets STS say what the environment does not, and puts the queue in
// the place of standard error.
func connect(dispatch *handler.Dispatch, account string) error {
	url := os.Getenv("SWEEP_QUEUE_URL")
	if account != "" && url == "" {
		return nil
	}
	aws, err := settings.AWS(os.Getenv)
	if err != nil {
		return err
	}
	if account == "" {
		dispatch.Accounts = collect.NewOwn(sts.NewFromConfig(aws)).Accounts
	}
	if url != "" {
		dispatch.Sweeps = queue.New(sqs.NewFromConfig(aws), url, time.Now)
	}
	return nil
}

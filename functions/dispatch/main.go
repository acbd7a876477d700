// Command dispatch is the Lambda function that asks for one sweep an account,
// on schedule or by hand.
//
// SWEEP_QUEUE_URL is the FIFO queue for sweep requests; without it they go to
// standard error. With ORGANIZATION=true the accounts are all that the
// organization lists, with ACCOUNTS those of that list, else ACCOUNT or, without
// it, the account that STS says the function runs in. TABLE_NAME is the table
// that remembers them, and keeps the organization's control policies for scan.
//
// The log goes to standard error, from LOG_LEVEL up (debug, info, warn, error;
// info).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo/roll"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

func main() {
	log, _, wrong := settings.Observed(os.Stderr, os.Getenv)
	dispatch := &handler.Dispatch{Sweeps: publish.NewSweepLines(os.Stderr), Now: time.Now, Log: log}
	if err := errors.Join(wrong, connect(dispatch)); err != nil {
		log.Error("function dispatch cannot start", "error", err)
		os.Exit(1)
	}
	lambda.StartHandlerFunc(func(ctx context.Context, payload json.RawMessage) (struct{}, error) {
		return struct{}{}, dispatch.Handle(ctx, payload)
	})
}

// connect gives the dispatch its accounts, its memory and its queue. AWS is
// asked for nothing that the environment says.
func connect(dispatch *handler.Dispatch) error {
	of, err := settings.OrganizationOf(os.Getenv)
	if err != nil {
		return err
	}
	accounts := of.Accounts
	if len(accounts) == 0 {
		accounts = []string{of.Own}
	}
	dispatch.Accounts = func(context.Context) ([]string, error) { return accounts, nil }
	url := os.Getenv("SWEEP_QUEUE_URL")
	if accounts[0] != "" && !of.Whole && of.Table == "" && url == "" {
		return nil
	}
	aws, err := settings.AWS(os.Getenv)
	if err != nil {
		return err
	}
	switch {
	case of.Whole:
		patient := aws
		patient.Retryer = collect.Retryer(nil)
		// Organizations is one service for the whole world, and its place is this Region.
		dispatch.Organization = organization.NewWhole(organizations.NewFromConfig(patient, func(o *organizations.Options) { o.Region = "us-east-1" }))
	case accounts[0] == "":
		dispatch.Accounts = collect.NewOwn(sts.NewFromConfig(aws)).Accounts
	}
	if of.Table != "" {
		dispatch.Rolls = roll.NewKeeper(dynamodb.NewFromConfig(aws), of.Table)
	}
	if url != "" {
		dispatch.Sweeps = queue.New(sqs.NewFromConfig(aws), url, time.Now)
	}
	return nil
}

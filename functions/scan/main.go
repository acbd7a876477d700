// Command scan is the Lambda function that sweeps an account: it reads IAM and
// CodeArtifact, judges everything and publishes what it found.
//
// BUS_NAME is the bus for findings; without it they go to standard output. With
// ORGANIZATION=true or ACCOUNTS every account but ACCOUNT is read as its role
// MEMBER_ROLE_NAME, with EXTERNAL_ID; TABLE_NAME is the table that remembers findings
// and holds the configuration, without it everything is new; what the organization
// lets an account do is what dispatch put there.
//
// The log goes to standard error, from LOG_LEVEL up (debug, info, warn, error;
// info); with STACK_NAME also the figures that CloudWatch makes metrics of.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo/roll"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/bus"
	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

func main() {
	log, metrics, wrong := settings.Observed(os.Stderr, os.Getenv)
	scan := &handler.Scan{
		Auditor: handler.Auditor{Version: handler.Version(), Now: time.Now, Sink: publish.NewLines(os.Stdout), Log: log, Metrics: metrics},
	}
	if err := errors.Join(wrong, connect(context.Background(), scan)); err != nil {
		log.Error("function scan cannot start", "error", err)
		os.Exit(1)
	}
	lambda.StartHandlerFunc(scan.Handle)
}

// connect gives the scan accounts to read and, if there is one, its bus.
func connect(ctx context.Context, scan *handler.Scan) error {
	aws, err := settings.AWS(os.Getenv)
	if err != nil {
		return err
	}
	accounts, err := settings.OrganizationOf(os.Getenv)
	if err != nil {
		return err
	}
	if err := accounts.Reading(); err != nil {
		return err
	}
	scan.Reader = reading(aws, accounts)
	if accounts.Table != "" {
		state := settings.Table(aws, accounts.Table)
		scan.Store, scan.Configure = state, state.Configure
		scan.Roll = roll.NewReader(dynamodb.NewFromConfig(aws), accounts.Table, time.Now)
	}
	if name := os.Getenv("BUS_NAME"); name != "" {
		scan.Sink, err = bus.New(ctx, eventbridge.NewFromConfig(aws), name, bus.Wait)
	}
	return err
}

// Command change is the Lambda function that judges the policy document of a
// change event at once and asks for a sweep of its account.
//
// BUS_NAME is the bus for findings; without it they go to standard output.
// SWEEP_QUEUE_URL is the FIFO queue for sweep requests; without it they go to
// standard error. TABLE_NAME is the table that remembers findings and holds the
// configuration; without it everything is new. AWS is asked for nothing else,
// and for nothing without them.
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
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/bus"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

func main() {
	log, metrics, wrong := settings.Observed(os.Stderr, os.Getenv)
	change := &handler.Change{
		Auditor: handler.Auditor{Version: handler.Version(), Now: time.Now, Sink: publish.NewLines(os.Stdout), Log: log, Metrics: metrics},
		Sweeps:  publish.NewSweepLines(os.Stderr),
	}
	if err := errors.Join(wrong, connect(context.Background(), change)); err != nil {
		log.Error("function change cannot start", "error", err)
		os.Exit(1)
	}
	lambda.StartHandlerFunc(change.Handle)
}

// connect puts AWS in the place of standard output and standard error.
func connect(ctx context.Context, change *handler.Change) error {
	name, url, table := os.Getenv("BUS_NAME"), os.Getenv("SWEEP_QUEUE_URL"), os.Getenv("TABLE_NAME")
	if name == "" && url == "" && table == "" {
		return nil
	}
	aws, err := settings.AWS(os.Getenv)
	if err != nil {
		return err
	}
	if url != "" {
		change.Sweeps = queue.New(sqs.NewFromConfig(aws), url, time.Now)
	}
	if table != "" {
		state := settings.Table(aws, table)
		change.Store, change.Configure = state, state.Configure
	}
	if name != "" {
		change.Sink, err = bus.New(ctx, eventbridge.NewFromConfig(aws), name, bus.Wait)
	}
	return err
}

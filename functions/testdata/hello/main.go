// Command hello is the least that a function of ours could be: the runtime, the
// settings, and clients that are never used. Others are measured by how much
// longer they take to start.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

func main() {
	aws, err := settings.AWS(os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	reads, publishes := iam.NewFromConfig(aws), eventbridge.NewFromConfig(aws)
	lambda.StartHandlerFunc(func(context.Context, any) (string, error) {
		return fmt.Sprint(reads.Options().Region, publishes.Options().Region), nil
	})
}

package settings

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo"
)

// tries is how often one call of DynamoDB is made: a new table takes a while to
// grow with what is asked of it, and a run that gives up is run again whole.
const tries = 10

// Table returns the state in the table with that name.
func Table(cfg aws.Config, name string) *dynamo.Table {
	return dynamo.New(dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.RateLimiter = tries, ratelimit.None })
	}), name)
}

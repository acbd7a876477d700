package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/spf13/pflag"

	facts "github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
)

// deployed are the flags of the commands that read a deployment's table, as they
// were written.
type deployed struct{ table, profile, region string }

func (d *deployed) register(fs *pflag.FlagSet) {
	fs.StringVar(&d.table, "table", "", "the deployment's table has that `NAME` (TABLE_NAME)")
	fs.StringVar(&d.profile, "profile", "", "use the AWS profile `NAME` of the shared configuration")
	fs.StringVar(&d.region, "region", "", "the table is in `REGION` (that of the usual AWS settings, else us-east-1)")
	takes(fs, "region", facts.Regions()...)
}

// connection is a deployment's table and how to reach it.
type connection struct {
	name   string
	aws    aws.Config
	client *dynamodb.Client
}

// connect reads the usual AWS settings. The context ends with an interrupt.
func (d *deployed) connect() (connection, context.Context, context.CancelFunc, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	name := d.table
	if name == "" {
		name = os.Getenv("TABLE_NAME")
	}
	if name == "" {
		return connection{}, ctx, stop, wrongUsage("no table", "name it with --table or TABLE_NAME; it is an output of the deployed stack")
	}
	options := []func(*config.LoadOptions) error{
		config.WithSharedConfigProfile(d.profile), config.WithRetryer(collect.Retryer(nil)), config.WithDefaultRegion("us-east-1"),
	}
	if d.region != "" {
		options = append(options, config.WithRegion(d.region))
	}
	settings, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return connection{}, ctx, stop, fmt.Errorf("AWS settings: %w", err)
	}
	return connection{name: name, aws: settings, client: dynamodb.NewFromConfig(settings)}, ctx, stop, nil
}

// explain says what to do about an error of the table; permissions are what the
// command needs.
func (c connection) explain(err error, permissions string) error {
	var missing *types.ResourceNotFoundException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		return wrongUsage(fmt.Sprintf("table %q: there is none in %s", c.name, c.aws.Region), "the stack's output names it; --region and --profile say where it is looked for")
	case collect.IsCode(err, "AccessDeniedException", "AccessDenied"):
		return wrongUsage(fmt.Sprintf("table %q: %s", c.name, collect.Plain(err)), "this command needs "+permissions+" on the table")
	case collect.IsCode(err, "UnrecognizedClientException", "ExpiredTokenException", "InvalidSignatureException"):
		return wrongUsage(fmt.Sprintf("table %q: %s", c.name, collect.Plain(err)), "the credentials are those of the usual AWS settings: see --profile")
	}
	if _, failed := c.aws.Credentials.Retrieve(context.Background()); failed != nil {
		return wrongUsage(fmt.Sprintf("table %q: no credentials: %s", c.name, collect.Plain(failed)), "the credentials are those of the usual AWS settings: see --profile")
	}
	return err
}

package functions

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/collecttest"
)

const account = "111122223333"

// credentials are what a function of a real account finds in its environment.
// No service that a test starts checks them.
func credentials() map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID":     "AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_SESSION_TOKEN":     "example",
	}
}

// cloud is AWS as moto plays it: IAM, SQS and EventBridge in one process; and
// CodeArtifact, which moto lacks.
type cloud struct {
	url      string
	iam      *iam.Client
	sqs      *sqs.Client
	events   *eventbridge.Client
	dynamodb *dynamodb.Client

	packages    *collecttest.CodeArtifact
	packagesURL string
}

// startCloud starts moto, and CodeArtifact beside it, which are gone when the
// test ends.
func startCloud(t *testing.T) *cloud {
	t.Helper()
	c := connect(collecttest.StartMoto(t, account))
	c.packages = &collecttest.CodeArtifact{Account: account}
	server := httptest.NewServer(c.packages)
	t.Cleanup(server.Close)
	c.packagesURL = server.URL
	return c
}

func connect(url string) *cloud {
	own := credentials()
	config := aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(url),
		Credentials: awscredentials.NewStaticCredentialsProvider(
			own["AWS_ACCESS_KEY_ID"], own["AWS_SECRET_ACCESS_KEY"], own["AWS_SESSION_TOKEN"]),
	}
	return &cloud{
		url: url, iam: iam.NewFromConfig(config), sqs: sqs.NewFromConfig(config), events: eventbridge.NewFromConfig(config),
		dynamodb: dynamodb.NewFromConfig(config),
	}
}

// environment is what a function of this cloud finds in its environment.
func (c *cloud) environment(own map[string]string) map[string]string {
	all := credentials()
	all["AWS_ENDPOINT_URL"], all["AWS_ENDPOINT_URL_CODEARTIFACT"] = c.url, c.packagesURL
	maps.Copy(all, own)
	return all
}

// queue creates a queue and returns its URL and ARN.
func (c *cloud) queue(ctx context.Context, t *testing.T, name string, attributes map[string]string) (url, arn string) {
	t.Helper()
	out, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl, fmt.Sprintf("arn:aws:sqs:us-east-1:%s:%s", account, name)
}

// take receives everything that a queue holds, waiting for the first message
// and for as many more as come right after it, and deletes what it received.
func (c *cloud) take(ctx context.Context, t *testing.T, url string) []delivery {
	t.Helper()
	var all []delivery
	for wait := int32(5); ; wait = 1 {
		out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: 10, WaitTimeSeconds: wait, VisibilityTimeout: 60,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return all
		}
		for _, m := range out.Messages {
			all = append(all, delivery{ID: *m.MessageId, Body: *m.Body})
			if _, err := c.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// table creates a table of the stack's form and returns its name.
func (c *cloud) table(ctx context.Context, t *testing.T) string {
	t.Helper()
	name := "state"
	key := func(name string, kind types.KeyType) (types.AttributeDefinition, types.KeySchemaElement) {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}, types.KeySchemaElement{AttributeName: &name, KeyType: kind}
	}
	pk, hash := key("pk", types.KeyTypeHash)
	sk, order := key("sk", types.KeyTypeRange)
	if _, err := c.dynamodb.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{pk, sk}, KeySchema: []types.KeySchemaElement{hash, order},
	}); err != nil {
		t.Fatal(err)
	}
	return name
}

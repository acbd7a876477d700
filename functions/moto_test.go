package functions

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
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

// cloud is AWS as moto plays it: IAM, SQS and EventBridge in one process.
type cloud struct {
	url    string
	iam    *iam.Client
	sqs    *sqs.Client
	events *eventbridge.Client
}

// startCloud starts moto, which is gone when the test ends.
func startCloud(t *testing.T) *cloud {
	t.Helper()
	server, err := filepath.Abs("../.venv/bin/moto_server")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(server); err != nil {
		t.Fatalf("%v\nhint: make test installs it", err)
	}
	address := freeAddress(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "moto.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(server, "-H", host, "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_ACCOUNT_ID="+account)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, when all is well
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if text, err := os.ReadFile(log.Name()); t.Failed() && err == nil {
			t.Logf("moto said:\n%s", tail(string(text), 60))
		}
	})
	c := connect("http://" + address)
	c.await(t, ended)
	return c
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
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
	}
}

// await waits until moto answers. It imports a great deal first.
func (c *cloud) await(t *testing.T, ended <-chan struct{}) {
	t.Helper()
	giveUp := time.After(2 * time.Minute)
	for {
		response, err := http.Get(c.url + "/moto-api/data.json")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ended:
			t.Fatal("moto ended before it answered")
		case <-giveUp:
			t.Fatalf("moto does not answer: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// environment is what a function of this cloud finds in its environment.
func (c *cloud) environment(own map[string]string) map[string]string {
	all := credentials()
	all["AWS_ENDPOINT_URL"] = c.url
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

func tail(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

package queue_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
)

type fake struct {
	sent []*sqs.SendMessageInput
	err  error
}

func (f *fake) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	f.sent = append(f.sent, in)
	return &sqs.SendMessageOutput{}, f.err
}

func (f *fake) SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	return nil, errors.New("one request is no batch")
}

func TestABurstIsOneMessageOfItsAccount(t *testing.T) {
	f := &fake{}
	now := time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)
	q := queue.New(f, "https://sqs.example/sweeps.fifo", func() time.Time { return now })
	ask := func(at time.Duration, account string) {
		now = time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC).Add(at)
		if err := q.Request(context.Background(), publish.SweepRequest{Account: account, Trigger: &finding.Trigger{Kind: finding.BySchedule}}); err != nil {
			t.Fatal(err)
		}
	}
	ask(0, "111122223333")
	ask(59*time.Second, "111122223333")
	ask(60*time.Second, "111122223333")
	ask(60*time.Second, "444455556666")

	id := func(i int) string { return aws.ToString(f.sent[i].MessageDeduplicationId) }
	if id(0) != id(1) || id(1) == id(2) || id(2) == id(3) {
		t.Errorf("deduplication ids %s, %s, %s, %s", id(0), id(1), id(2), id(3))
	}
	first := f.sent[0]
	if *first.MessageGroupId != "111122223333" || *first.QueueUrl != "https://sqs.example/sweeps.fifo" || first.DelaySeconds != 0 {
		t.Errorf("group %q, queue %q, delay %d", *first.MessageGroupId, *first.QueueUrl, first.DelaySeconds)
	}
	if want := `{"account":"111122223333","trigger":{"kind":"schedule"}}`; *first.MessageBody != want {
		t.Errorf("body %s", *first.MessageBody)
	}
}

func TestRefusalNamesTheAccount(t *testing.T) {
	denied := errors.New("AccessDenied")
	q := queue.New(&fake{err: denied}, "u", time.Now)
	err := q.Request(context.Background(), publish.SweepRequest{Account: "111122223333"})
	if !errors.Is(err, denied) || !strings.Contains(err.Error(), "111122223333") {
		t.Errorf("error %v", err)
	}
}

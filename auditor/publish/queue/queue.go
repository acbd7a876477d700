// Package queue sends requests for sweeps to an SQS queue.
package queue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// Client is what the queue asks of SQS.
type Client interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Queue sends sweep requests to a FIFO queue.
type Queue struct {
	client Client
	url    string
	now    func() time.Time
	// Sleep waits before an entry of a batch is sent again, until the context
	// ends, whose error it then returns.
	Sleep func(ctx context.Context, d time.Duration) error
}

// New returns the FIFO queue with that URL; now tells the time of
// sending.
func New(client Client, url string, now func() time.Time) *Queue {
	return &Queue{client: client, url: url, now: now, Sleep: publish.Wait}
}

// Request sends the request. The account is the message group, so that an
// account is never swept twice at a time; account and minute of sending are
// the deduplication id, so that a burst of changes costs one sweep. The queue
// delays messages beyond the minute, so that no change of it is missed.
func (q *Queue) Request(ctx context.Context, request publish.SweepRequest) error {
	body, err := request.JSON()
	if err != nil {
		return err
	}
	_, err = q.client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:               aws.String(q.url),
		MessageBody:            aws.String(string(body)),
		MessageGroupId:         aws.String(request.Account),
		MessageDeduplicationId: aws.String(q.once(request)),
	})
	if err != nil {
		return fmt.Errorf("account %s: send sweep request: %w", request.Account, err)
	}
	return nil
}

// once returns the deduplication id of a request sent now. That an account left
// is no sweep, so a sweep of the same minute must not swallow it.
func (q *Queue) once(request publish.SweepRequest) string {
	id := request.Account + "-" + strconv.FormatInt(q.now().Unix()/60, 10)
	if request.State == publish.Left {
		id += "-left"
	}
	return id
}

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
}

// Queue sends sweep requests to a FIFO queue.
type Queue struct {
	client Client
	url    string
	now    func() time.Time
}

// New returns the FIFO queue with that URL; now tells the time of
// sending.
func New(client Client, url string, now func() time.Time) *Queue {
	return &Queue{client: client, url: url, now: now}
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
	minute := strconv.FormatInt(q.now().Unix()/60, 10)
	_, err = q.client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:               aws.String(q.url),
		MessageBody:            aws.String(string(body)),
		MessageGroupId:         aws.String(request.Account),
		MessageDeduplicationId: aws.String(request.Account + "-" + minute),
	})
	if err != nil {
		return fmt.Errorf("account %s: send sweep request: %w", request.Account, err)
	}
	return nil
}

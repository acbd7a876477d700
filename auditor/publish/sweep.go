package publish

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// SweepRequest asks for a sweep of one account.
type SweepRequest struct {
	Account string           `json:"account"`
	Trigger *finding.Trigger `json:"trigger,omitempty"`
}

// SQSClient is what SweepQueue asks of SQS.
type SQSClient interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// SweepQueue sends sweep requests to a FIFO queue.
type SweepQueue struct {
	client SQSClient
	url    string
	now    func() time.Time
}

// NewSweepQueue returns the FIFO queue with that URL; now tells the time of
// sending.
func NewSweepQueue(client SQSClient, url string, now func() time.Time) *SweepQueue {
	return &SweepQueue{client: client, url: url, now: now}
}

// Request sends the request. The account is the message group, so that an
// account is never swept twice at a time; account and minute of sending are
// the deduplication id, so that a burst of changes costs one sweep. The queue
// delays messages beyond the minute, so that no change of it is missed.
func (q *SweepQueue) Request(ctx context.Context, request SweepRequest) error {
	body, err := marshal(request)
	if err != nil {
		return fmt.Errorf("account %s: sweep request: %w", request.Account, err)
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

// SweepLines writes sweep requests as lines of JSON.
type SweepLines struct{ w io.Writer }

// NewSweepLines returns a writer of sweep requests to w.
func NewSweepLines(w io.Writer) *SweepLines { return &SweepLines{w: w} }

// Request writes the request as one line.
func (l *SweepLines) Request(_ context.Context, request SweepRequest) error {
	line, err := marshal(request)
	if err != nil {
		return fmt.Errorf("account %s: sweep request: %w", request.Account, err)
	}
	if _, err := l.w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("account %s: write sweep request: %w", request.Account, err)
	}
	return nil
}

package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// What a batch holds at most, how many are on their way at a time, how often an
// entry is sent in all, and how long the first pause before it is sent again
// lasts; each further one is twice as long. The SDK has its own retries for
// calls that fail whole; these are for entries.
//
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
const (
	perBatch   = 10
	atOnce     = 10
	attempts   = 5
	firstPause = 100 * time.Millisecond
)

// entry is a request on its way.
type entry struct {
	account string
	request types.SendMessageBatchRequestEntry
	failure error // of the last attempt
	final   bool  // no retry helps
}

// RequestAll sends the requests, ten a call and several calls at a time. An
// entry that SQS refuses for a passing reason is sent again with the same
// deduplication id. What does not get through is named by the
// *publish.UnaskedError returned; everything else was accepted.
func (q *Queue) RequestAll(ctx context.Context, requests []publish.SweepRequest) error {
	all := make([]*entry, 0, len(requests))
	for _, request := range requests {
		e := &entry{account: request.Account}
		body, err := request.JSON()
		if e.failure, e.final = err, err != nil; err == nil {
			e.request = types.SendMessageBatchRequestEntry{
				MessageBody: aws.String(string(body)), MessageGroupId: aws.String(request.Account),
				MessageDeduplicationId: aws.String(q.once(request)),
			}
		}
		all = append(all, e)
	}
	var sending sync.WaitGroup
	busy := make(chan struct{}, atOnce)
	for batch := range slices.Chunk(slices.DeleteFunc(slices.Clone(all), func(e *entry) bool { return e.final }), perBatch) {
		busy <- struct{}{}
		sending.Go(func() {
			defer func() { <-busy }()
			q.sendBatch(ctx, batch)
		})
	}
	sending.Wait()

	var unasked []publish.Unasked
	for _, e := range all {
		if e.failure != nil {
			unasked = append(unasked, publish.Unasked{Account: e.account, Err: e.failure})
		}
	}
	if unasked == nil {
		return nil
	}
	slices.SortFunc(unasked, func(a, b publish.Unasked) int { return cmp.Compare(a.Account, b.Account) })
	return &publish.UnaskedError{Of: len(requests), Unasked: unasked}
}

// sendBatch sends up to ten entries until none is left that another attempt may
// help.
func (q *Queue) sendBatch(ctx context.Context, batch []*entry) {
	pause := firstPause
	for attempt := 1; len(batch) > 0; attempt++ {
		q.send(ctx, batch)
		batch = slices.DeleteFunc(slices.Clone(batch), func(e *entry) bool { return e.failure == nil || e.final })
		if len(batch) == 0 || attempt == attempts || q.Sleep(ctx, pause) != nil {
			return
		}
		pause *= 2
	}
}

// send makes one call and notes what became of each entry. A call that fails as
// a whole has been retried by the SDK.
func (q *Queue) send(ctx context.Context, batch []*entry) {
	in := &sqs.SendMessageBatchInput{QueueUrl: aws.String(q.url)}
	for i, e := range batch {
		e.failure = fmt.Errorf("account %s: send sweep request: the answer says nothing of it", e.account)
		e.request.Id = aws.String(strconv.Itoa(i))
		in.Entries = append(in.Entries, e.request)
	}
	out, err := q.client.SendMessageBatch(ctx, in)
	if err != nil {
		for _, e := range batch {
			e.failure, e.final = fmt.Errorf("account %s: send sweep request: %w", e.account, err), true
		}
		return
	}
	for _, sent := range out.Successful {
		if e := named(batch, sent.Id); e != nil {
			e.failure = nil
		}
	}
	for _, refused := range out.Failed {
		if e := named(batch, refused.Id); e != nil {
			e.failure = fmt.Errorf("account %s: send sweep request: %s: %s", e.account, aws.ToString(refused.Code), aws.ToString(refused.Message))
			e.final = refused.SenderFault && !strings.Contains(aws.ToString(refused.Code), "Throttl")
		}
	}
}

// named returns the entry of a batch that an answer is about.
func named(batch []*entry, id *string) *entry {
	if i, err := strconv.Atoi(aws.ToString(id)); err == nil && i >= 0 && i < len(batch) {
		return batch[i]
	}
	return nil
}

// Package bus publishes events to an EventBridge bus.
package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// Client is what the bus asks of EventBridge.
type Client interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
	DescribeEventBus(context.Context, *eventbridge.DescribeEventBusInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeEventBusOutput, error)
}

// Sleep waits for d or until the context ends, whose error it then returns.
type Sleep func(ctx context.Context, d time.Duration) error

// Wait is the Sleep of the real world.
func Wait(ctx context.Context, d time.Duration) error { return publish.Wait(ctx, d) }

// Bus is a publish.Sink that puts events on an EventBridge bus.
type Bus struct {
	client Client
	name   string
	sleep  Sleep
}

// New returns a sink for the bus with that name or ARN. It asks
// whether the bus exists, because PutEvents accepts events for a bus that does
// not, and loses them.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
func New(ctx context.Context, client Client, name string, sleep Sleep) (*Bus, error) {
	if _, err := client.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: aws.String(name)}); err != nil {
		return nil, fmt.Errorf("event bus %q: %w", name, err)
	}
	return &Bus{client: client, name: name, sleep: sleep}, nil
}

// attempts is how often an entry is sent in all, and firstPause how long the
// first pause lasts; each further one is twice as long. The SDK has its own
// retries for calls that fail whole; these are for entries.
const (
	attempts   = 5
	firstPause = 100 * time.Millisecond
)

// Publish sends the events in order, at most 10 entries and 240 KB a call. An
// entry that EventBridge refuses for a passing reason is sent again, alone or
// with others that failed like it. What does not get through is named by the
// *publish.UnsentError returned; everything else was accepted.
func (b *Bus) Publish(ctx context.Context, events []publish.Event) error {
	var lost []publish.Unsent
	var entries []entry
	for _, event := range events {
		if made, err := b.entry(event); err != nil {
			lost = append(lost, publish.Unsent{ID: event.ID(), Err: err})
		} else {
			entries = append(entries, made)
		}
	}

	pause := firstPause
	for attempt := 1; len(entries) > 0; attempt++ {
		again, refused := b.put(ctx, entries)
		lost = append(lost, refused...)
		if len(again) == 0 {
			break
		}
		if attempt == attempts {
			lost = append(lost, unsent(again)...)
			break
		}
		if err := b.sleep(ctx, pause); err != nil {
			lost = append(lost, unsent(again)...)
			break
		}
		pause *= 2
		entries = again
	}
	if len(lost) > 0 {
		return &publish.UnsentError{Bus: b.name, Unsent: lost}
	}
	return nil
}

// put sends entries once. It returns those worth another attempt and those
// that are lost. A call that fails as a whole has been retried by the SDK, so
// its entries are lost, and the calls after it are still made: they may be
// smaller, or luckier.
func (b *Bus) put(ctx context.Context, entries []entry) (again []entry, lost []publish.Unsent) {
	for _, batch := range batches(entries) {
		input := &eventbridge.PutEventsInput{Entries: make([]types.PutEventsRequestEntry, len(batch))}
		for i, e := range batch {
			input.Entries[i] = e.request
		}
		output, err := b.client.PutEvents(ctx, input)
		if err == nil && len(output.Entries) != len(batch) {
			err = fmt.Errorf("put events: %d results for %d entries", len(output.Entries), len(batch))
		}
		if err != nil {
			for _, e := range batch {
				lost = append(lost, publish.Unsent{ID: e.id, Err: err})
			}
			continue
		}
		for i, result := range output.Entries {
			if result.ErrorCode == nil {
				continue
			}
			batch[i].failure = fmt.Errorf("%s: %s", *result.ErrorCode, aws.ToString(result.ErrorMessage))
			if permanent[*result.ErrorCode] {
				lost = append(lost, publish.Unsent{ID: batch[i].id, Err: batch[i].failure})
			} else {
				again = append(again, batch[i])
			}
		}
	}
	return again, lost
}

// permanent are the error codes of an entry that no retry helps.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
var permanent = map[string]bool{
	"AccessDeniedException":               true,
	"InvalidAccountIdException":           true,
	"InvalidArgument":                     true,
	"MalformedDetail":                     true,
	"RedactionFailure":                    true,
	"NotAuthorizedForSourceException":     true,
	"NotAuthorizedForDetailTypeException": true,
}

func unsent(entries []entry) []publish.Unsent {
	var lost []publish.Unsent
	for _, e := range entries {
		lost = append(lost, publish.Unsent{ID: e.id, Err: e.failure})
	}
	return lost
}

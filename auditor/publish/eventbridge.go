package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// EventBridgeClient is what the sink asks of EventBridge.
type EventBridgeClient interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
	DescribeEventBus(context.Context, *eventbridge.DescribeEventBusInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeEventBusOutput, error)
}

// Sleep waits for d or until the context ends, whose error it then returns.
type Sleep func(ctx context.Context, d time.Duration) error

// Wait is the Sleep of the real world.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// EventBridge is a sink that puts events on a bus.
type EventBridge struct {
	client EventBridgeClient
	bus    string
	sleep  Sleep
}

// NewEventBridge returns a sink for the bus with that name or ARN. It asks
// whether the bus exists, because PutEvents accepts events for a bus that does
// not, and loses them.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
func NewEventBridge(ctx context.Context, client EventBridgeClient, bus string, sleep Sleep) (*EventBridge, error) {
	if _, err := client.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: aws.String(bus)}); err != nil {
		return nil, fmt.Errorf("event bus %q: %w", bus, err)
	}
	return &EventBridge{client: client, bus: bus, sleep: sleep}, nil
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
// *UnsentError returned; everything else was accepted.
func (b *EventBridge) Publish(ctx context.Context, events []Event) error {
	var lost []Unsent
	var entries []entry
	for _, event := range events {
		if made, err := b.entry(event); err != nil {
			lost = append(lost, Unsent{ID: event.ID(), Err: err})
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
		return &UnsentError{Bus: b.bus, Unsent: lost}
	}
	return nil
}

// put sends entries once. It returns those worth another attempt and those
// that are lost. A call that fails as a whole has been retried by the SDK, so
// its entries are lost, and the calls after it are still made: they may be
// smaller, or luckier.
func (b *EventBridge) put(ctx context.Context, entries []entry) (again []entry, lost []Unsent) {
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
				lost = append(lost, Unsent{ID: e.id, Err: err})
			}
			continue
		}
		for i, result := range output.Entries {
			if result.ErrorCode == nil {
				continue
			}
			batch[i].failure = fmt.Errorf("%s: %s", *result.ErrorCode, aws.ToString(result.ErrorMessage))
			if permanent[*result.ErrorCode] {
				lost = append(lost, Unsent{ID: batch[i].id, Err: batch[i].failure})
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

// Unsent is an event that did not get through, and why.
type Unsent struct {
	ID  string
	Err error
}

func unsent(entries []entry) []Unsent {
	var lost []Unsent
	for _, e := range entries {
		lost = append(lost, Unsent{ID: e.id, Err: e.failure})
	}
	return lost
}

// UnsentError names the events that did not get through; all others of the
// same Publish did.
type UnsentError struct {
	Bus    string
	Unsent []Unsent
}

// Error names every event that was not sent.
func (e *UnsentError) Error() string {
	text := fmt.Sprintf("event bus %q: %d events not sent", e.Bus, len(e.Unsent))
	for _, u := range e.Unsent {
		text += fmt.Sprintf("; %s: %v", u.ID, u.Err)
	}
	return text
}

// Unwrap returns the causes.
func (e *UnsentError) Unwrap() []error {
	causes := make([]error, len(e.Unsent))
	for i, u := range e.Unsent {
		causes[i] = u.Err
	}
	return causes
}

// Sent reports whether err leaves the event with that id sent: nil does, an
// *UnsentError does for those it does not name.
func Sent(err error, id string) bool {
	if err == nil {
		return true
	}
	var unsent *UnsentError
	if !errors.As(err, &unsent) {
		return false
	}
	for _, u := range unsent.Unsent {
		if u.ID == id {
			return false
		}
	}
	return true
}

package bus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/bus"
)

// fake is EventBridge: it takes what fits, and fails what it is told to.
type fake struct {
	missing bool
	// verdict returns the error code for an entry's nth attempt, "" to accept.
	verdict func(id string, attempt int) string
	// broken returns the error of the nth call.
	broken func(call int) error
	short  bool // answer with one result too few

	calls    [][]string // ids of each call
	bytes    []int
	attempts map[string]int
	accepted []string
	buses    map[string]bool
}

func (f *fake) DescribeEventBus(_ context.Context, in *eventbridge.DescribeEventBusInput, _ ...func(*eventbridge.Options)) (*eventbridge.DescribeEventBusOutput, error) {
	if f.missing {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Event bus " + *in.Name + " does not exist.")}
	}
	return &eventbridge.DescribeEventBusOutput{Name: in.Name}, nil
}

func (f *fake) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	var ids []string
	size := 0
	out := &eventbridge.PutEventsOutput{}
	if f.attempts == nil {
		f.attempts, f.buses = map[string]int{}, map[string]bool{}
	}
	for _, e := range in.Entries {
		f.buses[*e.EventBusName] = true
		id := id(*e.Detail)
		ids = append(ids, id)
		size += 14 + len(*e.Source) + len(*e.DetailType) + len(*e.Detail)
		for _, r := range e.Resources {
			size += len(r)
		}
		f.attempts[id]++
		if code := f.code(id); code != "" {
			out.FailedEntryCount++
			out.Entries = append(out.Entries, types.PutEventsResultEntry{ErrorCode: aws.String(code), ErrorMessage: aws.String("because")})
			continue
		}
		f.accepted = append(f.accepted, id)
		out.Entries = append(out.Entries, types.PutEventsResultEntry{EventId: aws.String("e")})
	}
	f.calls, f.bytes = append(f.calls, ids), append(f.bytes, size)
	if f.broken != nil {
		if err := f.broken(len(f.calls)); err != nil {
			f.accepted = f.accepted[:len(f.accepted)-len(ids)]
			return nil, err
		}
	}
	if f.short {
		out.Entries = out.Entries[1:]
	}
	return out, nil
}

func (f *fake) code(id string) string {
	if f.verdict == nil {
		return ""
	}
	return f.verdict(id, f.attempts[id])
}

// id cuts the id out of {"metadata":{…,"id":"…"
func id(detail string) string {
	_, rest, _ := strings.Cut(detail, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// events returns n events whose entries have the given number of bytes or more.
func events(n, size int) []publish.Event {
	list := make([]publish.Event, n)
	for i := range list {
		list[i] = publish.Event{
			Source: "codeartifact-auditor", DetailType: publish.FindingEvent, Resources: []string{"arn:x"}, Time: time.Unix(0, 0),
			Detail: publish.Detail{Metadata: publish.Metadata{ID: fmt.Sprintf("%03d", i)}, Data: strings.Repeat("é", size/2)},
		}
	}
	return list
}

// pauses collects instead of sleeping.
type pauses struct{ all []time.Duration }

func (p *pauses) sleep(_ context.Context, d time.Duration) error {
	p.all = append(p.all, d)
	return nil
}

func newBus(t *testing.T, f *fake, sleep bus.Sleep) *bus.Bus {
	t.Helper()
	b, err := bus.New(context.Background(), f, "findings", sleep)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMissingBusIsFoundAtOnce(t *testing.T) {
	_, err := bus.New(context.Background(), &fake{missing: true}, "nowhere", bus.Wait)
	if err == nil || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("error %v does not name the bus", err)
	}
}

func TestNothingToPublishIsNoCall(t *testing.T) {
	f := &fake{}
	if err := newBus(t, f, bus.Wait).Publish(context.Background(), nil); err != nil || len(f.calls) != 0 {
		t.Errorf("%d calls, %v", len(f.calls), err)
	}
}

func TestTenEntriesACall(t *testing.T) {
	f := &fake{}
	if err := newBus(t, f, bus.Wait).Publish(context.Background(), events(25, 10)); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	var order []string
	for _, call := range f.calls {
		sizes = append(sizes, len(call))
		order = append(order, call...)
	}
	if diff := cmp.Diff([]int{10, 10, 5}, sizes); diff != "" {
		t.Error(diff)
	}
	if order[0] != "000" || order[24] != "024" || !f.buses["findings"] || len(f.buses) != 1 {
		t.Errorf("order %v on %v", order, f.buses)
	}
}

func TestCallsStayBelow240KB(t *testing.T) {
	f := &fake{}
	if err := newBus(t, f, bus.Wait).Publish(context.Background(), events(9, 60<<10)); err != nil {
		t.Fatal(err)
	}
	// Three of a good 60 KB make 180 KB and four more than 240.
	if len(f.calls) != 3 || len(f.accepted) != 9 {
		t.Errorf("%d calls, %d accepted", len(f.calls), len(f.accepted))
	}
	for _, size := range f.bytes {
		if size > 240<<10 || size < 180<<10 {
			t.Errorf("a call of %d bytes", size)
		}
	}
}

func TestFailedEntriesAloneAreSentAgain(t *testing.T) {
	f := &fake{verdict: func(id string, attempt int) string {
		if id == "003" && attempt < 3 || id == "017" && attempt < 2 {
			return "ThrottlingException"
		}
		return ""
	}}
	var p pauses
	if err := newBus(t, f, p.sleep).Publish(context.Background(), events(20, 10)); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"003", "017"}, {"003"}}
	if diff := cmp.Diff(want, f.calls[2:]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]time.Duration{100 * time.Millisecond, 200 * time.Millisecond}, p.all); diff != "" {
		t.Error(diff)
	}
	if len(f.accepted) != 20 {
		t.Errorf("%d accepted", len(f.accepted))
	}
}

func TestEntriesThatNeverGetThroughAreNamed(t *testing.T) {
	f := &fake{verdict: func(id string, _ int) string {
		return map[string]string{"001": "InternalFailureException", "002": "MalformedDetail"}[id]
	}}
	var p pauses
	err := newBus(t, f, p.sleep).Publish(context.Background(), events(4, 10))
	var unsent *publish.UnsentError
	if !errors.As(err, &unsent) || len(unsent.Unsent) != 2 {
		t.Fatalf("error %v", err)
	}
	for id, sent := range map[string]bool{"000": true, "001": false, "002": false, "003": true} {
		if publish.Sent(err, id) != sent {
			t.Errorf("%s sent: %t", id, !sent)
		}
	}
	for _, part := range []string{"findings", "001", "InternalFailureException", "002", "MalformedDetail", "because"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
	if f.attempts["001"] != 5 || f.attempts["002"] != 1 || len(p.all) != 4 {
		t.Errorf("attempts %v, pauses %v", f.attempts, p.all)
	}
}

func TestCallThatFailsWholeDoesNotTakeTheOthersWithIt(t *testing.T) {
	throttled := errors.New("ThrottlingException: slow down")
	f := &fake{broken: func(call int) error {
		if call == 1 {
			return throttled
		}
		return nil
	}}
	err := newBus(t, f, bus.Wait).Publish(context.Background(), events(15, 10))
	if !errors.Is(err, throttled) || publish.Sent(err, "009") || !publish.Sent(err, "010") || len(f.accepted) != 5 {
		t.Errorf("error %v, accepted %v", err, f.accepted)
	}
}

func TestAnswerOfAnotherLengthIsNoAnswer(t *testing.T) {
	f := &fake{short: true}
	err := newBus(t, f, bus.Wait).Publish(context.Background(), events(3, 10))
	if err == nil || publish.Sent(err, "000") || !strings.Contains(err.Error(), "2 results for 3 entries") {
		t.Errorf("error %v", err)
	}
}

func TestOversizedEntryIsNamedAndTheOthersAreSent(t *testing.T) {
	f := &fake{}
	list := append(events(2, 10), events(1, 70<<10)...)
	list[2].Detail.Metadata.ID = "big"
	err := newBus(t, f, bus.Wait).Publish(context.Background(), list)
	if err == nil || publish.Sent(err, "big") || !publish.Sent(err, "000") || len(f.accepted) != 2 {
		t.Errorf("error %v, accepted %v", err, f.accepted)
	}
}

func TestEndOfTimeEndsRetries(t *testing.T) {
	f := &fake{verdict: func(string, int) string { return "ThrottlingException" }}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := newBus(t, f, bus.Wait).Publish(ctx, events(1, 10))
	if err == nil || publish.Sent(err, "000") || f.attempts["000"] != 1 {
		t.Errorf("error %v after %d attempts", err, f.attempts["000"])
	}
}

func TestSentKnowsNothingOfOtherErrors(t *testing.T) {
	if publish.Sent(errors.New("broken pipe"), "000") {
		t.Error("sent in spite of an error that names nothing")
	}
}

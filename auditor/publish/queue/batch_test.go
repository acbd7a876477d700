package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
)

// fifo is SQS that takes batches. refuse says what becomes of an entry, given
// its account and how often it was sent before; nil is accepted.
type fifo struct {
	fake
	refuse func(account string, before int) *types.BatchResultErrorEntry
	whole  error // of every call

	lock     sync.Mutex
	calls    int
	underway int
	most     int            // calls underway at a time
	tries    map[string]int // by account
	ids      map[string][]string
	accepted map[string]int
}

func (f *fifo) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	f.lock.Lock()
	f.calls++
	f.underway++
	f.most = max(f.most, f.underway)
	f.lock.Unlock()
	time.Sleep(time.Millisecond) // so that calls overlap
	f.lock.Lock()
	defer f.lock.Unlock()
	f.underway--
	if f.tries == nil {
		f.tries, f.ids, f.accepted = map[string]int{}, map[string][]string{}, map[string]int{}
	}
	out := &sqs.SendMessageBatchOutput{}
	seen := map[string]bool{}
	for _, e := range in.Entries {
		account := *e.MessageGroupId
		if seen[*e.Id] || len(in.Entries) > 10 {
			return nil, errors.New("BatchEntryIdsNotDistinct or TooManyEntriesInBatchRequest")
		}
		seen[*e.Id] = true
		before := f.tries[account]
		f.tries[account]++
		f.ids[account] = append(f.ids[account], *e.MessageDeduplicationId)
		if f.whole != nil {
			continue
		}
		if f.refuse != nil {
			if failure := f.refuse(account, before); failure != nil {
				if failure.Code != nil {
					failure.Id = e.Id
					out.Failed = append(out.Failed, *failure)
				}
				continue
			}
		}
		f.accepted[account]++
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, f.whole
}

func requests(n int) []publish.SweepRequest {
	all := make([]publish.SweepRequest, n)
	for i := range all {
		all[i].Account = fmt.Sprintf("%012d", i+1)
	}
	return all
}

// patient sleeps at once and notes how long it should have been.
func patient(q *queue.Queue) *[]time.Duration {
	var lock sync.Mutex
	slept := new([]time.Duration)
	q.Sleep = func(ctx context.Context, d time.Duration) error {
		lock.Lock()
		defer lock.Unlock()
		*slept = append(*slept, d)
		return ctx.Err()
	}
	return slept
}

func refused(code string, sender bool) *types.BatchResultErrorEntry {
	return &types.BatchResultErrorEntry{Code: aws.String(code), SenderFault: sender}
}

func TestTenThousandRequestsAreAThousandCalls(t *testing.T) {
	f := &fifo{}
	if err := queue.New(f, "u", time.Now).RequestAll(context.Background(), requests(10000)); err != nil {
		t.Fatal(err)
	}
	if f.calls != 1000 || len(f.accepted) != 10000 || f.most < 2 || f.most > 10 {
		t.Errorf("%d calls, %d accepted, %d at a time", f.calls, len(f.accepted), f.most)
	}
}

func TestARefusedEntryIsSentAgainAlone(t *testing.T) {
	f := &fifo{refuse: func(account string, before int) *types.BatchResultErrorEntry {
		switch {
		case account == "000000000003" && before < 2:
			return refused("InternalError", false)
		case account == "000000000004" && before < 1:
			return refused("ThrottlingException", true)
		case account == "000000000005" && before < 1:
			return &types.BatchResultErrorEntry{} // not in the answer at all
		}
		return nil
	}}
	q := queue.New(f, "u", time.Now)
	slept := patient(q)
	if err := q.RequestAll(context.Background(), requests(12)); err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]int{"000000000001": 1, "000000000003": 3, "000000000004": 2, "000000000005": 2} {
		if f.tries[account] != want || f.accepted[account] != 1 {
			t.Errorf("%s: tried %d times, accepted %d times", account, f.tries[account], f.accepted[account])
		}
		if ids := f.ids[account]; len(slices.Compact(slices.Clone(ids))) != 1 {
			t.Errorf("%s: deduplication ids %v", account, ids)
		}
	}
	if !slices.Equal(*slept, []time.Duration{100 * time.Millisecond, 200 * time.Millisecond}) {
		t.Errorf("slept %v", *slept)
	}
}

func TestWhatDoesNotGetThroughIsNamed(t *testing.T) {
	f := &fifo{refuse: func(account string, _ int) *types.BatchResultErrorEntry {
		switch account {
		case "000000000015":
			return refused("InternalError", false)
		case "000000000002":
			return refused("InvalidMessageContents", true)
		}
		return nil
	}}
	q := queue.New(f, "u", time.Now)
	patient(q)
	err := q.RequestAll(context.Background(), requests(20))
	unasked, ok := errors.AsType[*publish.UnaskedError](err)
	if !ok || unasked.Of != 20 || len(unasked.Unasked) != 2 || unasked.Unasked[0].Account != "000000000002" || unasked.Unasked[1].Account != "000000000015" {
		t.Fatalf("error %v", err)
	}
	if f.tries["000000000002"] != 1 || f.tries["000000000015"] != 5 || len(f.accepted) != 18 {
		t.Errorf("tries %v, %d accepted", f.tries, len(f.accepted))
	}
}

func TestACallThatFailsWholeIsNotMadeAgain(t *testing.T) {
	f := &fifo{whole: errors.New("AccessDenied")}
	q := queue.New(f, "u", time.Now)
	slept := patient(q)
	err := q.RequestAll(context.Background(), requests(25))
	if unasked, ok := errors.AsType[*publish.UnaskedError](err); !ok || len(unasked.Unasked) != 25 || f.calls != 3 || len(*slept) != 0 || !errors.Is(err, f.whole) {
		t.Errorf("error %v, %d calls, slept %v", err, f.calls, *slept)
	}
	if err := q.RequestAll(context.Background(), nil); err != nil {
		t.Errorf("nobody: %v", err)
	}
}

func TestALeaveIsNotASweepOfItsMinute(t *testing.T) {
	f := &fifo{}
	now := func() time.Time { return time.Unix(1790000000, 0) }
	q := queue.New(f, "u", now)
	if err := errors.Join(
		q.Request(context.Background(), publish.SweepRequest{Account: "000000000001"}),
		q.RequestAll(context.Background(), []publish.SweepRequest{{Account: "000000000001", State: publish.Left}}),
		q.RequestAll(context.Background(), []publish.SweepRequest{{Account: "000000000001", State: "SUSPENDED"}}),
	); err != nil {
		t.Fatal(err)
	}
	single, ids := *f.sent[0].MessageDeduplicationId, f.ids["000000000001"]
	if ids[0] == single || ids[1] != single {
		t.Errorf("ids %s and %v", single, ids)
	}
}

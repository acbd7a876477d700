package organization_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo/roll"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
)

var update = flag.Bool("update", false, "write the figures of docs/scale.md anew")

// table counts what DynamoDB and SQS are asked for, and keeps the items, which
// it serves a megabyte a page.
type table struct {
	items  map[string]map[string]types.AttributeValue
	calls  map[string]int
	writes int // write units: a kilobyte of an item, or a part of one
	bytes  int // of all items

	lock sync.Mutex
}

func sizeOf(item map[string]types.AttributeValue) int {
	n := 0
	for name, value := range item {
		n += len(name)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			n += len(v.Value)
		case *types.AttributeValueMemberN:
			n += len(v.Value)
		}
	}
	return n
}

func (c *table) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	c.calls["dynamodb:Query"]++
	out := &dynamodb.QueryOutput{}
	keys := slices.Sorted(maps.Keys(c.items))
	if in.ExclusiveStartKey != nil {
		from, _ := slices.BinarySearch(keys, in.ExclusiveStartKey["sk"].(*types.AttributeValueMemberS).Value)
		keys = keys[from+1:]
	}
	n := 0
	for i, key := range keys {
		if n += sizeOf(c.items[key]); n > 1<<20 {
			out.LastEvaluatedKey = c.items[keys[i-1]]
			break
		}
		out.Items = append(out.Items, c.items[key])
	}
	return out, nil
}

func (c *table) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	c.calls["dynamodb:BatchWriteItem"]++
	for _, w := range in.RequestItems["t"] {
		if w.PutRequest != nil {
			item := w.PutRequest.Item
			c.items[item["sk"].(*types.AttributeValueMemberS).Value] = item
			c.writes += (sizeOf(item) + 1023) / 1024
		}
	}
	return &dynamodb.BatchWriteItemOutput{}, nil
}

func (c *table) SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return nil, fmt.Errorf("not in batches")
}

func (c *table) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.calls["sqs:SendMessageBatch"]++
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		out.Successful = append(out.Successful, sqstypes.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

// large is the organization that docs/scale.md counts on: 10,000 accounts in 500
// units, 60 policies of which each is attached to two units, and 100 accounts
// with one more of their own.
func large(tells bool) *fake {
	f := organizationOf(10000, 500)
	f.tells = tells
	for i := range 60 {
		policy := fmt.Sprintf("p-%08d", i)
		f.attach(policy, unit(2*i))
		f.attach(policy, unit(2*i+1))
	}
	for i := range 100 {
		f.attach("p-00000000", f.accounts[i+1])
	}
	return f
}

// dispatched counts the calls of the real dispatch over that organization.
func dispatched(t *testing.T, f *fake, c *table, at time.Time) map[string]int {
	t.Helper()
	f.calls, c.calls, c.writes = map[string]int{}, map[string]int{}, 0
	now := func() time.Time { return at }
	d := &handler.Dispatch{
		Organization: organization.NewWhole(f), Rolls: roll.NewKeeper(c, "t"), Sweeps: queue.New(c, "u", now), Now: now, Log: slog.New(slog.DiscardHandler),
	}
	if err := d.Handle(context.Background(), []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(c.calls)
	for call, n := range f.calls {
		all["organizations:"+call] = n
	}
	return all
}

// TestScale holds the figures of docs/scale.md against the code that makes the
// calls.
func TestScale(t *testing.T) {
	day := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	c := &table{items: map[string]map[string]types.AttributeValue{}}
	first := dispatched(t, large(true), c, day)
	firstWrites := c.writes
	next := dispatched(t, large(true), c, day.Add(24*time.Hour))
	nextWrites := c.writes
	walked := dispatched(t, large(false), c, day.Add(48*time.Hour))
	for _, item := range c.items {
		c.bytes += sizeOf(item)
	}

	var text strings.Builder
	fmt.Fprintln(&text, "| Call | First dispatch | Every other | Where paths are not told |\n|---|---:|---:|---:|")
	calls := map[string]bool{}
	for _, column := range []map[string]int{first, next, walked} {
		for call := range column {
			calls[call] = true
		}
	}
	totals := [3]int{}
	for _, call := range slices.Sorted(maps.Keys(calls)) {
		fmt.Fprintf(&text, "| `%s` | %d | %d | %d |\n", call, first[call], next[call], walked[call])
		if strings.HasPrefix(call, "organizations:") {
			totals[0], totals[1], totals[2] = totals[0]+first[call], totals[1]+next[call], totals[2]+walked[call]
		}
	}
	fmt.Fprintf(&text, "| all of Organizations | %d | %d | %d |\n", totals[0], totals[1], totals[2])
	fmt.Fprintf(&text, "| write units of DynamoDB | %d | %d | %d |\n\n", firstWrites, nextWrites, nextWrites)
	fmt.Fprintf(&text, "The roll is %d items of %.1f MB in all.\n\n", len(c.items), float64(c.bytes)/1e6)

	fmt.Fprintln(&text, "| Calls to Organizations a second | Minutes of a dispatch | Where paths are not told |\n|---:|---:|---:|")
	for _, rate := range []int{1, 2, 5, 10} {
		fmt.Fprintf(&text, "| %d | %.1f | %.1f |\n", rate, minutes(totals[1], rate), minutes(totals[2], rate))
	}
	fmt.Fprintf(&text, "\nA sweep of an account of 900 users, groups, roles and policies, with one domain of 20 repositories: %d calls to\n"+
		"CodeArtifact (two in each of %d Regions, two for the domain, one for each repository), one to IAM, one to STS, two to read\nthe roll.\n\n",
		2*len(codeartifact.Regions())+2+20, len(codeartifact.Regions()))

	fmt.Fprintln(&text, "| Seconds of a sweep | 5 at a time | 20 at a time | 50 at a time | 200 at a time |\n|---:|---:|---:|---:|---:|")
	for _, seconds := range []int{5, 15, 60} {
		fmt.Fprintf(&text, "| %d ", seconds)
		for _, concurrency := range []int{5, 20, 50, 200} {
			fmt.Fprintf(&text, "| %.1f h ", float64(10000*seconds)/float64(concurrency)/3600)
		}
		fmt.Fprintln(&text, "|")
	}
	hold(t, "../../../docs/scale.md", text.String())
}

func minutes(calls, rate int) float64 { return float64(calls) / float64(rate) / 60 }

// hold compares the figures with those of a page, which stand between two
// comments.
func hold(t *testing.T, name, want string) {
	t.Helper()
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- figures -->\n", "<!-- /figures -->\n"
	before, rest, ok := strings.Cut(string(page), begin)
	got, after, closed := strings.Cut(rest, end)
	switch {
	case !ok || !closed:
		t.Fatalf("%s has no %s…%s", name, begin, end)
	case got == want:
	case !*update:
		t.Errorf("%s has other figures than the code makes; go test ./auditor/collect/organization -run TestScale -update\n%s", name, want)
	default:
		if err := os.WriteFile(name, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

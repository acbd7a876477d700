package roll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// ReaderClient is what is asked of DynamoDB to read single items of the roll.
type ReaderClient interface {
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
}

// Reader reads single accounts of the roll: whether they left, and the control
// policies above them. It is a collect.OrganizationReader.
type Reader struct {
	client    ReaderClient
	table     string
	now       func() time.Time
	documents inventory.Documents
	// Sleep waits before keys that DynamoDB did not process are asked for again.
	Sleep func(ctx context.Context, d time.Duration) error
}

// NewReader returns the reader of the roll in the table with that name; now tells
// how old the roll is. It is for one goroutine.
func NewReader(client ReaderClient, table string, now func() time.Time) *Reader {
	return &Reader{client: client, table: table, now: now, Sleep: publish.Wait}
}

// GuardsHold is how long control policies hold after they were read: a day, and
// two hours for a dispatch that is late.
const GuardsHold = 26 * time.Hour

// Read returns the organization of the account and the control policies from the
// root down to it, as the last dispatch put them into the table. Where it did
// not, or too long ago, the failure says so; then they are unknown, which is an
// assumption.
func (r *Reader) Read(ctx context.Context, account string, saw func(call string, entities int)) (collect.Organization, *collect.Failure) {
	found, err := r.read(ctx, account, saw)
	if err != nil {
		return found, &collect.Failure{Call: "BatchGetItem", Of: guardsPrefix + account, Err: err}
	}
	return found, nil
}

func (r *Reader) read(ctx context.Context, account string, saw func(call string, entities int)) (collect.Organization, error) {
	items, err := r.get(ctx, []string{rollItem, guardsPrefix + account}, saw)
	if err != nil {
		return collect.Organization{}, err
	}
	var roll history.Roll
	if err := takeOrganization(&roll, items[rollItem]); err != nil {
		return collect.Organization{}, err
	}
	found := collect.Organization{ID: roll.Organization}
	guards := items[guardsPrefix+account]
	switch age := r.now().Sub(roll.Read); {
	case roll.Read.IsZero():
		return found, &collect.UnshownError{Reason: "no dispatch has read the organization's policies"}
	case age > GuardsHold:
		return found, &collect.UnshownError{Reason: fmt.Sprintf("the organization's policies were last read %d hours ago (expected at most %d)",
			int(age.Hours()), int(GuardsHold.Hours()))}
	case guards == nil:
		return found, &collect.UnshownError{Reason: "the last dispatch did not place the account in the organization"}
	}
	ids, err := levels(guards)
	if err != nil {
		return found, err
	}
	found.Guards, err = r.levels(ctx, ids, saw)
	return found, err
}

// levels resolves the ids of policies.
func (r *Reader) levels(ctx context.Context, ids [][]string, saw func(call string, entities int)) ([][]inventory.Guard, error) {
	var keys []string
	for _, id := range slices.Concat(ids...) {
		keys = append(keys, policyPrefix+id)
	}
	slices.Sort(keys)
	items, err := r.get(ctx, slices.Compact(keys), saw)
	if err != nil {
		return nil, err
	}
	guards := make([][]inventory.Guard, len(ids))
	for i, level := range ids {
		guards[i] = []inventory.Guard{}
		for _, id := range level {
			item := items[policyPrefix+id]
			if item == nil {
				return nil, &collect.UnshownError{Reason: "the table does not hold control policy " + id}
			}
			p, err := controlPolicy(id, item)
			if err != nil {
				return nil, err
			}
			guards[i] = append(guards[i], inventory.Guard{Name: p.Name, Kind: p.Kind, Document: r.documents.Intern(p.Content)})
		}
	}
	return guards, nil
}

// Entry returns what the roll says of the account, and whether it says anything.
func (r *Reader) Entry(ctx context.Context, account string) (history.Entry, bool, error) {
	sk := accountPrefix + account
	items, err := r.get(ctx, []string{sk}, func(string, int) {})
	var entry history.Entry
	if err == nil && items[sk] != nil {
		err = takeEntry(&entry, items[sk])
	}
	if err != nil {
		return history.Entry{}, false, fmt.Errorf("table %s: account %s: %w", r.table, account, err)
	}
	return entry, items[sk] != nil, nil
}

// perRead is what a call reads at most.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const perRead = 100

// get returns the items that exist, by sort key.
func (r *Reader) get(ctx context.Context, sks []string, saw func(call string, entities int)) (map[string]attributes, error) {
	found := map[string]attributes{}
	for some := range slices.Chunk(sks, perRead) {
		keys := make([]attributes, len(some))
		for i, sk := range some {
			keys[i] = key(sk)
		}
		pause := firstPause
		for attempt := 1; len(keys) > 0; attempt++ {
			out, err := r.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{r.table: {Keys: keys}}})
			if err != nil {
				return nil, err
			}
			saw("BatchGetItem", len(out.Responses[r.table]))
			for _, item := range out.Responses[r.table] {
				found[textOf(item, "sk")] = item
			}
			if keys = out.UnprocessedKeys[r.table].Keys; len(keys) == 0 {
				break
			}
			if attempt == attempts {
				return nil, errUnprocessed
			}
			if err := r.Sleep(ctx, pause); err != nil {
				return nil, errors.Join(errUnprocessed, err)
			}
			pause *= 2
		}
	}
	return found, nil
}

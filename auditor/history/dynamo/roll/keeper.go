// Package roll keeps the roll of accounts, and the control policies above them,
// in the table. It is apart from dynamo, so that who keeps findings alone does
// not carry what reads accounts.
package roll

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// KeeperClient is what is asked of DynamoDB to keep the roll.
type KeeperClient interface {
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
}

// Keeper keeps the roll of accounts in the table.
type Keeper struct {
	client KeeperClient
	table  string
	// Sleep waits before what DynamoDB did not process is written again, until
	// the context ends, whose error it then returns.
	Sleep func(ctx context.Context, d time.Duration) error
}

// NewKeeper returns the keeper of the roll in the table with that name.
func NewKeeper(client KeeperClient, table string) *Keeper {
	return &Keeper{client: client, table: table, Sleep: publish.Wait}
}

// Load returns the roll; before the first Save, an empty one.
func (k *Keeper) Load(ctx context.Context) (history.Roll, error) {
	roll := history.Roll{Entries: map[string]history.Entry{}, Policies: map[string]inventory.ControlPolicy{}}
	in := &dynamodb.QueryInput{
		TableName: aws.String(k.table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: attributes{":pk": text(rollKey)},
	}
	for {
		page, err := k.client.Query(ctx, in)
		if err != nil {
			return history.Roll{}, fmt.Errorf("table %s: load roll: %w", k.table, err)
		}
		for _, item := range page.Items {
			if err := take(&roll, item); err != nil {
				return history.Roll{}, fmt.Errorf("table %s: load roll: item %q: %w", k.table, textOf(item, "sk"), err)
			}
		}
		if len(page.LastEvaluatedKey) == 0 {
			return roll, nil
		}
		in.ExclusiveStartKey = page.LastEvaluatedKey
	}
}

// Save writes what differs between the roll as it was loaded and as it is
// now. The organization's own item, which says when all of this was read, is the
// last to be written: until then the old one stands.
func (k *Keeper) Save(ctx context.Context, before, after history.Roll) error {
	was, is := spell(before), spell(after)
	var writes []types.WriteRequest
	for _, sk := range slices.Sorted(maps.Keys(is)) {
		if sk != rollItem && !reflect.DeepEqual(was[sk], is[sk]) {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: is[sk]}})
		}
	}
	for _, sk := range slices.Sorted(maps.Keys(was)) {
		if is[sk] == nil {
			writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key(sk)}})
		}
	}
	// A policy is there before the first account names it, since account#,
	// guards# and policy# would be written in another order: put these first.
	slices.SortStableFunc(writes, func(a, b types.WriteRequest) int { return rank(a) - rank(b) })
	writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: is[rollItem]}})
	for batch := range slices.Chunk(writes[:len(writes)-1], perWrite) {
		if err := k.write(ctx, batch); err != nil {
			return err
		}
	}
	return k.write(ctx, writes[len(writes)-1:])
}

// rank orders writes: new policies, what names them, what is gone.
func rank(w types.WriteRequest) int {
	switch {
	case w.DeleteRequest != nil:
		return 2
	case strings.HasPrefix(textOf(w.PutRequest.Item, "sk"), policyPrefix):
		return 0
	}
	return 1
}

// What a call writes at most, how often what was not processed is written in
// all, and how long the first pause lasts; each further one is twice as long.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const (
	perWrite   = 25
	attempts   = 8
	firstPause = 100 * time.Millisecond
)

var errUnprocessed = errors.New("DynamoDB did not process all of it")

func (k *Keeper) write(ctx context.Context, batch []types.WriteRequest) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		out, err := k.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{k.table: batch}})
		if err == nil {
			if batch = out.UnprocessedItems[k.table]; len(batch) == 0 {
				return nil
			}
			err = errUnprocessed
			if attempt < attempts {
				if err = k.Sleep(ctx, pause); err == nil {
					pause *= 2
					continue
				}
			}
		}
		return fmt.Errorf("table %s: save roll: %w", k.table, err)
	}
}

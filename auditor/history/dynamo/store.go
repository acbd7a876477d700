package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

// Load returns what is known of the account, or of these findings of it. Of a
// state that a later version wrote it returns the schema number and whatever
// this version can read.
func (t *Table) Load(ctx context.Context, account string, findings ...string) (history.State, error) {
	var items []attributes
	var err error
	if len(findings) == 0 {
		items, err = t.partition(ctx, accountPrefix+account)
	} else {
		items, err = t.some(ctx, account, findings)
	}
	if err != nil {
		return history.State{}, err
	}
	state := history.State{Schema: history.Schema, Account: account, Items: make(map[string]history.Item, len(items))}
	for _, item := range items {
		if err := take(&state, item); err != nil {
			return history.State{}, fmt.Errorf("table %s: item %s: %w", t.name, nameOf(item), err)
		}
	}
	return state, nil
}

// partition reads all items with that partition key.
func (t *Table) partition(ctx context.Context, pk string) ([]attributes, error) {
	var items []attributes
	in := &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: attributes{":pk": text(pk)},
	}
	for {
		page, err := t.client.Query(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("table %s: query %s: %w", t.name, pk, err)
		}
		items = append(items, page.Items...)
		if len(page.LastEvaluatedKey) == 0 {
			return items, nil
		}
		in.ExclusiveStartKey = page.LastEvaluatedKey
	}
}

// some reads the account's own record and the items of these findings.
func (t *Table) some(ctx context.Context, account string, findings []string) ([]attributes, error) {
	keys := []string{accountItem}
	for _, id := range findings {
		keys = append(keys, findingPrefix+id)
	}
	items := make([]attributes, len(keys))
	err := each(len(keys), func(i int) (err error) {
		items[i], err = t.get(ctx, accountPrefix+account, keys[i])
		return err
	})
	return slices.DeleteFunc(items, func(item attributes) bool { return item == nil }), err
}

func nameOf(item attributes) string {
	r := reader{item: item}
	return r.text("pk") + " " + r.text("sk")
}

// take puts what an item says into the state.
func take(state *history.State, item attributes) error {
	if schema := schemaOf(item); schema > history.Schema {
		state.Schema = max(state.Schema, schema)
		return nil
	}
	r := reader{item: item}
	sk := r.text("sk")
	switch id, ok := strings.CutPrefix(sk, findingPrefix); {
	case ok:
		known, err := read(item)
		if err != nil {
			return err
		}
		state.Items[id] = known
	case strings.HasPrefix(sk, seenPrefix):
		if state.Announced == nil {
			state.Announced = make(map[string]time.Time)
		}
		state.Announced[strings.TrimPrefix(sk, seenPrefix)] = r.instant("at")
	case sk == watchItem:
		return errors.Join(r.err, unpack("watch", item["watch"], &state.Watch))
	case sk == accountItem:
		state.Swept, state.Ruleset = r.instant("swept"), r.text("ruleset")
		return errors.Join(r.err, unpack("seen", item["seen"], &state.Seen))
	}
	return r.err
}

// notNewer is the condition that no later version wrote the item. Schema is a
// word of DynamoDB's own.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
const notNewer = "#schema <= :schema"

func schemaName() map[string]string { return map[string]string{"#schema": "schema"} }

// Save writes what does not conflict, several items at once and the account's
// own record last. When it reports another error than a conflict, some items may
// have been written; each of those is whole, and pending if it is news.
func (t *Table) Save(ctx context.Context, update history.Update) error {
	if err := t.announce(ctx, update); err != nil {
		return err
	}
	var mu sync.Mutex
	var conflicts []string
	err := each(len(update.Writes), func(i int) error {
		write := update.Writes[i]
		err := t.put(ctx, update.Account, write)
		if refused(err) {
			mu.Lock()
			defer mu.Unlock()
			conflicts = append(conflicts, write.Edge.Finding.ID)
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(conflicts) > 0 {
		slices.Sort(conflicts)
		return &history.ConflictError{Account: update.Account, Findings: conflicts}
	}
	if update.Swept.IsZero() {
		return nil
	}
	if err := t.watch(ctx, update); err != nil {
		return err
	}
	return t.record(ctx, update)
}

// announcedFor is how long it is remembered that an event named an entity: some
// sweeps that failed, and the one after.
const announcedFor = 8 * 24 * time.Hour

// announce notes which entities events have named, unless a later event has.
func (t *Table) announce(ctx context.Context, update history.Update) error {
	entities := slices.Sorted(maps.Keys(update.Announced))
	return each(len(entities), func(i int) error {
		at := update.Announced[entities[i]]
		item := key(accountPrefix+update.Account, seenPrefix+entities[i])
		item["schema"], item["at"] = number(history.Schema), instant(at)
		item["expires"] = &types.AttributeValueMemberN{Value: fmt.Sprint(at.Add(announcedFor).Unix())}
		_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: &t.name, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk) OR (#at < :at AND " + notNewer + ")"),
			ExpressionAttributeNames:  map[string]string{"#at": "at", "#schema": "schema"},
			ExpressionAttributeValues: attributes{":at": item["at"], ":schema": item["schema"]},
		})
		if err == nil || refused(err) {
			return nil
		}
		return fmt.Errorf("table %s: put item %s: %w", t.name, nameOf(item), err)
	})
}

// watch writes what the next sweep compares with. Of an account with more
// documents than an item takes, some fifteen thousand, nothing is kept, and no
// change of it is missed.
func (t *Table) watch(ctx context.Context, update history.Update) error {
	item := key(accountPrefix+update.Account, watchItem)
	packed, err := pack(update.Watch)
	if errors.Is(err, errLarge) {
		packed, err = pack(history.Watch{})
	}
	if err != nil {
		return fmt.Errorf("table %s: put item %s: %w", t.name, nameOf(item), err)
	}
	item["schema"], item["swept"], item["watch"] = number(history.Schema), instant(update.Swept), packed
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: item,
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR (swept <= :swept AND " + notNewer + ")"),
		ExpressionAttributeNames:  schemaName(),
		ExpressionAttributeValues: attributes{":swept": item["swept"], ":schema": item["schema"]},
	})
	if err == nil || refused(err) {
		return nil
	}
	return fmt.Errorf("table %s: put item %s: %w", t.name, nameOf(item), err)
}

// put writes the item of a finding.
func (t *Table) put(ctx context.Context, account string, write history.Write) error {
	item, err := spell(account, write.Item)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	in := &dynamodb.PutItemInput{TableName: &t.name, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if write.Previous > 0 {
		in.ConditionExpression = aws.String("edge = :previous AND " + notNewer)
		in.ExpressionAttributeNames = schemaName()
		in.ExpressionAttributeValues = attributes{":previous": number(write.Previous), ":schema": number(history.Schema)}
	}
	if _, err := t.client.PutItem(ctx, in); err != nil {
		return fmt.Errorf("table %s: put item %s: %w", t.name, nameOf(item), err)
	}
	return nil
}

// record writes the account's own record, unless a later sweep has. That a later
// version has is a conflict: who loads again is told.
func (t *Table) record(ctx context.Context, update history.Update) error {
	item := key(accountPrefix+update.Account, accountItem)
	item["schema"], item["swept"], item["ruleset"] = number(history.Schema), instant(update.Swept), text(update.Ruleset)
	var err error
	if item["seen"], err = packSeen(update.Seen); err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: item,
		ConditionExpression:                 aws.String("attribute_not_exists(pk) OR (swept <= :swept AND " + notNewer + ")"),
		ExpressionAttributeNames:            schemaName(),
		ExpressionAttributeValues:           attributes{":swept": item["swept"], ":schema": item["schema"]},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &failed):
		return fmt.Errorf("table %s: put item %s: %w", t.name, nameOf(item), err)
	case schemaOf(failed.Item) > history.Schema:
		return &history.ConflictError{Account: update.Account}
	}
	return nil
}

// Sent clears the pending flag of the findings whose stored edge still has that
// number.
func (t *Table) Sent(ctx context.Context, account string, sent []history.SentEdge) error {
	return each(len(sent), func(i int) error {
		_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &t.name, Key: key(accountPrefix+account, findingPrefix+sent[i].Finding),
			UpdateExpression: aws.String("SET pending = :sent"), ConditionExpression: aws.String("edge = :edge AND " + notNewer),
			ExpressionAttributeNames:  schemaName(),
			ExpressionAttributeValues: attributes{":sent": flag(false), ":edge": number(sent[i].Number), ":schema": number(history.Schema)},
		})
		if err == nil || refused(err) {
			return nil
		}
		return fmt.Errorf("table %s: update item %s%s %s%s: %w", t.name, accountPrefix, account, findingPrefix, sent[i].Finding, err)
	})
}

// Package dynamo keeps the state of accounts, and the configuration, in one
// DynamoDB table.
//
// The table's key is pk and sk, both strings. An account has the partition
// account#<id>: its own record, account, one item a finding, finding#<finding
// id>, the fingerprints of its documents, watch, and one item for each entity
// that an event named, seen#<entity>. The partition configuration has one item, current. What
// lies in the partition organization is package roll's.
//
// Every item that a later version of the auditor wrote has a higher schema
// number than history.Schema, and is neither read nor written over.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

// Client is what is asked of DynamoDB. Throttles are for its retryer.
type Client interface {
	ItemClient
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// ItemClient is what is asked of DynamoDB by who knows the findings that he asks
// for.
type ItemClient interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Table is a history.Store in a DynamoDB table.
type Table struct {
	client Client
	name   string
}

// New returns the store in the table with that name. Whether there is such a
// table shows when it is first asked for something.
func New(client Client, name string) *Table { return &Table{client: client, name: name} }

// attributes are those of an item, or the values of an expression.
type attributes = map[string]types.AttributeValue

// The keys of the table.
const (
	accountPrefix = "account#" // of pk
	accountItem   = "account"  // sk
	findingPrefix = "finding#" // of sk
	watchItem     = "watch"    // sk
	seenPrefix    = "seen#"    // of sk: an entity that an event named
)

func key(pk, sk string) attributes { return attributes{"pk": text(pk), "sk": text(sk)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
}

func flag(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

func instant(t time.Time) types.AttributeValue { return text(t.UTC().Format(instants)) }

// instants is a form of times that sorts as text.
const instants = "2006-01-02T15:04:05.000000000Z"

// reader reads the attributes of one item; the first that is missing or of
// another type is its err.
type reader struct {
	item attributes
	err  error
}

func (r *reader) fail(name, expected string) {
	if r.err == nil {
		r.err = fmt.Errorf("attribute %q (expected %s)", name, expected)
	}
}

func (r *reader) text(name string) string {
	s, ok := r.item[name].(*types.AttributeValueMemberS)
	if !ok {
		r.fail(name, "a string")
		return ""
	}
	return s.Value
}

func (r *reader) number(name string) int {
	if n, ok := r.item[name].(*types.AttributeValueMemberN); ok {
		if value, err := strconv.Atoi(n.Value); err == nil {
			return value
		}
	}
	r.fail(name, "a whole number")
	return 0
}

func (r *reader) flag(name string) bool {
	b, ok := r.item[name].(*types.AttributeValueMemberBOOL)
	if !ok {
		r.fail(name, "a boolean")
		return false
	}
	return b.Value
}

func (r *reader) instant(name string) time.Time {
	t, err := time.Parse(instants, r.text(name))
	if err != nil {
		r.fail(name, "a time")
	}
	return t
}

// schemaOf returns the number of the form that an item is in; one without a
// number is in none that this version knows.
func schemaOf(item attributes) int {
	r := reader{item: item}
	if n := r.number("schema"); r.err == nil {
		return n
	}
	return history.Schema + 1
}

// get reads one item, as it is now; nil when there is none.
func (t *Table) get(ctx context.Context, pk, sk string) (attributes, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: key(pk, sk), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("table %s: get item %s %s: %w", t.name, pk, sk, err)
	}
	return out.Item, nil
}

// refused reports whether the condition of a write did not hold.
func refused(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed)
}

// atOnce is how many items are read or written beside each other. One
// partition takes 1,000 writes of 1 KB a second, which this many do not exceed
// by far; what it does not take is tried again.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
const atOnce = 16

// each runs do for 0 to n-1, several at once, and returns the first error by
// index. After an error it starts no more: the table is down, or the context
// has ended.
func each(n int, do func(i int) error) error {
	errs := make([]error, n)
	var stop sync.Once
	stopped := make(chan struct{})
	busy := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i := range n {
		select {
		case <-stopped:
		case busy <- struct{}{}:
			running.Go(func() {
				defer func() { <-busy }()
				if errs[i] = do(i); errs[i] != nil {
					stop.Do(func() { close(stopped) })
				}
			})
		}
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

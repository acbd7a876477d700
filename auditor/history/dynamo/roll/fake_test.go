package roll_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const table = "caudit"

type attributes = map[string]types.AttributeValue

// store is DynamoDB with one partition. It serves pages of three items, and
// leaves of every call what unprocessed says undone.
type store struct {
	items       map[string]attributes // by sort key
	unprocessed func(call int) int    // how many of a call's items are left undone
	fault       func(call int) error

	calls  int
	puts   []string // sort keys in the order in which they were written
	slept  []time.Duration
	widest int // most items of a call
}

var errThrottled = errors.New("ProvisionedThroughputExceededException")

func sk(item attributes) string { return item["sk"].(*types.AttributeValueMemberS).Value }

func (s *store) begin(n int) (undone int, err error) {
	s.calls++
	s.widest = max(s.widest, n)
	if s.fault != nil {
		err = s.fault(s.calls)
	}
	if s.unprocessed != nil {
		undone = min(n, s.unprocessed(s.calls))
	}
	return undone, err
}

func (s *store) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if _, err := s.begin(0); err != nil {
		return nil, err
	}
	keys := slices.Sorted(maps.Keys(s.items))
	if in.ExclusiveStartKey != nil {
		i, _ := slices.BinarySearch(keys, sk(in.ExclusiveStartKey))
		keys = keys[i+1:]
	}
	out := &dynamodb.QueryOutput{}
	for i, key := range keys {
		if i == 3 {
			out.LastEvaluatedKey = attributes{"pk": s.items[keys[2]]["pk"], "sk": s.items[keys[2]]["sk"]}
			break
		}
		out.Items = append(out.Items, s.items[key])
	}
	return out, nil
}

func (s *store) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	writes := in.RequestItems[table]
	undone, err := s.begin(len(writes))
	if err != nil {
		return nil, err
	}
	if s.items == nil {
		s.items = map[string]attributes{}
	}
	done := len(writes) - undone
	for _, w := range writes[:done] {
		if w.DeleteRequest != nil {
			delete(s.items, sk(w.DeleteRequest.Key))
			s.puts = append(s.puts, "-"+sk(w.DeleteRequest.Key))
			continue
		}
		s.items[sk(w.PutRequest.Item)] = w.PutRequest.Item
		s.puts = append(s.puts, sk(w.PutRequest.Item))
	}
	out := &dynamodb.BatchWriteItemOutput{}
	if undone > 0 {
		out.UnprocessedItems = map[string][]types.WriteRequest{table: writes[done:]}
	}
	return out, nil
}

func (s *store) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	keys := in.RequestItems[table].Keys
	undone, err := s.begin(len(keys))
	if err != nil {
		return nil, err
	}
	done := len(keys) - undone
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]attributes{}}
	for _, key := range keys[:done] {
		if item := s.items[sk(key)]; item != nil {
			out.Responses[table] = append(out.Responses[table], item)
		}
	}
	if undone > 0 {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{table: {Keys: keys[done:]}}
	}
	return out, nil
}

func (s *store) sleep(ctx context.Context, d time.Duration) error {
	s.slept = append(s.slept, d)
	return ctx.Err()
}

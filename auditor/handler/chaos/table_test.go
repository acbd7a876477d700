package chaos

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type attributes = map[string]types.AttributeValue

// table is DynamoDB with one table: items by key, and conditions as far as the
// state uses them.
type table struct {
	*gate
	items  map[string]attributes
	pageOf int // how many items a page of a query has
}

func text(value types.AttributeValue) string {
	s, _ := value.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

func keyOf(item attributes) string { return text(item["pk"]) + " " + text(item["sk"]) }

// GetItem answers as DynamoDB does, with nothing for what is not there.
func (t *table) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	out := &dynamodb.GetItemOutput{}
	err := t.pass("dynamodb:GetItem "+keyOf(in.Key), func() error {
		out.Item = maps.Clone(t.items[keyOf(in.Key)])
		return nil
	}, nil)
	return out, err
}

// PutItem writes the item if its condition holds.
func (t *table) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	err := t.pass("dynamodb:PutItem "+keyOf(in.Item), func() error {
		if err := t.check(in.Item, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues); err != nil {
			return err
		}
		t.items[keyOf(in.Item)] = maps.Clone(in.Item)
		return nil
	}, nil)
	return &dynamodb.PutItemOutput{}, err
}

// UpdateItem sets one attribute if the condition holds.
func (t *table) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	err := t.pass("dynamodb:UpdateItem "+keyOf(in.Key), func() error {
		if err := t.check(in.Key, in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues); err != nil {
			return err
		}
		words := strings.Fields(*in.UpdateExpression)
		if len(words) != 4 || words[0] != "SET" || words[2] != "=" {
			return fmt.Errorf("update %q is not known here", *in.UpdateExpression)
		}
		item := maps.Clone(t.items[keyOf(in.Key)])
		item[words[1]] = in.ExpressionAttributeValues[words[3]]
		t.items[keyOf(in.Key)] = item
		return nil
	}, nil)
	return &dynamodb.UpdateItemOutput{}, err
}

// Query returns the items of a partition, a page.
func (t *table) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out := &dynamodb.QueryOutput{}
	pk := text(in.ExpressionAttributeValues[":pk"])
	err := t.pass("dynamodb:Query "+pk, func() error {
		after := keyOf(in.ExclusiveStartKey)
		for _, key := range slices.Sorted(maps.Keys(t.items)) {
			if !strings.HasPrefix(key, pk+" ") || in.ExclusiveStartKey != nil && key <= after {
				continue
			}
			if len(out.Items) == t.pageOf {
				last := out.Items[t.pageOf-1]
				out.LastEvaluatedKey = attributes{"pk": last["pk"], "sk": last["sk"]}
				break
			}
			out.Items = append(out.Items, maps.Clone(t.items[key]))
		}
		return nil
	}, nil)
	return out, err
}

// BatchGetItem returns those that are there; in part, every other one.
func (t *table) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]attributes{}, UnprocessedKeys: map[string]types.KeysAndAttributes{}}
	get := func(every int) error {
		for name, asked := range in.RequestItems {
			var left []attributes
			for i, key := range asked.Keys {
				if i%every != 0 {
					left = append(left, key)
				} else if item := t.items[keyOf(key)]; item != nil {
					out.Responses[name] = append(out.Responses[name], maps.Clone(item))
				}
			}
			if left != nil {
				out.UnprocessedKeys[name] = types.KeysAndAttributes{Keys: left}
			}
		}
		return nil
	}
	var first string
	for _, asked := range in.RequestItems {
		first = keyOf(asked.Keys[0])
	}
	err := t.pass("dynamodb:BatchGetItem "+first, func() error { return get(1) }, func() error { return get(2) })
	return out, err
}

// BatchWriteItem writes and deletes; in part, every other one.
func (t *table) BatchWriteItem(_ context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	out := &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{}}
	write := func(every int) error {
		for name, asked := range in.RequestItems {
			for i, w := range asked {
				switch {
				case i%every != 0:
					out.UnprocessedItems[name] = append(out.UnprocessedItems[name], w)
				case w.PutRequest != nil:
					t.items[keyOf(w.PutRequest.Item)] = maps.Clone(w.PutRequest.Item)
				case w.DeleteRequest != nil:
					delete(t.items, keyOf(w.DeleteRequest.Key))
				}
			}
		}
		return nil
	}
	var first string
	for _, asked := range in.RequestItems {
		if w := asked[0]; w.PutRequest != nil {
			first = keyOf(w.PutRequest.Item)
		} else {
			first = keyOf(w.DeleteRequest.Key)
		}
	}
	err := t.pass("dynamodb:BatchWriteItem "+first, func() error { return write(1) }, func() error { return write(2) })
	return out, err
}

// check reports the error for a condition that does not hold of what is there.
func (t *table) check(key attributes, condition *string, names map[string]string, values attributes) error {
	if condition == nil {
		return nil
	}
	item := t.items[keyOf(key)]
	holds, err := evaluate(*condition, func(word string) types.AttributeValue {
		if strings.HasPrefix(word, ":") {
			return values[word]
		}
		if name, ok := names[word]; ok {
			word = name
		}
		return item[word]
	})
	switch {
	case err != nil:
		return err
	case !holds:
		return &types.ConditionalCheckFailedException{Item: maps.Clone(item)}
	}
	return nil
}

// evaluate decides a condition of comparisons, attribute_not_exists, AND, OR and
// brackets.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
func evaluate(condition string, value func(string) types.AttributeValue) (bool, error) {
	spaced := strings.NewReplacer("(", " ( ", ")", " ) ").Replace(condition)
	e := &expression{words: strings.Fields(spaced), value: value}
	holds := e.either()
	if e.err == nil && len(e.words) > 0 {
		e.err = fmt.Errorf("condition %q: %q is not understood", condition, e.words)
	}
	return holds, e.err
}

type expression struct {
	words []string
	value func(string) types.AttributeValue
	err   error
}

func (e *expression) next() string {
	if len(e.words) == 0 {
		e.err = fmt.Errorf("a condition ends too early")
		return ""
	}
	word := e.words[0]
	e.words = e.words[1:]
	return word
}

func (e *expression) ahead(word string) bool {
	if len(e.words) > 0 && e.words[0] == word {
		e.words = e.words[1:]
		return true
	}
	return false
}

func (e *expression) either() bool {
	holds := e.both()
	for e.ahead("OR") {
		other := e.both()
		holds = holds || other
	}
	return holds
}

func (e *expression) both() bool {
	holds := e.one()
	for e.ahead("AND") {
		other := e.one()
		holds = holds && other
	}
	return holds
}

func (e *expression) one() bool {
	switch word := e.next(); word {
	case "(":
		holds := e.either()
		if e.next() != ")" {
			e.err = fmt.Errorf("a bracket is not closed")
		}
		return holds
	case "attribute_not_exists":
		if e.next() != "(" {
			e.err = fmt.Errorf("attribute_not_exists of nothing")
		}
		absent := e.value(e.next()) == nil
		if e.next() != ")" {
			e.err = fmt.Errorf("a bracket is not closed")
		}
		return absent
	default:
		left, operator := e.value(word), e.next()
		return e.compare(left, operator, e.value(e.next()))
	}
}

func (e *expression) compare(left types.AttributeValue, operator string, right types.AttributeValue) bool {
	if left == nil || right == nil {
		return false
	}
	var order int
	switch l := left.(type) {
	case *types.AttributeValueMemberS:
		order = cmp.Compare(l.Value, text(right))
	case *types.AttributeValueMemberN:
		r, _ := right.(*types.AttributeValueMemberN)
		a, wrong := strconv.Atoi(l.Value)
		b, alsoWrong := strconv.Atoi(r.Value)
		if wrong != nil || alsoWrong != nil {
			e.err = fmt.Errorf("numbers %q and %q", l.Value, r.Value)
		}
		order = cmp.Compare(a, b)
	default:
		e.err = fmt.Errorf("a %T is not compared here", left)
	}
	switch operator {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	}
	e.err = fmt.Errorf("operator %q is not known here", operator)
	return false
}

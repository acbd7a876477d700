package dynamo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

// Scanner is what is asked of DynamoDB to read all accounts.
type Scanner interface {
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Accounts returns the state of every account in the table with that name,
// sorted by account. It reads the whole table, which no function does.
func Accounts(ctx context.Context, client Scanner, name string) ([]history.State, error) {
	states := make(map[string]*history.State)
	in := &dynamodb.ScanInput{
		TableName: &name, ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String("begins_with(pk, :account)"), ExpressionAttributeValues: attributes{":account": text(accountPrefix)},
	}
	for {
		page, err := client.Scan(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("table %s: scan: %w", name, err)
		}
		for _, item := range page.Items {
			r := reader{item: item}
			account := strings.TrimPrefix(r.text("pk"), accountPrefix)
			if states[account] == nil {
				states[account] = &history.State{Schema: history.Schema, Account: account, Items: make(map[string]history.Item)}
			}
			if err := take(states[account], item); err != nil {
				return nil, fmt.Errorf("table %s: item %s: %w", name, nameOf(item), err)
			}
		}
		if len(page.LastEvaluatedKey) == 0 {
			break
		}
		in.ExclusiveStartKey = page.LastEvaluatedKey
	}
	var all []history.State
	for _, account := range slices.Sorted(maps.Keys(states)) {
		all = append(all, *states[account])
	}
	return all, nil
}

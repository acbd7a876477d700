package dynamo_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/collecttest"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

const account = "111122223333"

var start = time.Date(2026, 9, 24, 12, 0, 0, 123456789, time.UTC)

// startDynamo starts moto with an empty table of the stack's form.
func startDynamo(t *testing.T) *dynamodb.Client {
	t.Helper()
	client := connect(collecttest.StartMoto(t, account))
	createTable(t, client, "state")
	return client
}

func connect(url string) *dynamodb.Client {
	return dynamodb.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", ""),
	})
}

func createTable(t *testing.T, client *dynamodb.Client, name string) {
	t.Helper()
	if _, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// found is a finding with every part filled.
func found(id string) finding.Finding {
	subject := "arn:aws:iam::111122223333:role/ci#inline/" + id
	return finding.Finding{
		ID: id, Group: "g", Rule: "grant/full-access", Severity: finding.High, Confidence: finding.MediumConfidence,
		Message: "allows <everything> & more", Subject: finding.Subject{Type: finding.InlineSubject, ID: subject, Account: account},
		Affected: []string{"arn:aws:iam::111122223333:role/ci"},
		Grants: []finding.Grant{{
			Policy: finding.Policy{Kind: "identity", Name: id, ID: subject}, Sid: "S", Pointer: "/Statement/0/Action",
			Line: 1, Column: 2, EndLine: 3, EndColumn: 4, Says: "allows",
		}},
		Witness: []finding.Request{{
			Caller: "arn:aws:iam::111122223333:role/ci", Action: "codeartifact:DeleteDomain", Resource: "*",
			Context: map[string][]string{"aws:SourceIp": {"192.0.2.1"}}, Decision: finding.Allowed,
		}},
		Fixes: []finding.Fix{{ID: "narrow", Title: "narrow it", Safe: true, Edits: []finding.Edit{{
			Policy: subject, Patch: []finding.Patch{{Op: "remove", Path: "/Statement/0"}},
		}}}},
		Absorbed: []string{"grant/read-anywhere"}, Help: "https://example.com",
	}
}

// opened is the first edge of the finding.
func opened(id string) history.Write {
	return history.Write{Item: history.Item{
		Edge: finding.Edge{
			Finding: found(id), Status: finding.Open, Change: finding.New, Number: 1, Provisional: true, FirstSeen: start.Add(-time.Hour), LastSeen: start,
		},
		Pending: true, Observed: start, Document: "d", Told: "t",
		Trigger: finding.Trigger{Kind: finding.ByChange, EventID: "e", EventName: "PutRolePolicy", EventTime: start, Actor: "arn:aws:iam::111122223333:user/bob"},
	}}
}

// next is the edge that follows.
func next(w history.Write, status finding.Status, change finding.Change, cause finding.Cause) history.Write {
	w.Previous = w.Edge.Number
	w.Edge.Number++
	w.Edge.Status, w.Edge.Change, w.Edge.Cause, w.Pending = status, change, cause, true
	return w
}

func save(t *testing.T, s history.Store, of string, writes ...history.Write) {
	t.Helper()
	if err := s.Save(t.Context(), history.Update{Account: of, Writes: writes}); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, s history.Store, of string, findings ...string) history.State {
	t.Helper()
	state, err := s.Load(t.Context(), of, findings...)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// many are n edges.
func many(n int) []history.Write {
	writes := make([]history.Write, n)
	for i := range writes {
		writes[i] = opened(fmt.Sprintf("f%03d", i))
	}
	return writes
}

// between stands between a table and DynamoDB. Before and after each call it
// asks whether the call fails; after means that it was made and its answer lost.
type between struct {
	*dynamodb.Client
	before, after func(call string) error
	page          int32 // limits queries, 0 for not
	pages         int
}

func meddle[O any](b *between, call string, do func() (*O, error)) (*O, error) {
	if b.before != nil {
		if err := b.before(call); err != nil {
			return nil, err
		}
	}
	out, err := do()
	if err == nil && b.after != nil {
		if err := b.after(call); err != nil {
			return nil, err
		}
	}
	return out, err
}

func (b *between) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return meddle(b, "GetItem", func() (*dynamodb.GetItemOutput, error) { return b.Client.GetItem(ctx, in) })
}

func (b *between) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return meddle(b, "PutItem", func() (*dynamodb.PutItemOutput, error) { return b.Client.PutItem(ctx, in) })
}

func (b *between) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return meddle(b, "UpdateItem", func() (*dynamodb.UpdateItemOutput, error) { return b.Client.UpdateItem(ctx, in) })
}

func (b *between) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	limited := *in
	if b.page > 0 {
		limited.Limit = &b.page
	}
	b.pages++
	return meddle(b, "Query", func() (*dynamodb.QueryOutput, error) { return b.Client.Query(ctx, &limited) })
}

package main

import (
	"context"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/collecttest"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo"
)

// cloudVariables let the program reach AWS as moto plays it, and nothing else.
func cloudVariables(url string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + url, "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}

// TestTable runs the scripts of the commands that read a deployment's table.
func TestTable(t *testing.T) {
	url := collecttest.StartMoto(t, ours)
	client := dynamodb.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", ""),
	})
	for _, name := range []string{"state", "empty"} {
		createTable(t, client, name)
	}
	fill(t, dynamo.New(client, "state"))
	testscript.Run(t, testscript.Params{
		Dir: "testdata/table", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Cmds:  map[string]func(*testscript.TestScript, bool, []string){"status": status},
		Setup: func(env *testscript.Env) error { env.Vars = append(env.Vars, cloudVariables(url)...); return nil },
	})
}

func createTable(t *testing.T, client *dynamodb.Client, name string) {
	t.Helper()
	if _, err := client.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}, {AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// fill saves an open finding, a provisional, an excepted and a resolved one.
func fill(t *testing.T, store history.Store) {
	t.Helper()
	noon := time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)
	write := func(role, rule string, severity finding.Severity, status finding.Status, provisional bool) history.Write {
		id := strings.Repeat(role, 32)
		subject := finding.Subject{Type: finding.InlineSubject, ID: "arn:aws:iam::111122223333:role/" + role + "#inline/p", Account: ours}
		word := map[finding.Status]string{finding.Open: "open", finding.Suppressed: "excepted", finding.Closed: "resolved"}[status]
		if provisional {
			word = "provisional"
		}
		return history.Write{Item: history.Item{
			Edge: finding.Edge{
				Finding: finding.Finding{
					ID: id, Group: id, Rule: rule, Severity: severity, Confidence: finding.HighConfidence, Message: role + " is " + word, Subject: subject,
					Affected: []string{}, Grants: []finding.Grant{}, Witness: []finding.Request{}, Fixes: []finding.Fix{}, Absorbed: []string{}, Help: "https://example.com",
				},
				Status: status, Change: finding.New, Number: 1, Provisional: provisional, FirstSeen: noon, LastSeen: noon,
			},
			Pending: provisional, Observed: noon, Trigger: finding.Trigger{Kind: finding.BySchedule},
		}}
	}
	err := store.Save(context.Background(), history.Update{
		Account: ours, Swept: noon, Ruleset: "r", Seen: history.Seen{Coverage: auditor.Coverage{Accounts: 1, Principals: 12, Policies: 34, Statements: 56}},
		Writes: []history.Write{
			write("a", "grant/full-access", finding.High, finding.Open, false), write("b", "token/any-service", finding.Medium, finding.Open, true),
			write("c", "grant/full-access", finding.High, finding.Suppressed, false), write("d", "grant/full-access", finding.High, finding.Closed, false),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTableRefuses: what DynamoDB refuses says which permission is missing.
func TestTableRefuses(t *testing.T) {
	for answer, want := range map[string]string{
		"AccessDeniedException":       "hint: this command needs dynamodb:",
		"UnrecognizedClientException": "see --profile",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			body := fmt.Sprintf(`{"__type":"com.amazon.coral.service#%s","message":"not you"}`, answer)
			w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(body))))
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, body)
		}))
		defer server.Close()
		for _, variable := range cloudVariables(server.URL) {
			name, value, _ := strings.Cut(variable, "=")
			t.Setenv(name, value)
		}
		for _, args := range [][]string{{"findings"}, {"findings", "--account", ours}, {"config", "show"}, {"config", "push", "testdata/caudit.yaml"}} {
			status, stdout, stderr := run(t, append(args, "--table", "state")...)
			if status != statusWrong || stdout != "" || !strings.Contains(stderr, want) || !strings.Contains(stderr, `table "state": `+answer+": not you") {
				t.Errorf("%v: status %d, %s%s", args, status, stdout, stderr)
			}
		}
	}
}

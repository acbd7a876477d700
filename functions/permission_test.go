package functions

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	readers "github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/member"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo/roll"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/bus"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
)

// called are the interfaces that a function calls AWS through, and so all calls
// that it can make, with the prefix of their actions.
var called = map[handler.Function][]struct {
	prefix string
	client reflect.Type
}{
	handler.ChangeFunction: {
		{"dynamodb", reflect.TypeFor[dynamo.ItemClient]()},
		{"events", reflect.TypeFor[bus.Client]()},
		{"sqs", reflect.TypeFor[queue.Client]()},
	},
	handler.ScanFunction: {
		{"codeartifact", reflect.TypeFor[readers.CodeArtifactClient]()},
		{"dynamodb", reflect.TypeFor[roll.ReaderClient]()},
		{"dynamodb", reflect.TypeFor[dynamo.Client]()},
		{"events", reflect.TypeFor[bus.Client]()},
		{"iam", reflect.TypeFor[readers.IAMClient]()},
		{"sts", reflect.TypeFor[member.STSClient]()},
	},
	handler.DispatchFunction: {
		{"dynamodb", reflect.TypeFor[roll.KeeperClient]()},
		{"organizations", reflect.TypeFor[organization.WholeClient]()},
		{"sqs", reflect.TypeFor[queue.Client]()},
		{"sts", reflect.TypeFor[readers.STSClient]()},
	},
}

// actionOf are the calls whose action has another name, or none.
//
// Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html,
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
var actionOf = map[string]string{"sqs:SendMessageBatch": "sqs:SendMessage", "sts:GetCallerIdentity": ""}

// TestPermissionsAreTheCalls: the role of a function needs what its code calls,
// and nothing else.
func TestPermissionsAreTheCalls(t *testing.T) {
	for function, clients := range called {
		var calls, allowed []string
		for _, c := range clients {
			for i := range c.client.NumMethod() {
				action := c.prefix + ":" + c.client.Method(i).Name
				if other, differs := actionOf[action]; differs {
					action = other
				}
				if action != "" {
					calls = append(calls, action)
				}
			}
		}
		for _, p := range function.Permissions() {
			allowed = append(allowed, p.Action)
			if strings.Contains(p.Action, "Token") || p.On == "" {
				t.Errorf("%s: %+v", function, p)
			}
		}
		slices.Sort(calls)
		if diff := cmp.Diff(slices.Compact(calls), allowed); diff != "" {
			t.Errorf("%s (-called +allowed):\n%s", function, diff)
		}
	}
}

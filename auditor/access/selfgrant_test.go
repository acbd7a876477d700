package access

import (
	"fmt"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// TestSelfGrantOf: of a policy that nobody holds it is sure only what holds for
// every user and role, and possible what holds for some.
func TestSelfGrantOf(t *testing.T) {
	for _, c := range []struct {
		name, actions, resource, more string
		want                          Certainty
	}{
		{"all of IAM", `"iam:*"`, "*", "", Sure},
		{"users and roles", `["iam:PutUserPolicy","iam:PutRolePolicy"]`, "*", "", Sure},
		{"by ARN", `["iam:PutUserPolicy","iam:PutRolePolicy"]`, "arn:aws:iam::*:*", "", Sure},
		{"users alone", `"iam:PutUserPolicy"`, "*", "", Possible},
		{"users without a path", `["iam:PutUserPolicy","iam:PutRolePolicy"]`, "arn:aws:iam::*:user/${aws:username}", "", Possible},
		{"of one account", `["iam:PutUserPolicy","iam:PutRolePolicy"]`, "arn:aws:iam::444455556666:*", "", Sure},
		{"a group", `"iam:PutGroupPolicy"`, "*", "", Possible},
		{"a policy that may be attached", `"iam:CreatePolicyVersion"`, "*", "", Possible},
		{"one user", `"iam:PutUserPolicy"`, "arn:aws:iam::111122223333:user/alice", "", 0},
		{"users of a kind", `"iam:PutUserPolicy"`, "arn:aws:iam::111122223333:user/dev-*", "", 0},
		{"actions that change nothing of its own", `["iam:CreatePolicy","iam:PassRole"]`, "*", "", 0},
		{"what it denies everywhere", `"iam:*"`, "*", `,{"Effect":"Deny","Action":"codeartifact:Delete*","Resource":"*"}`, 0},
		{"what it denies to nobody", `"iam:*"`, "*", `,{"Effect":"Deny","Action":"codeartifact:Delete*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"999999999999"}}}`, Sure},
		{"an empty list", `[]`, "*", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"*"},{"Effect":"Allow","Action":%s,"Resource":"%s"}%s]}`, c.actions, c.resource, c.more)
			inv := &inventory.Inventory{Files: []*inventory.File{{Path: "policy.json", Kind: inventory.Identity, Document: inventory.NewDocument(text)}}}
			w := Resolve(inv, Options{Now: testNow}).Worlds[0]
			found, err := w.SelfGrantOf(w.Policies[0])
			if err != nil {
				t.Fatal(err)
			}
			var got Certainty
			if found != nil {
				got = found.Certainty
			}
			if got != c.want {
				t.Errorf("certainty %v, want %v: %+v", got, c.want, found)
			}
		})
	}
}

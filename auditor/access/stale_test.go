package access

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// TestStalePrincipals tells names from what is none, in an account that was read
// whole.
func TestStalePrincipals(t *testing.T) {
	const of = "arn:aws:iam::111122223333:"
	for text, want := range map[string]string{
		"*": "", "111122223333": "", "444455556666": "", of + "root": "", of + "user/ann": "", of + "role/team/ci": "", "AROAEXAMPLECI00000001": "",
		"arn:aws:sts::111122223333:assumed-role/ci/x": "", "arn:aws:sts::111122223333:federated-user/bob": "", "arn:aws:iam::444455556666:role/any": "",
		of + "role/TEAM/ci": "", "${who}": "",
		"AROAEXAMPLEGONE000001": "id of a role", "AIDAEXAMPLEGONE000001": "id of a user", "AGPAEXAMPLEGONE000001": "id of a group", "ANPAEXAMPLEGONE000001": "id of a managed policy",
		of + "role/ci": "(there is " + of + "role/team/ci)", of + "user/team/ci": "does not exist", "arn:aws:sts::111122223333:assumed-role/cd/x": "does not exist",
		of + "role/*": "wildcard", of + "user/a?n": "wildcard", "arn:aws:iam::*:root": "wildcard", "**": "wildcard", of + "group/dev": "a group",
		of + "instance-profile/ci": "instance profile", "12345": "12 digits", "1234567890123": "12 digits", "": "no principal", "ann": "no principal", "AROA": "no principal",
		"arn:aws:iam::111122223333": "no principal", of: "no principal has", of + "role/": "no principal has", of + "policy/p": "no principal has", "arn:aws:iam::12:root": "no principal has",
		"arn:aws:iam:eu-west-1:111122223333:role/team/ci": "no principal has", "arn:aws:s3:::bucket": "no principal has", "arn:aws-cn:iam::111122223333:root": "partition",
		"arn:aws:sts::111122223333:assumed-role/ci": "no principal has", "arn:aws:sts::111122223333:assumed-role//": "no principal has", strings.Repeat("A", 6000): "no principal",
		strings.Repeat("*", 6000): "wildcard",
	} {
		var b inventory.Builder
		b.AddAccount(&inventory.Account{
			ID: "111122223333", Scopes: []inventory.Scope{{Account: "111122223333", Source: "iam", State: "complete"}},
			Users: []*inventory.User{{ARN: of + "user/ann", Name: "ann"}}, Roles: []*inventory.Role{{ARN: of + "role/team/ci", Name: "ci", ID: "AROAEXAMPLECI00000001"}},
			Domains: []*inventory.Domain{{ARN: ownPlace + "domain/team", Policy: b.Intern(fmt.Sprintf(
				`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": [%q, "111122223333"]}, "Action": "codeartifact:*", "Resource": "*"}]}`, text))}},
		})
		w := Resolve(b.Inventory(), Options{Now: testNow}).Worlds[0]
		stale, err := w.StalePrincipals(w.Policies[0])
		switch {
		case err != nil:
			t.Errorf("%.40q: %v", text, err)
		case want == "" && len(stale) > 0:
			t.Errorf("%.40q is stale: %s", text, stale[0].Why)
		case want != "" && (len(stale) != 1 || !strings.Contains(stale[0].Why, want) || stale[0].Intended.Caller == ""):
			t.Errorf("%.40q is %+v, want %q", text, stale, want)
		}
	}
}

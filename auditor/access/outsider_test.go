package access

import (
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Whom a domain policy lets in, of three that are not its own: a stranger, a
// member of the organization, a principal of account 444455556666.
func TestOutsiders(t *testing.T) {
	const allow = `{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"*",`
	tests := []struct {
		name, statements          string
		stranger, member, account bool
	}{
		{"everyone", allow + `"Principal":"*"}`, true, true, true},
		{
			"the organization", allow + `"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`,
			false, true, true, // of the account's organization nothing is known
		},
		{
			"another organization", allow + `"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-f6g7h8i9j0"}}}`,
			false, false, true,
		},
		{"the account", allow + `"Principal":{"AWS":"444455556666"}}`, false, false, true},
		{"its root", allow + `"Principal":{"AWS":"arn:aws:iam::444455556666:root"}}`, false, false, true},
		{"a role of it", allow + `"Principal":{"AWS":"arn:aws:iam::444455556666:role/ci"}}`, false, false, true},
		{"another account", allow + `"Principal":{"AWS":"777788889999"}}`, false, false, false},
		{"all but another account", allow + `"NotPrincipal":{"AWS":"arn:aws:iam::777788889999:root"}}`, true, true, true},
		{
			"all but a user with its account", allow + `"NotPrincipal":{"AWS":["arn:aws:iam::777788889999:root","arn:aws:iam::777788889999:user/ann"]}}`,
			true, true, true,
		},
		{
			"a Deny outside the organization",
			allow + `"Principal":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`,
			false, true, true,
		},
		{
			"a Deny of the account",
			allow + `"Principal":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Principal":{"AWS":"444455556666"}}`,
			true, true, false,
		},
	}
	for _, test := range tests {
		var b inventory.Builder
		b.AddAccount(&inventory.Account{
			ID: "111122223333", Organization: "o-a1b2c3d4e5",
			Domains: []*inventory.Domain{{
				ARN: "arn:aws:codeartifact:us-east-1:111122223333:domain/team", Policy: b.Intern(`{"Statement":[` + test.statements + `]}`),
			}},
		})
		x := Resolve(b.Inventory(), Options{Now: time.Unix(1_790_000_000, 0)})
		w := x.Worlds[0]
		q := w.Policies[0]
		read := codeartifact.Actions(codeartifact.ReadFromRepository)
		for who, ask := range map[string]struct {
			profile *Profile
			want    bool
		}{
			"stranger": {q.Alone(), test.stranger},
			"member":   {w.Member(q), test.member},
			"account":  {w.From(q, "444455556666"), test.account},
		} {
			got, certainty, err := ask.profile.May(read)
			if got != nil && test.name == "a role of it" && got.Caller != "arn:aws:iam::444455556666:role/ci" {
				t.Errorf("%s: it is %s that is let in", test.name, got.Caller)
			}
			if err != nil || (got != nil) != ask.want || got != nil && certainty != Sure {
				t.Errorf("%s: %s: got %v (%v), %v; want %v", test.name, who, got, certainty, err, ask.want)
			}
		}
	}
}

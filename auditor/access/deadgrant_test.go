package access

import (
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// aloneIn resolves one document as an identity policy of a role of an account.
func aloneIn(t *testing.T, statements string) *Policy {
	t.Helper()
	w := &testWorld{caller: universeCallers[1], identity: []string{`{"Version": "2012-10-17", "Statement": [` + statements + `]}`}}
	x := Resolve(w.inventory(), Options{Now: testNow})
	if len(x.Worlds[0].Policies) != 1 {
		t.Fatalf("%d policies in %s", len(x.Worlds[0].Policies), statements)
	}
	return x.Worlds[0].Policies[0]
}

func TestScopedTokens(t *testing.T) {
	const allow = `{"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": `
	for _, c := range []struct {
		name, statements string
		want             int
		own, allowed     bool
	}{
		{"a domain", allow + `"` + ownPlace + `domain/team"}`, 1, false, false},
		{"every resource", allow + `"*"}`, 0, false, false},
		{"stars", allow + `"**"}`, 0, false, false},
		{"one character, as the star that AWS writes", allow + `"?"}`, 0, false, false},
		{"a variable of which nothing is known", allow + `"${aws:PrincipalTag/x}"}`, 0, false, false},
		{"its own ARN", allow + `"arn:aws:iam::111122223333:role/build"}`, 1, true, false},
		{"every role of its account", allow + `"arn:aws:iam::111122223333:role/*"}`, 1, true, false},
		{"a session of its own", allow + `"arn:aws:sts::111122223333:assumed-role/build/*"}`, 1, true, false},
		{"a role whose name goes on", allow + `"arn:aws:sts::111122223333:assumed-role/builder/*"}`, 1, false, false},
		{"its own ARN of two", allow + `["arn:aws:iam::111122223333:role/build", "` + ownPlace + `domain/team"]}`, 1, true, false},
		{"beside a statement that works", allow + `"` + ownPlace + `domain/team"}, ` + allow + `"*"}`, 1, false, true},
		{"no resource at all", `{"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": []}, ` + allow + `"*"}`, 0, false, false},
	} {
		got, err := aloneIn(t, c.statements).ScopedTokens()
		if err != nil || len(got) != c.want {
			t.Errorf("%s: %d statements, %v", c.name, len(got), err)
			continue
		}
		if len(got) > 0 && (got[0].Own != c.own || got[0].Allowed != c.allowed) {
			t.Errorf("%s: own %t, allowed %t", c.name, got[0].Own, got[0].Allowed)
		}
	}
}

func TestBlockedCalls(t *testing.T) {
	const call = `{"Effect": "Allow", "Action": "codeartifact:GetAuthorizationToken", "Resource": "*", "Condition": `
	for _, c := range []struct {
		name, statements string
		want             int
		allowed          bool
	}{
		{"a service", call + `{"StringEquals": {"sts:AWSServiceName": "x"}}}`, 1, false},
		{"a service, where it is named", call + `{"StringLikeIfExists": {"sts:AWSServiceName": "x"}}}`, 0, false},
		{"who assumes a role", call + `{"StringEquals": {"sts:RoleSessionName": "x"}}}`, 1, false},
		{"a key of another service", call + `{"StringEquals": {"iam:AWSServiceName": "x"}}}`, 0, false},
		{"a key of all services", call + `{"StringEquals": {"aws:PrincipalOrgID": "x"}}}`, 0, false},
		{"an operator that IAM does not have", call + `{"StringIs": {"sts:AWSServiceName": "x"}}}`, 0, false},
		{"on a resource that it does not act on", `{"Effect": "Allow", "Action": "codeartifact:GetAuthorizationToken", "Resource": "` + ownPlace + `repository/team/app",
			"Condition": {"StringEquals": {"sts:AWSServiceName": "x"}}}`, 0, false},
		{"beside a statement for those with a second factor", call + `{"StringEquals": {"sts:AWSServiceName": "x"}}}, ` + call + `{"Bool": {"aws:MultiFactorAuthPresent": "true"}}}`, 1, true},
		{"beside one for another domain", `{"Effect": "Allow", "Action": "codeartifact:GetAuthorizationToken", "Resource": "` + ownPlace + `domain/team",
			"Condition": {"StringEquals": {"sts:AWSServiceName": "x"}}}, {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "` + ownPlace + `domain/ops"}`, 1, false},
	} {
		got, err := aloneIn(t, c.statements).BlockedCalls()
		if err != nil || len(got) != c.want {
			t.Errorf("%s: %d statements, %v", c.name, len(got), err)
			continue
		}
		if len(got) == 0 {
			continue
		}
		if got[0].Allowed != c.allowed || got[0].Intended.Action != codeartifact.GetAuthorizationToken {
			t.Errorf("%s: %v allowed: %t", c.name, got[0].Intended, got[0].Allowed)
		}
	}
}

func TestHalfLogin(t *testing.T) {
	const token, login, read = `{"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*"}`,
		`{"Effect": "Allow", "Action": "codeartifact:GetAuthorizationToken", "Resource": "*"}`,
		`{"Effect": "Allow", "Action": "codeartifact:ReadFromRepository", "Resource": "*"}`
	for _, c := range []struct {
		name, statements string
		lacks            codeartifact.Action
		guarded          bool
	}{
		{"both", token + ", " + login + ", " + read, codeartifact.NoAction, false},
		{"neither", read, codeartifact.NoAction, false},
		{"no bearer token", login + ", " + read, codeartifact.GetServiceBearerToken, false},
		{"no bearer token, and no use for it", login, codeartifact.NoAction, false},
		{"no authorization token", token, codeartifact.GetAuthorizationToken, false},
		{"a bearer token that is denied", token + ", " + login + ", " + read + `, {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}`, codeartifact.GetServiceBearerToken, true},
		{"a bearer token that is denied to some", token + ", " + login + ", " + read + `, {"Effect": "Deny", "Action": "sts:*", "Resource": "*",
			"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}`, codeartifact.NoAction, false},
		{"a bearer token that may be allowed", login + ", " + read + `, {"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*",
			"Condition": {"StringEquals": {"aws:SomethingNew": "x"}}}`, codeartifact.NoAction, false},
		{"all of STS on a role", login + ", " + read + `, {"Effect": "Allow", "Action": "sts:*", "Resource": "arn:aws:iam::111122223333:role/other"}`, codeartifact.GetServiceBearerToken, false},
	} {
		got, err := aloneIn(t, c.statements).Reaches[0].HalfLogin()
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case got == nil && c.lacks != codeartifact.NoAction, got != nil && (got.Lacks != c.lacks || got.Guarded != c.guarded):
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

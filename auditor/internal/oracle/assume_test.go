package oracle

import (
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// To assume a role the trust policy has to let in whoever calls, and nothing to
// deny it.
func TestAssume(t *testing.T) {
	const (
		role   = "arn:aws:iam::111122223333:role/ci"
		github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
		sub    = "token.actions.githubusercontent.com:sub"
	)
	all := `{"Effect": "Allow", "Action": "*", "Resource": "*"}`
	everyone := `{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}`
	federated := `{"Effect": "Allow", "Principal": {"Federated": "` + github + `"}, "Action": "sts:AssumeRoleWithWebIdentity"}`
	outside := `{"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}`
	stranger, identity := Principal{ARN: "arn:aws:iam::999999999999:role/stranger"}, Principal{Provider: github}
	own := Principal{ARN: "arn:aws:iam::111122223333:role/other"}
	for _, test := range []struct {
		name                    string
		who                     Principal
		trust, identities, rcps string
		context                 map[string][]string
		want                    Decision
	}{
		{name: "everyone", who: stranger, trust: everyone, identities: all, want: Allow},
		{name: "without a permission of its own", who: stranger, trust: everyone, identities: `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`, want: Deny},
		{name: "of the role's account", who: own, trust: `{"Effect": "Allow", "Principal": {"AWS": "` + own.ARN + `"}, "Action": "sts:AssumeRole"}`, want: Allow},
		{name: "denied", who: stranger, trust: everyone + "," + outside, identities: all, want: Deny},
		{name: "denied by a control policy", who: stranger, trust: everyone, identities: all, rcps: outside, want: Deny},
		{name: "a tag that may not be set", who: stranger, trust: everyone, identities: all, context: map[string][]string{"aws:RequestTag/a": {"b"}}, want: Deny},
		{name: "a source identity that may not be set", who: stranger, trust: everyone, identities: all, context: map[string][]string{"sts:SourceIdentity": {"b"}}, want: Deny},
		{
			name: "a tag that may be set", who: stranger, identities: all, context: map[string][]string{"aws:RequestTag/a": {"b"}},
			trust: everyone + `, {"Effect": "Allow", "Principal": "*", "Action": "sts:TagSession"}`, want: Allow,
		},
		{name: "an identity", who: identity, trust: federated, want: Allow},
		{name: "an identity by a star", who: identity, trust: `{"Effect": "Allow", "Principal": "*", "Action": "sts:*"}`, want: Unknown},
		{name: "an identity of another provider", who: Principal{Provider: "gitlab.com"}, trust: federated, want: Deny},
		{name: "an identity denied with everyone", who: identity, trust: federated + "," + outside, want: Deny},
		{name: "an identity spared", who: identity, trust: federated + `, {"Effect": "Deny", "NotPrincipal": {"Federated": "` + github + `"}, "Action": "*"}`, want: Allow},
		{
			name: "an identity by its claim", who: identity, context: map[string][]string{sub: {"repo:a/b"}}, want: Deny,
			trust: federated + `, {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {"StringNotLike": {"` + sub + `": "repo:c/*"}}}`,
		},
	} {
		w := World{Trust: document(t, `{"Version": "2012-10-17", "Statement": [`+test.trust+`]}`)}
		if test.identities != "" {
			w.Identity = []*policy.Document{document(t, `{"Version": "2012-10-17", "Statement": [`+test.identities+`]}`)}
		}
		if test.rcps != "" {
			w.RCPs = []*policy.Document{document(t, `{"Version": "2012-10-17", "Statement": [`+test.rcps+`]}`)}
		}
		r := Request{Principal: test.who, Action: "sts:AssumeRole", Resource: role, Context: test.context}
		if test.who.Provider != "" {
			r.Action = "sts:AssumeRoleWithWebIdentity"
		}
		if got := Decide(r, w); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

package access

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

const readsTeam = `"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"*",`

// Whom the policy of a domain of account 111122223333 speaks of, what they are to
// its owner, and who of them may read.
func TestGuests(t *testing.T) {
	tests := []struct {
		name, statements string
		want             []string
	}{
		{"nobody", `{` + readsTeam + `"Principal":{"Service":"codebuild.amazonaws.com"}}`, nil},
		{"a federated principal", `{` + readsTeam + `"Principal":{"Federated":"arn:aws:iam::444455556666:saml-provider/x"}}`, nil},
		{"the owner's root", `{` + readsTeam + `"Principal":{"AWS":"arn:aws:iam::111122223333:root"}}`, nil},
		{"partial wildcards and unique ids", `{` + readsTeam + `"Principal":{"AWS":["arn:aws:iam::444455556666:role/*","AIDAEXAMPLEEXAMPLE123","arn:aws:iam::444455556666:role/"]}}`, nil},
		{
			"everyone", `{` + readsTeam + `"Principal":"*"}`,
			[]string{"* far sure", "o-a1b2c3d4e5 ours sure", "111122223333:root own sure"},
		},
		{
			"the organization", `{` + readsTeam + `"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`,
			[]string{"* far -", "o-a1b2c3d4e5 ours sure", "111122223333:root own sure"},
		},
		{
			"another organization", `{` + readsTeam + `"Principal":"*","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-f6g7h8i9j0/*"}}}`,
			[]string{"* far -", "o-a1b2c3d4e5 ours -", "o-f6g7h8i9j0 far sure", "111122223333:root own sure"},
		},
		{
			"an account in both spellings", `{` + readsTeam + `"Principal":{"AWS":["444455556666","arn:aws:iam::444455556666:root"]}}`,
			[]string{"444455556666:root far sure"},
		},
		{"a trusted account", `{` + readsTeam + `"Principal":{"AWS":"777788889999"}}`, []string{"777788889999:root trusted sure"}},
		{"an account of ours", `{` + readsTeam + `"Principal":{"AWS":"222233334444"}}`, []string{"222233334444:root ours sure"}},
		{
			"an account by condition", `{` + readsTeam + `"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":["444455556666","111122223333"]}}}`,
			[]string{"* far -", "o-a1b2c3d4e5 ours -", "111122223333:root own sure", "444455556666:root far sure"},
		},
		{
			"roles by condition", `{` + readsTeam + `"Principal":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/ci-*"}}}`,
			[]string{"* far -", "o-a1b2c3d4e5 ours -", "111122223333:root own -", "444455556666:root far sure"},
		},
		{
			"principals", `{` + readsTeam + `"Principal":{"AWS":["arn:aws:iam::444455556666:role/ci","arn:aws:iam::111122223333:user/ann","arn:aws:sts::444455556666:assumed-role/ci/build"]}}`,
			[]string{"111122223333:user/ann own sure", "444455556666:role/ci far sure", "444455556666:assumed-role/ci/build far sure"},
		},
		{
			"whom a Deny names", `{` + readsTeam + `"Principal":{"AWS":"444455556666"}},{"Effect":"Deny","Action":"*","Resource":"*","Principal":{"AWS":"777788889999"}}`,
			[]string{"444455556666:root far sure"},
		},
		{
			"whom a Deny leaves out",
			`{` + readsTeam + `"Principal":"*"},{"Effect":"Deny","Action":"*","Resource":"*","NotPrincipal":{"AWS":["arn:aws:iam::444455556666:user/bob","444455556666"]}}`,
			[]string{"* far -", "o-a1b2c3d4e5 ours -", "111122223333:root own -", "444455556666:user/bob far sure"},
		},
		{
			"whom a Deny leaves out by a condition",
			`{` + readsTeam + `"Principal":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"444455556666"}}}`,
			[]string{"* far -", "o-a1b2c3d4e5 ours -", "111122223333:root own -", "444455556666:root far sure"},
		},
		{
			"all but an account", `{` + readsTeam + `"NotPrincipal":{"AWS":"444455556666"}}`,
			[]string{"* far sure", "o-a1b2c3d4e5 ours sure", "111122223333:root own sure"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := worldWithDomain(`{"Statement":[`+test.statements+`]}`, "o-a1b2c3d4e5")
			var got []string
			for _, g := range w.Guests(w.Policies[0]) {
				text := g.Text
				if _, after, found := cutLast(text, "::"); found {
					text = after
				}
				way, err := g.WayIn(codeartifact.AllActions())
				if err != nil {
					t.Fatal(err)
				}
				sure := "-"
				if way != nil {
					sure = map[Certainty]string{Sure: "sure", Possible: "possible"}[way.Certainty]
				}
				got = append(got, fmt.Sprintf("%s %s %s", text, standings[g.Standing], sure))
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("guests (-want +got):\n%s", diff)
			}
		})
	}
}

var standings = map[Standing]string{0: "unknown", Own: "own", Trusted: "trusted", Ours: "ours", Foreign: "far"}

func cutLast(text, sep string) (string, string, bool) {
	for i := len(text) - len(sep); i >= 0; i-- {
		if text[i:i+len(sep)] == sep {
			return text[:i], text[i+len(sep):], true
		}
	}
	return text, "", false
}

// worldWithDomain is account 111122223333 with one domain of that policy, beside
// another account of its organization.
func worldWithDomain(document, organization string) *World {
	var b inventory.Builder
	b.AddAccount(&inventory.Account{
		ID: "111122223333", Organization: organization,
		Domains: []*inventory.Domain{{ARN: "arn:aws:codeartifact:us-east-1:111122223333:domain/team", Policy: b.Intern(document)}},
	})
	b.AddAccount(&inventory.Account{ID: "222233334444", Organization: organization})
	x := Resolve(b.Inventory(), Options{Now: time.Unix(1_790_000_000, 0), Trusted: []string{"777788889999"}})
	return x.Worlds[0]
}

// Under which conditions everyone is let in from anywhere, or from somewhere.
func TestWayInOfEveryone(t *testing.T) {
	const anywhere, somewhere, never = "anywhere", "somewhere", "never"
	for condition, want := range map[string]string{
		`{}`: anywhere,
		`{"StringLike":{"aws:PrincipalOrgID":"o-*"}}`:                                                 anywhere,
		`{"StringEquals":{"aws:PrincipalOrgID":"o-*"}}`:                                               never,
		`{"StringEquals":{"aws:PrincipalOrgID":"o-f6g7h8i9j0"}}`:                                      never,
		`{"StringNotEquals":{"aws:PrincipalOrgID":"o-f6g7h8i9j0"}}`:                                   anywhere,
		`{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`:                              anywhere,
		`{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}`:                      anywhere,
		`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-*/r-*/*"}}`:                            anywhere,
		`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}`:                       never,
		`{"Null":{"aws:PrincipalOrgID":"false"}}`:                                                     anywhere,
		`{"StringEquals":{"aws:PrincipalTag/team":"red"}}`:                                            anywhere,
		`{"StringEquals":{"aws:SourceIdentity":"ann"}}`:                                               anywhere,
		`{"StringEquals":{"aws:username":"ann"}}`:                                                     anywhere,
		`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci"}}`:                                   anywhere,
		`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}`:                         never,
		`{"Bool":{"aws:SecureTransport":"true"}}`:                                                     anywhere,
		`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`:                                              anywhere,
		`{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}`:                                        anywhere,
		`{"Bool":{"aws:PrincipalIsAWSService":"true"}}`:                                               never,
		`{"Bool":{"aws:PrincipalIsAWSService":"false"}}`:                                              anywhere,
		`{"StringLike":{"aws:userid":"*:ci"}}`:                                                        anywhere,
		`{"StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE123:*"}}`:                                     never,
		`{"StringEquals":{"aws:ResourceAccount":"111122223333"}}`:                                     anywhere,
		`{"StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}}`:                          never,
		`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`:                                             somewhere,
		`{"IpAddress":{"aws:SourceIp":"0.0.0.0/8"}}`:                                                  somewhere,
		`{"IpAddress":{"aws:SourceIp":"0.0.0.0/7"}}`:                                                  anywhere,
		`{"IpAddress":{"aws:SourceIp":["8.0.0.0/8","9.0.0.0/8"]}}`:                                    anywhere,
		`{"IpAddress":{"aws:SourceIp":["8.0.0.0/8","9.0.0.0"]}}`:                                      anywhere,
		`{"IpAddress":{"aws:SourceIp":["8.0.0.0/8","16.0.0.0/8"]}}`:                                   somewhere,
		`{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}`:                                              somewhere,
		`{"IpAddress":{"aws:SourceIp":"2000::/16"}}`:                                                  anywhere,
		`{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`:                                          anywhere,
		`{"IpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}}`:                                     anywhere, // through an endpoint
		`{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}`:                                              anywhere,
		`{"StringEquals":{"aws:SourceVpc":"vpc-0123456789abcdef0"}}`:                                  somewhere,
		`{"StringLike":{"aws:SourceVpc":"vpc-*"}}`:                                                    anywhere,
		`{"StringNotEquals":{"aws:SourceVpc":"vpc-0123456789abcdef0"}}`:                               anywhere,
		`{"Null":{"aws:SourceVpce":"false"}}`:                                                         anywhere,
		`{"StringEquals":{"aws:VpceAccount":"111122223333"}}`:                                         somewhere,
		`{"StringEquals":{"aws:VpceOrgID":"o-a1b2c3d4e5"}}`:                                           somewhere,
		`{"StringEquals":{"aws:ResourceTag/visible":"everyone"}}`:                                     somewhere,
		`{"StringNotEquals":{"aws:ResourceTag/visible":"nobody"}}`:                                    anywhere,
		`{"ArnLike":{"lambda:SourceFunctionArn":"arn:aws:lambda:*:*:function:build"}}`:                anywhere,
		`{"ArnLike":{"lambda:SourceFunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:*"}}`: never,
		`{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:example/*"}}`:                 never,
		`{"StringEquals":{"aws:PrincipalTag/team":"red","aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`:        never,
		`{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}`:                                 never,
		`{"StringEquals":{"aws:SourceAccount":"111122223333"}}`:                                       never,
	} {
		w := worldWithDomain(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"codeartifact:TagResource","Resource":"*","Condition":`+condition+`}]}`, "o-a1b2c3d4e5")
		for _, g := range w.Guests(w.Policies[0]) {
			if g.Kind != Everyone {
				continue
			}
			way, err := g.WayIn(codeartifact.AllActions())
			got := never
			switch {
			case err != nil:
				t.Fatal(err)
			case way != nil && way.Narrowed:
				got = somewhere
			case way != nil:
				got = anywhere
			}
			if got != want || way != nil && way.Certainty != Sure {
				t.Errorf("%s: %s, want %s (%+v)", condition, got, want, way)
			}
		}
	}
}

package access

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

const (
	trustRole = "arn:aws:iam::111122223333:role/ci"
	github    = "token.actions.githubusercontent.com"
	githubARN = "arn:aws:iam::111122223333:oidc-provider/" + github
)

// trustPrincipals, trustActions, trustConditions are what random trust policies
// are made of.
var (
	trustPrincipals = []string{
		`"Principal": "*"`, `"Principal": {"AWS": "*"}`, `"Principal": {"AWS": "arn:aws:iam::777788889999:root"}`,
		`"Principal": {"AWS": ["777788889999", "arn:aws:iam::444455556666:role/builder"]}`, `"Principal": {"AWS": "arn:aws:iam::777788889999:role/builder"}`,
		`"Principal": {"AWS": "arn:aws:iam::111122223333:root"}`, `"Principal": {"Service": "ec2.amazonaws.com"}`,
		`"Principal": {"Federated": "` + githubARN + `"}`, `"Principal": {"Federated": "` + githubARN + `", "AWS": "arn:aws:iam::777788889999:root"}`,
		`"NotPrincipal": {"AWS": "arn:aws:iam::777788889999:root"}`, `"NotPrincipal": {"Federated": "` + githubARN + `"}`,
	}
	trustActions = []string{
		`"Action": "sts:AssumeRole"`, `"Action": "sts:*"`, `"Action": "sts:AssumeRoleWithWebIdentity"`, `"Action": ["sts:AssumeRole", "sts:TagSession"]`,
		`"Action": "sts:TagSession"`, `"NotAction": "sts:TagSession"`, `"Action": "sts:AssumeRole*"`,
	}
	trustOperators = []string{
		"StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIfExists", "StringLikeIfExists", "StringNotLikeIfExists",
		"ForAllValues:StringLike", "ForAnyValue:StringLike", "StringEqualsIgnoreCase",
	}
	trustKeys = map[string][]string{
		"aws:PrincipalOrgID":   {"o-a1b2c3d4e5", "o-*", "o-partner00001"},
		"aws:PrincipalAccount": {"777788889999", "111122223333", "444455556666"},
		"aws:PrincipalArn":     {"arn:aws:iam::*:role/builder", "arn:aws:iam::777788889999:*"},
		"sts:ExternalId":       {"c0ffee", "*"},
		"aws:RequestTag/team":  {"shop"},
		github + ":sub": {
			"repo:my-org/*", "repo:my-org*", "repo:*", "repo:my-org/shop:ref:refs/heads/main", "repo:*/shop:*", "environment:production", "*",
			"*:environment:production",
		},
		github + ":aud":                 {"sts.amazonaws.com"},
		github + ":repository":          {"my-org/shop", "*/shop"},
		github + ":repository_owner_id": {"123456", "12*"},
		github + ":environment":         {"production"},
		github + ":enterprise_id":       {"4711"},
		"gitlab.com:sub":                {"project_path:my-group/*"},
	}
)

// outsideRequest is a call that somebody outside of those trusted can make.
type outsideRequest struct {
	newcomers []Newcomer
	oracle.Request
}

// outsideRequests are calls that strangers, untrusted accounts, and other people's
// repositories can make.
func outsideRequests(r *rand.Rand) []outsideRequest {
	tag := map[string][]string{}
	if r.IntN(2) == 0 {
		tag["aws:RequestTag/team"] = []string{"shop"}
	}
	if r.IntN(2) == 0 {
		tag["sts:ExternalId"] = []string{"c0ffee"}
	}
	token := map[string][]string{
		github + ":sub":                 {pick(r, "repo:stranger/shop:ref:refs/heads/main", "repo:stranger/app:environment:production", "environment:production")},
		github + ":aud":                 {"sts.amazonaws.com"},
		github + ":repository":          {pick(r, "stranger/shop", "my-organisation/shop")},
		github + ":repository_id":       {"999999999"},
		github + ":repository_owner_id": {pick(r, "999999999", "129999999")},
		"aws:PrincipalAccount":          {"anonymous"},
	}
	if r.IntN(2) == 0 {
		token[github+":environment"] = []string{"production"}
	}
	at := func(p oracle.Principal, action string, context map[string][]string, n ...Newcomer) outsideRequest {
		return outsideRequest{n, oracle.Request{Principal: p, Action: action, Resource: trustRole, Context: context}}
	}
	return []outsideRequest{
		at(oracle.Principal{ARN: "arn:aws:iam::999999999999:role/stranger"}, "sts:AssumeRole", tag, AnyPrincipal),
		at(oracle.Principal{ARN: "arn:aws:iam::999999999999:role/builder", Organization: "o-zzzzzzzzzz"}, "sts:AssumeRole", tag, AnyPrincipal),
		at(oracle.Principal{ARN: "arn:aws:iam::999999999999:role/member", Organization: "o-partner00001"}, "sts:AssumeRole", tag, AnyPrincipal, OtherOrganization),
		at(oracle.Principal{ARN: "arn:aws:iam::777788889999:role/builder"}, "sts:AssumeRole", tag, AnyPrincipal, OtherAccount),
		at(oracle.Principal{Provider: githubARN}, "sts:AssumeRoleWithWebIdentity", token, AnyIdentity, SomeIdentities),
	}
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

func randomTrust(r *rand.Rand) string {
	keys := make([]string, 0, len(trustKeys))
	for k := range trustKeys {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	principals, actions := trustPrincipals, trustActions
	if theme := r.IntN(3); theme > 0 { // so that more of them let somebody in
		keys = slices.DeleteFunc(keys, func(k string) bool { return strings.HasPrefix(k, github) != (theme == 1) })
		principals, actions = []string{trustPrincipals[0], trustPrincipals[1], trustPrincipals[4]}, trustActions[:2]
		if theme == 1 {
			principals, actions = []string{trustPrincipals[7]}, trustActions[1:3]
		}
	}
	var statements []string
	for range 1 + r.IntN(3) {
		effect := "Allow"
		if r.IntN(3) == 0 {
			effect = "Deny"
		}
		var conditions []string
		for _, operator := range trustOperators {
			if r.IntN(7) == 0 {
				key := pick(r, keys...)
				conditions = append(conditions, fmt.Sprintf("%q: {%q: %q}", operator, key, pick(r, trustKeys[key]...)))
			}
		}
		statements = append(statements, fmt.Sprintf(`{"Effect": %q, %s, %s, "Condition": {%s}}`,
			effect, pick(r, principals...), pick(r, actions...), strings.Join(conditions, ", ")))
	}
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ", ") + `]}`
}

// trusting returns the account with one role and nothing beside its trust policy.
func trusting(trust string, rcps ...string) *World {
	var b inventory.Builder
	guards := []inventory.Guard{}
	for _, text := range rcps {
		guards = append(guards, inventory.Guard{Name: "perimeter", Kind: inventory.RCP, Document: b.Intern(text)})
	}
	b.AddAccount(&inventory.Account{
		ID: "111122223333", Organization: "o-a1b2c3d4e5", Guards: [][]inventory.Guard{guards},
		Roles: []*inventory.Role{{ARN: trustRole, Name: "ci", Trust: b.Intern(trust)}},
	})
	return Resolve(b.Inventory(), Options{Now: testNow, Trusted: []string{"444455556666"}}).Worlds[0]
}

const trustSets = 4_000

// TestEntriesAgreeWithOracle holds the ways into a role against what the oracle says
// of the calls of outsiders: each witness must come in, and who comes in must have
// been found.
func TestEntriesAgreeWithOracle(t *testing.T) {
	everything := inventory.NewDocument(everythingAllowed).Parsed
	found, came := map[Newcomer]int{}, 0
	for seed := range uint64(trustSets) {
		r := rand.New(rand.NewPCG(seed, 4))
		trust := randomTrust(r)
		var rcps []string
		if r.IntN(4) == 0 {
			rcps = append(rcps, `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", `+pick(r, trustActions...)+
				`, "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}}`)
		}
		w := trusting(trust, rcps...)
		entries, err := w.Entries(w.Principals[0])
		if err != nil {
			t.Fatal(err)
		}
		world := oracle.World{Identity: []*policy.Document{everything}, Trust: w.TrustOf(w.Principals[0]).Document.Parsed}
		for _, text := range rcps {
			world.RCPs = append(world.RCPs, inventory.NewDocument(text).Parsed)
		}
		said := map[Newcomer]bool{}
		for _, e := range entries {
			found[e.Newcomer]++
			said[e.Newcomer] = true
			request := oracle.Request{Principal: oracle.Principal{ARN: e.Witness.Caller}, Action: e.Witness.Action.String(), Resource: e.Witness.Resource, Context: e.Witness.Context}
			if e.Witness.Action == codeartifact.AssumeRoleWithWebIdentity {
				request.Principal = oracle.Principal{Provider: e.Witness.Caller}
			}
			got := oracle.Decide(request, world)
			if got == oracle.Deny || e.Certainty == Sure && got != oracle.Allow {
				t.Errorf("%v %q (certainty %v): the oracle says %v of %+v\n%s\n%s", e.Newcomer, e.Who, e.Certainty, got, request, trust, rcps)
			}
		}
		for _, request := range outsideRequests(r) {
			if oracle.Decide(request.Request, world) != oracle.Allow {
				continue
			}
			came++
			if !slices.ContainsFunc(request.newcomers, func(n Newcomer) bool { return said[n] }) {
				t.Errorf("%v comes in and was not found (%v): %+v\n%s\n%s", request.newcomers, said, request.Request, trust, rcps)
			}
		}
		if t.Failed() && seed > 300 {
			break
		}
	}
	for _, n := range []Newcomer{AnyPrincipal, AnyIdentity, SomeIdentities, OtherOrganization, OtherAccount} {
		if found[n] < 10 {
			t.Errorf("newcomer %v was found %d times", n, found[n])
		}
	}
	if came < 200 {
		t.Errorf("%d outsiders came in", came)
	}
}

// TestEntriesEndOnHostilePolicies: a policy made to cost steps ends, in an answer or
// an error, and odd principals in nothing.
func TestEntriesEndOnHostilePolicies(t *testing.T) {
	var patterns []string
	for i := range 60 {
		patterns = append(patterns, fmt.Sprintf("%q", strings.Repeat("*a?b", 20)+fmt.Sprint(i)))
	}
	hostile := fmt.Sprintf(`{"Statement": [{"Effect": "Allow", "Principal": {"Federated": %q}, "Action": "sts:*", "Condition": {"StringLike": {%q: [%s]}, "StringNotLike": {%q: [%s]}}}]}`,
		githubARN, github+":sub", strings.Join(patterns, ","), github+":repository", strings.Join(patterns, ","))
	w := trusting(hostile)
	if _, err := w.Entries(w.Principals[0]); err != nil && !errors.Is(err, glob.ErrBudget) {
		t.Error(err)
	}
	for _, principal := range []string{
		`{}`, `{"AWS": []}`, `{"AWS": ""}`, `{"AWS": "arn"}`, `{"AWS": "arn:aws:iam::"}`, `{"Federated": ""}`, `{"Federated": "arn:aws:iam::111122223333:oidc-provider/"}`,
		`{"Federated": "*"}`, `{"Federated": ":"}`, `{"AWS": "arn:aws:sts::777788889999:assumed-role//"}`, `{"CanonicalUser": "79a59df900b949e5"}`, `[]`, `"everybody"`, `null`,
		`{"AWS": "AIDAEXAMPLE"}`,
	} {
		w := trusting(`{"Statement": {"Effect": "Allow", "Principal": ` + principal + `, "Action": "sts:AssumeRole*"}}`)
		if entries, err := w.Entries(w.Principals[0]); err != nil || len(entries) > 0 {
			t.Errorf("%s: %+v, %v", principal, entries, err)
		}
	}
}

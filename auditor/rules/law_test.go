package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// law is something that holds whatever the rule: an input, and what is said of it.
type law struct {
	name   string
	input  string
	config string
	want   []string
}

func holds(t *testing.T, laws []law) {
	t.Helper()
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) {
			if diff := cmp.Diff(l.want, said(judge(t, l.input, l.config))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAbsorption(t *testing.T) {
	listed := strings.Replace(full, `"codeartifact:*"`, `["codeartifact:*", "sts:GetServiceBearerToken"]`, 1)
	r := judge(t, account{roles: []string{role("ci", star)}}.String(), "")
	if got := r.Findings[0].Absorbed; !slices.Contains(got, "token/any-service") || !slices.IsSorted(got) {
		t.Errorf("absorbed %q", got)
	}
	holds(t, []law{
		{
			name: "the same action element", input: account{roles: []string{role("ci", star)}}.String(),
			want: []string{"grant/admin-access medium high role/ci#inline/p0"},
		},
		{
			name: "an element beside it", input: account{roles: []string{role("ci", listed)}}.String(),
			want: []string{"grant/full-access high high role/ci#inline/p0", "token/any-service medium high role/ci#inline/p0"},
		},
		{
			name: "another subject", input: account{roles: []string{role("ci", full, openToken)}}.String(),
			want: []string{"grant/full-access high high role/ci#inline/p0", "token/any-service medium high role/ci#inline/p1"},
		},
		{
			name: "the same element, another subject", input: account{roles: []string{role("ci", strings.Replace(theRest, "arn:aws:codeartifact:*", "*", 1), deletes)}}.String(),
			want: []string{"grant/full-access high high role/ci", "token/any-service medium high role/ci#inline/p0"},
		},
		{
			name: "a disabled rule absorbs nothing", input: account{roles: []string{role("ci", star)}}.String(),
			config: "version: 1\nrules: {grant/admin-access: {enabled: false}}\n",
			want:   []string{"token/any-service medium high role/ci#inline/p0"},
		},
		{
			name: "an excepted finding has absorbed before", input: account{roles: []string{role("ci", star)}}.String(),
			config: "version: 1\nexceptions: [{rules: [grant/admin-access], match: {account: \"111122223333\"}, reason: migration, owner: team, expires: 2027-03-31}]\n",
			want:   []string{},
		},
	})
}

// What takes a condition does not absorb what takes none.
func TestNarrowedAbsorbsNoPlain(t *testing.T) {
	narrowedBy := func(action string) string {
		return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"},
			{"Effect": "Deny", "Action": "` + action + `", "Resource": "*", "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}}]}`
	}
	fires := func(policy, rule string) bool { return len(found(judgeByAll(t, policy, ""), rule)) > 0 }
	for action, publishes := range map[string]bool{"codeartifact:Delete*": true, "codeartifact:*": false} {
		if policy := narrowedBy(action); !fires(policy, "grant/full-access") || fires(policy, "grant/publish-anywhere") != publishes {
			t.Errorf("full access but for %s: publishing everywhere is said by itself: %t", action, !publishes)
		}
	}
}

func TestSeverity(t *testing.T) {
	mine := iamARN("policy/managed")
	narrowed := strings.Replace(full, `"Resource": "*"`, `"Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}`, 1)
	oneDomain := strings.Replace(full, `"Resource": "*"`, `"Resource": ["arn:aws:codeartifact:eu-west-1:111122223333:*/shop", "arn:aws:codeartifact:eu-west-1:111122223333:*/shop/*"]`, 1)
	narrowedDomain := strings.Replace(oneDomain, `"Effect"`, `"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}, "Effect"`, 1)
	holds(t, []law{
		{name: "the rule's own", input: account{roles: []string{role("ci", full)}}.String(), want: []string{"grant/full-access high high role/ci#inline/p0"}},
		{name: "narrowed", input: account{roles: []string{role("ci", narrowed)}}.String(), want: []string{"grant/full-access medium high role/ci#inline/p0"}},
		{name: "confined to a domain", input: account{roles: []string{role("ci", oneDomain)}}.String(), want: []string{"grant/full-access medium high role/ci#inline/p0"}},
		{name: "narrowed in a domain", input: account{roles: []string{role("ci", narrowedDomain)}}.String(), want: []string{"grant/full-access low high role/ci#inline/p0"}},
		{name: "attached to nobody", input: account{policies: []string{managed(mine, full)}}.String(), want: []string{"grant/full-access medium high policy/managed"}},
		{name: "narrowed and attached to nobody", input: account{policies: []string{managed(mine, narrowed)}}.String(), want: []string{"grant/full-access low high policy/managed"}},
		{name: "never below low", input: account{policies: []string{managed(mine, narrowedDomain)}}.String(), want: []string{"grant/full-access low high policy/managed"}},
		{name: "a group without members", input: account{groups: []string{group("staff", full)}}.String(), want: []string{"grant/full-access medium high group/staff#inline/p0"}},
		{name: "a bare file is never attached", input: full, want: []string{"grant/full-access high high "}},
		{
			name: "the highest among the affected",
			input: account{
				roles:    []string{role("ci", mine), strings.Replace(role("ops", mine), `"RoleName"`, `"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "`+iamARN("policy/bound")+`"}, "RoleName"`, 1)},
				policies: []string{managed(mine, full), managed(iamARN("policy/bound"), narrowed)},
			}.String(),
			want: []string{"grant/full-access high high policy/managed"},
		},
		{
			name: "a configured severity replaces the result", input: account{policies: []string{managed(mine, narrowed)}}.String(),
			config: "version: 1\nrules: {grant/full-access: {severity: critical}}\n", want: []string{"grant/full-access critical high policy/managed"},
		},
	})
}

func TestPoliciesOfAWS(t *testing.T) {
	const ecr, administrator, ours = "arn:aws:iam::aws:policy/AmazonElasticContainerRegistryPublicFullAccess", "arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess"
	const dead = "arn:aws:iam::aws:policy/SomethingElse"
	nameless := func(r *auditor.Report) []string {
		var list []string
		for _, f := range r.Findings {
			list = append(list, fmt.Sprintf("%s %s %s", f.Rule, f.Subject.ID, f.Subject.Account))
		}
		return list
	}
	for _, c := range []struct {
		name  string
		roles []string
		want  []string
	}{
		{"no rule of tokens speaks of them", []string{role("ci", ecr)}, nil},
		{
			"administrators' once, under the account that was audited",
			[]string{role("a", administrator), role("b", administrator)},
			[]string{"grant/admin-access arn:aws:iam::aws:policy/AdministratorAccess 111122223333"},
		},
		{"CodeArtifact's own", []string{role("a", ours)}, []string{"grant/full-access arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess 111122223333"}},
		{"nor of their dead statements", []string{role("ci", dead)}, nil},
		{
			"what they add up to is the principal's",
			[]string{role("a", "arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess", theRest, deletes)},
			[]string{"grant/full-access arn:aws:iam::111122223333:role/a 111122223333"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, nameless(judge(t, account{roles: c.roles, policies: []string{managed(dead, deadToken)}}.String(), ""))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
	bare := judge(t, openToken, "")
	if len(found(bare, "token/any-service")) != 1 {
		t.Error("a bare file that reads like a policy of AWS is an ordinary policy")
	}
}

func TestAdministrators(t *testing.T) {
	const exempt = "version: 1\nadministrators: [\"arn:aws:iam::111122223333:role/admin\"]\n"
	mine := iamARN("policy/managed")
	holds(t, []law{
		{name: "of their own policy nothing is said", input: account{roles: []string{role("admin", full)}}.String(), config: exempt, want: []string{}},
		{name: "nor what it would have absorbed", input: account{roles: []string{role("admin", star)}}.String(), config: exempt, want: []string{}},
		{name: "nor of policies that add up", input: account{roles: []string{role("admin", theRest, deletes)}}.String(), config: exempt, want: []string{}},
		{
			name: "other categories judge them too", input: account{roles: []string{role("admin", full, openToken)}}.String(), config: exempt,
			want: []string{"token/any-service medium high role/admin#inline/p1"},
		},
		{
			name: "the policy of somebody else too", input: account{roles: []string{role("admin", mine), role("ci", mine)}, policies: []string{managed(mine, full)}}.String(), config: exempt,
			want: []string{"grant/full-access high high policy/managed"},
		},
	})
	r := judge(t, account{roles: []string{role("admin", mine), role("ci", mine)}, policies: []string{managed(mine, full)}}.String(), exempt)
	if got := r.Findings[0].Affected; !slices.Equal(got, []string{iamARN("role/ci")}) {
		t.Errorf("affected %q", got)
	}
}

// TestManyHolders: one policy of 500 roles is one finding, and 500 copies of an
// inline policy carry one group.
func TestManyHolders(t *testing.T) {
	mine := iamARN("policy/managed")
	var sharing, copying []string
	for i := range 500 {
		sharing = append(sharing, role(fmt.Sprintf("r%03d", i), mine))
		copying = append(copying, role(fmt.Sprintf("r%03d", i), full))
	}
	shared := judge(t, account{roles: sharing, policies: []string{managed(mine, full)}}.String(), "").Findings
	if len(shared) != 1 || len(shared[0].Affected) != 500 || !slices.IsSorted(shared[0].Affected) {
		t.Fatalf("%d findings", len(shared))
	}
	copies := judge(t, account{roles: copying}.String(), "").Findings
	groups, ids := map[string]bool{}, map[string]bool{}
	for _, f := range copies {
		groups[f.Group], ids[f.ID] = true, true
	}
	if len(copies) != 500 || len(ids) != 500 || len(groups) != 1 {
		t.Errorf("%d findings with %d ids and %d groups", len(copies), len(ids), len(groups))
	}
}

func TestSubject(t *testing.T) {
	mine := iamARN("policy/managed")
	holds(t, []law{
		{
			name: "policies that add up are the principal's", input: account{roles: []string{role("ci", theRest, deletes)}}.String(),
			want: []string{"grant/full-access high high role/ci"},
		},
		{
			name: "one that is enough by itself is the policy's", input: account{roles: []string{role("ci", full, deletes)}}.String(),
			want: []string{"grant/full-access high high role/ci#inline/p0"},
		},
		{
			name: "two that are enough each are two", input: account{roles: []string{role("ci", full, mine)}, policies: []string{managed(mine, full)}}.String(),
			want: []string{"grant/full-access high high policy/managed", "grant/full-access high high role/ci#inline/p0"},
		},
		{
			name: "a member of a group has its policies", input: account{users: []string{user("bob", []string{"staff"}, deletes)}, groups: []string{group("staff", theRest)}}.String(),
			want: []string{"grant/full-access high high user/bob"},
		},
		{
			name: "so by way of two groups", input: account{users: []string{user("bob", []string{"staff", "ops"})}, groups: []string{group("staff", theRest), group("ops", deletes)}}.String(),
			want: []string{"grant/full-access high high user/bob"},
		},
		{name: "a group is no caller", input: account{groups: []string{group("staff", theRest, deletes)}}.String(), want: []string{}},
		{name: "who is in one group alone has half of it", input: account{users: []string{user("bob", []string{"staff"}), user("eve", []string{"ops"})}, groups: []string{group("staff", theRest), group("ops", deletes)}}.String(), want: []string{}},
		{name: "a Deny in one policy counts against another", input: account{roles: []string{role("ci", full, strings.Replace(full, "Allow", "Deny", 1))}}.String(), want: []string{}},
	})
	r := judge(t, account{users: []string{user("bob", []string{"staff"}), user("eve", []string{"staff"})}, groups: []string{group("staff", full)}}.String(), "")
	if len(r.Findings) != 1 || r.Findings[0].Subject.Type != finding.InlineSubject || !slices.Equal(r.Findings[0].Affected, []string{iamARN("user/bob"), iamARN("user/eve")}) {
		t.Errorf("findings %+v", r.Findings)
	}
}

// TestIDs: the id follows rule, subject and facet, and nothing else.
func TestIDs(t *testing.T) {
	id := func(input string) string {
		t.Helper()
		r := judge(t, input, "")
		if len(r.Findings) != 1 {
			t.Fatalf("%d findings in %s", len(r.Findings), input)
		}
		return r.Findings[0].ID
	}
	whole := account{roles: []string{role("ci", full)}}.String()
	for name, c := range map[string]struct {
		input string
		same  bool
	}{
		"written out":      {account{roles: []string{role("ci", strings.Replace(full, `"codeartifact:*"`, `["codeartifact:D*", "codeartifact:?*"]`, 1))}}.String(), true},
		"narrowed":         {account{roles: []string{role("ci", strings.Replace(full, `"Effect"`, `"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, "Effect"`, 1))}}.String(), true},
		"with a Sid":       {account{roles: []string{role("ci", strings.Replace(full, `"Effect"`, `"Sid": "All", "Effect"`, 1))}}.String(), true},
		"split":            {account{roles: []string{role("ci", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codeartifact:D*", "Resource": "*"}, {"Effect": "Allow", "NotAction": "codeartifact:D*", "Resource": "arn:aws:codeartifact:*"}]}`)}}.String(), true},
		"under a path":     {strings.Replace(whole, ":role/ci", ":role/build/ci", 1), true},
		"another role":     {account{roles: []string{role("cd", full)}}.String(), false},
		"another policy":   {account{roles: []string{role("ci", reads, full)}}.String(), false},
		"another account":  {strings.ReplaceAll(whole, "111122223333", "444455556666"), false},
		"one domain of it": {account{roles: []string{role("ci", strings.Replace(full, `"Resource": "*"`, `"Resource": "arn:aws:codeartifact:eu-west-1:111122223333:*/shop*"`, 1))}}.String(), false},
	} {
		if got := id(c.input); (got == id(whole)) != c.same {
			t.Errorf("%s: the same id: %t, want %t", name, !c.same, c.same)
		}
	}
}

func TestConfidence(t *testing.T) {
	domain := `{"arn": "arn:aws:codeartifact:eu-west-1:111122223333:domain/shop", "policy": null}`
	repository := `{"arn": "arn:aws:codeartifact:eu-west-1:111122223333:repository/shop/app", "policy": {"Version": "2012-10-17",
		"Statement": {"Effect": "Allow", "Principal": "*", "Action": "codeartifact:ReadFromRepository", "Resource": "*"}}}`
	bounded := strings.Replace(role("ci", full), `"RoleName"`, `"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "`+iamARN("policy/gone")+`"}, "RoleName"`, 1)
	unknown := strings.Replace(full, `"Effect"`, `"Condition": {"StringEquals": {"aws:SomethingNew": "x"}}, "Effect"`, 1)
	holds(t, []law{
		{name: "everything was read", input: account{roles: []string{role("ci", full)}}.String(), want: []string{"grant/full-access high high role/ci#inline/p0"}},
		{name: "control policies were not", input: account{roles: []string{role("ci", full)}, guardsUnread: true}.String(), want: []string{"grant/full-access high medium role/ci#inline/p0"}},
		{name: "the boundary was not", input: account{roles: []string{bounded}}.String(), want: []string{"grant/full-access high medium role/ci#inline/p0"}},
		{name: "the domain of a repository was read", input: account{domains: []string{domain}, repositories: []string{repository}}.String(), want: []string{"exposure/public critical high repository/shop/app"}},
		{name: "the domain of a repository was not", input: account{repositories: []string{repository}}.String(), want: []string{"exposure/public critical medium repository/shop/app"}},
		{name: "a bare file assumes nothing", input: full, want: []string{"grant/full-access high high "}},
		{name: "an unknown decides", input: unknown, want: []string{"grant/full-access high low "}},
		{
			name: "the most certain of the affected", input: account{roles: []string{role("ops", full), bounded}}.String(),
			want: []string{"grant/full-access high medium role/ci#inline/p0", "grant/full-access high high role/ops#inline/p0"},
		},
	})
	r := judge(t, account{roles: []string{role("ci", full)}, guardsUnread: true}.String(), "")
	if len(r.Coverage.Assumptions) != 1 || !strings.Contains(r.Coverage.Assumptions[0], "SCPs") {
		t.Errorf("assumptions %q", r.Coverage.Assumptions)
	}
}

// TestChangeEvents: of the document of a change event nothing but itself is
// known: it is never "attached to nobody", and a guard could stop what it allows.
func TestChangeEvents(t *testing.T) {
	var b inventory.Builder
	a := &inventory.Account{ID: "111122223333", Partial: true, Policies: []*inventory.ManagedPolicy{{
		ARN: iamARN("policy/managed"), Name: "managed", Versions: []inventory.PolicyVersion{{ID: "v2", Default: true, Document: b.Intern(full)}},
	}}}
	a.Roles = []*inventory.Role{{ARN: iamARN("role/ci"), Name: "ci", Inline: []inventory.InlinePolicy{{Name: "p0", Document: b.Intern(deadToken)}}}}
	b.AddAccount(a)
	r := tellers(auditor.Audit(b.Inventory(), auditor.Options{Now: now}))
	want := []string{"grant/full-access high medium policy/managed", "token/dead-condition medium high role/ci#inline/p0"}
	if diff := cmp.Diff(want, said(r)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	for _, f := range r.Findings {
		if strings.Contains(f.Message, "attached to nobody") {
			t.Errorf("%s: %s", f.Rule, f.Message)
		}
	}
}

// Copies of one document are judged once, and each finding shows its own copy.
func TestEvidenceStandsInThePolicyReported(t *testing.T) {
	var b inventory.Builder
	document := b.Intern(`{"Statement":[{"Effect":"Allow","Action":["sts:GetServiceBearerToken","codeartifact:GetAuthorizationToken"],"Resource":"*"}]}`)
	account := &inventory.Account{ID: "111122223333", Guards: [][]inventory.Guard{}}
	for _, name := range []string{"alpha", "beta", "gamma"} {
		account.Roles = append(account.Roles, &inventory.Role{
			ARN: "arn:aws:iam::111122223333:role/" + name, Name: name,
			Inline: []inventory.InlinePolicy{{Name: "token", Document: document}},
		})
	}
	b.AddAccount(account)
	report := tellers(auditor.Audit(b.Inventory(), auditor.Options{Now: now}))
	if len(report.Findings) != 3 {
		t.Fatalf("got %d findings, want one for each copy", len(report.Findings))
	}
	for _, f := range report.Findings {
		for _, g := range f.Grants {
			if g.Policy.ID != f.Subject.ID {
				t.Errorf("the finding about %s shows %s", f.Subject.ID, g.Policy.ID)
			}
		}
	}
}

package access_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

const (
	ci         = "arn:aws:iam::111122223333:role/ci"
	ownDomain  = "arn:aws:codeartifact:us-east-1:111122223333:domain/team"
	ownRepo    = "arn:aws:codeartifact:us-east-1:111122223333:repository/team/app"
	ownPackage = "arn:aws:codeartifact:us-east-1:111122223333:package/team/app/npm//left-pad"
	farDomain  = "arn:aws:codeartifact:us-east-1:444455556666:domain/far"
	farRepo    = "arn:aws:codeartifact:us-east-1:444455556666:repository/far/lib"

	read  = "codeartifact:ReadFromRepository"
	token = "codeartifact:GetAuthorizationToken"
	gsbt  = "sts:GetServiceBearerToken"
)

// allow and deny write statements: principal, action, resource, condition, of
// which the first and the last may be empty.
func allow(principal, action, resource, condition string) string {
	return statement("Allow", principal, action, resource, condition)
}

func deny(principal, action, resource, condition string) string {
	return statement("Deny", principal, action, resource, condition)
}

func statement(effect, principal, action, resource, condition string) string {
	out := fmt.Sprintf(`{"Effect": %q, "Action": %q, "Resource": %q`, effect, action, resource)
	if principal != "" {
		out += fmt.Sprintf(`, "Principal": {"AWS": %q}`, principal)
	}
	if condition != "" {
		out += `, "Condition": ` + condition
	}
	return out + "}"
}

func document(statements ...string) string {
	if len(statements) == 0 {
		return "null"
	}
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ", ") + "]}"
}

// world is an account with the role ci and another with a domain of its own.
type world struct {
	identity, boundary, scp   []string
	domain, repository        []string // of the role's account
	farDomain, farRepository  []string
	noGuards, withoutFar      bool
	attached, wild, farScopes string
	principal                 string // more in the account details
}

func (w world) text() string {
	role := fmt.Sprintf(`{"Arn": %q, "RoleName": "ci", "Path": "/", "RoleId": "AROAEXAMPLECI"`, ci)
	if w.identity != nil {
		role += fmt.Sprintf(`, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": %s}]`, document(w.identity...))
	}
	if w.wild != "" {
		role += fmt.Sprintf(`, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": %s}]`, w.wild)
	}
	if w.attached != "" {
		role += fmt.Sprintf(`, "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": %q}]`, w.attached)
	}
	policies := ""
	if w.boundary != nil {
		role += `, "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/limit"}`
		policies = fmt.Sprintf(`{"Arn": "arn:aws:iam::111122223333:policy/limit", "PolicyName": "limit", "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": %s}]}`, document(w.boundary...))
	}
	guards := `, "guards": []`
	if w.scp != nil {
		guards = fmt.Sprintf(`, "guards": [[{"name": "FullAWSAccess", "kind": "scp", "policy": %s}], [{"name": "limit-scp", "kind": "scp", "policy": %s}]]`, document(allow("", "*", "*", "")), document(w.scp...))
	}
	if w.noGuards {
		guards = ""
	}
	own := fmt.Sprintf(`{"schema": "caudit/inventory/1", "account": "111122223333", "organization": "o-a1b2c3d4e5",
		"iam": {"UserDetailList": [%s], "GroupDetailList": [], "RoleDetailList": [%s}], "Policies": [%s]},
		"domains": [{"arn": %q, "policy": %s}], "repositories": [{"arn": %q, "policy": %s}]%s}`,
		w.principal, role, policies, ownDomain, document(w.domain...), ownRepo, document(w.repository...), guards)
	if w.withoutFar {
		return own
	}
	domains := fmt.Sprintf(`"domains": [{"arn": %q, "policy": %s}], "repositories": [{"arn": %q, "policy": %s}]`, farDomain, document(w.farDomain...), farRepo, document(w.farRepository...))
	if w.farScopes != "" {
		domains = `"domains": [], "repositories": [], "scopes": ` + w.farScopes
	}
	return own + fmt.Sprintf(`{"schema": "caudit/inventory/1", "account": "444455556666", %s}`, domains)
}

func (w world) inventory(t *testing.T) *inventory.Inventory {
	t.Helper()
	r := source.ReadFrom("world.json", strings.NewReader(w.text()), source.Options{})
	if len(r.Errors) > 0 {
		t.Fatalf("%v\n%s", r.Errors, w.text())
	}
	return r.Inventory
}

func resolve(inv *inventory.Inventory) *access.Access {
	return access.Resolve(inv, access.Options{Now: time.Date(2026, 9, 26, 12, 0, 0, 0, time.UTC)})
}

func ask(t *testing.T, x *access.Access, action, resource string, context map[string][]string) *access.Inquiry {
	t.Helper()
	a, ok := codeartifact.LookupAction(action)
	if !ok {
		t.Fatalf("no action %q", action)
	}
	q, err := access.NewQuestion(a, resource, context)
	if err != nil {
		t.Fatal(err)
	}
	return x.Ask(q)
}

func decide(t *testing.T, x *access.Access, action, resource string, context map[string][]string) *access.Answer {
	t.Helper()
	p, err := x.Principal("role/ci")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := ask(t, x, action, resource, context).Decide(p)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// tell writes an answer in a few words.
func tell(a *access.Answer) string {
	words := []string{a.Decision.String()}
	if len(a.Conditions) > 0 {
		words = append(words, "on "+strings.Join(a.Conditions, ","))
	}
	for _, r := range a.Because {
		role := map[access.Role]string{access.Allows: "allows", access.Denies: "denies", access.Passes: "passes", access.Unread: "unread"}[r.Role]
		words = append(words, fmt.Sprintf("%s:%s[%d]", role, r.Policy.Kind, r.Statement.Index))
	}
	for _, g := range a.Guards {
		words = append(words, "guard:"+g.Kind.String()+":"+g.Policies[0].Name)
	}
	for _, m := range a.Missing {
		words = append(words, "add:"+m.Kind.String()+":"+m.Account)
	}
	if a.Then != 0 {
		words = append(words, "then:"+a.Then.String())
	}
	return strings.Join(words, " ")
}

const (
	office    = `{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`
	noMFA     = `{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}`
	anyone    = "*"
	account   = "arn:aws:iam::111122223333:root"
	ourTeam   = `{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}`
	otherTeam = `{"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}`
	pinned    = `{"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}`
)

func TestDecide(t *testing.T) {
	full := allow("", "codeartifact:*", "*", "")
	tests := []struct {
		name             string
		world            world
		action, resource string
		context          map[string][]string
		want             string
	}{
		{"nothing allows", world{}, read, ownRepo, nil, "deny add:identity:111122223333 then:allow"},
		{"identity policy", world{identity: []string{full}}, read, ownRepo, nil, "allow allows:identity[0]"},
		{"another resource", world{identity: []string{allow("", read, ownRepo+"2", "")}}, read, ownRepo, nil, "deny add:identity:111122223333 then:allow"},
		{"a package of the repository", world{identity: []string{allow("", "codeartifact:PublishPackageVersion", "arn:aws:codeartifact:us-east-1:111122223333:package/team/app/*", "")}}, "codeartifact:PublishPackageVersion", ownPackage, nil, "allow allows:identity[0]"},
		{"needless statements are left out", world{identity: []string{full, allow("", read, "*", ""), allow("", read, "*", office)}}, read, ownRepo, nil, "allow allows:identity[0]"},
		{"two halves add up", world{identity: []string{
			allow("", read, "*", `{"Bool": {"aws:MultiFactorAuthPresent": "true"}}`), allow("", read, "*", noMFA),
		}}, read, ownRepo, nil, "allow allows:identity[0] allows:identity[1]"},
		{"domain policy of one's own account", world{domain: []string{allow(ci, token, "*", "")}}, token, ownDomain, nil, "allow allows:domain[0]"},
		{"domain policy covers repositories", world{domain: []string{allow(ci, read, "*", "")}}, read, ownRepo, nil, "allow allows:domain[0]"},
		{"domain policy that names the account delegates", world{domain: []string{allow(account, token, "*", "")}}, token, ownDomain, nil, "deny add:identity:111122223333 then:allow"},
		{"explicit deny in the domain policy", world{identity: []string{full}, domain: []string{deny(anyone, token, "*", "")}}, token, ownDomain, nil, "deny denies:domain[0]"},
		{"explicit deny where nothing allows either", world{domain: []string{deny(anyone, token, "*", "")}}, token, ownDomain, nil, "deny denies:domain[0]"},
		{"deny under a condition that never holds", world{identity: []string{full}, domain: []string{deny(anyone, read, "*", otherTeam)}}, read, ownRepo, nil, "allow allows:identity[0]"},
		{"boundary", world{identity: []string{full}, boundary: []string{allow("", "s3:*", "*", ""), allow("", token, "*", "")}}, read, ownRepo, nil, "deny guard:boundary:limit"},
		{"boundary where nothing allows either", world{boundary: []string{allow("", "s3:*", "*", "")}}, read, ownRepo, nil, "deny guard:boundary:limit"},
		{"boundary that lets it pass", world{identity: []string{full}, boundary: []string{allow("", "codeartifact:Read*", "*", "")}}, read, ownRepo, nil, "allow allows:identity[0]"},
		{"SCP level", world{identity: []string{full}, scp: []string{allow("", "s3:*", "*", "")}}, read, ownRepo, nil, "deny guard:scp:limit-scp"},
		{"SCP that denies", world{identity: []string{full}, scp: []string{allow("", "*", "*", ""), deny("", read, "*", "")}}, read, ownRepo, nil, "deny denies:scp[1]"},
		{"boundary and SCP", world{identity: []string{full}, boundary: []string{allow("", "s3:*", "*", "")}, scp: []string{allow("", "s3:*", "*", "")}}, read, ownRepo, nil, "deny guard:boundary:limit guard:scp:limit-scp"},
		{"condition", world{identity: []string{allow("", read, "*", office)}}, read, ownRepo, nil, "depends on aws:SourceIp allows:identity[0]"},
		{"condition given and met", world{identity: []string{allow("", read, "*", office)}}, read, ownRepo, map[string][]string{"aws:sourceip": {"203.0.113.7"}}, "allow allows:identity[0]"},
		{"condition given and not met", world{identity: []string{allow("", read, "*", office)}}, read, ownRepo, map[string][]string{"aws:SourceIp": {"198.51.100.1"}}, "deny add:identity:111122223333 then:allow"},
		{"condition given as absent", world{identity: []string{allow("", read, "*", office)}}, read, ownRepo, map[string][]string{"aws:SourceIp": nil}, "deny add:identity:111122223333 then:allow"},
		{"conditional deny", world{identity: []string{full}, domain: []string{deny(anyone, "codeartifact:*", "*", noMFA)}}, read, ownRepo, nil, "depends on aws:MultiFactorAuthPresent allows:identity[0] denies:domain[0]"},
		{"the fix leaves what a conditional deny asks", world{domain: []string{deny(anyone, "codeartifact:*", "*", noMFA)}}, read, ownRepo, nil, "deny add:identity:111122223333 then:depends"},
		{"a key that changes nothing is not named", world{identity: []string{allow("", read, "*", office), deny("", read, "*", `{"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz", "aws:SourceVpc": "vpc-1"}}`)}}, read, ownRepo, nil, "depends on aws:SourceIp allows:identity[0]"},
		{"two conditions", world{identity: []string{allow("", read, "*", office)}, domain: []string{deny(anyone, read, "*", noMFA)}}, read, ownRepo, nil, "depends on aws:MultiFactorAuthPresent,aws:SourceIp allows:identity[0] denies:domain[0]"},
		{"variable of the context", world{identity: []string{allow("", read, "arn:aws:codeartifact:*:*:repository/${aws:PrincipalTag/team}/*", "")}}, read, ownRepo, map[string][]string{"aws:PrincipalTag/team": {"team"}}, "allow allows:identity[0]"},
		{"all values of a key", world{identity: []string{allow("", "codeartifact:TagResource", "*", `{"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}`)}}, "codeartifact:TagResource", ownRepo, map[string][]string{"aws:TagKeys": {"a", "b"}}, "deny add:identity:111122223333 then:allow"},

		{"token", world{identity: []string{allow("", gsbt, "*", pinned)}}, gsbt, "", nil, "allow allows:identity[0]"},
		{"token for another service", world{identity: []string{allow("", gsbt, "*", pinned)}}, gsbt, "*", map[string][]string{"sts:AWSServiceName": {"ecr-public.amazonaws.com"}}, "deny add:identity:111122223333 then:allow"},
		{"token by domain policy alone", world{domain: []string{allow(ci, gsbt, "*", "")}}, gsbt, "*", nil, "deny add:identity:111122223333 then:allow"},
		{"token on an ARN", world{identity: []string{allow("", gsbt, ownDomain, "")}}, gsbt, "*", nil, "deny add:identity:111122223333 then:allow"},
		{"token with a lifetime", world{identity: []string{allow("", gsbt, "*", `{"NumericLessThanEquals": {"sts:DurationSeconds": "3600"}}`)}}, gsbt, "*", nil, "depends on sts:DurationSeconds allows:identity[0]"},

		{"across accounts neither", world{}, read, farRepo, nil, "deny add:identity:111122223333 add:repository:444455556666 then:allow"},
		{"across accounts identity alone", world{identity: []string{full}}, read, farRepo, nil, "deny allows:identity[0] add:repository:444455556666 then:allow"},
		{"across accounts resource alone", world{farRepository: []string{allow(account, read, "*", "")}}, read, farRepo, nil, "deny allows:repository[0] add:identity:111122223333 then:allow"},
		{"across accounts both", world{identity: []string{full}, farRepository: []string{allow(account, read, "*", "")}}, read, farRepo, nil, "allow allows:repository[0] allows:identity[0]"},
		{"across accounts by the domain", world{identity: []string{full}, farDomain: []string{allow(anyone, read, "*", ourTeam)}}, read, farRepo, nil, "allow allows:domain[0] allows:identity[0]"},
		{"across accounts denied", world{identity: []string{full}, farRepository: []string{allow(account, read, "*", "")}, farDomain: []string{deny(account, read, "*", "")}}, read, farRepo, nil, "deny denies:domain[0]"},
		{"across accounts a domain-level action", world{identity: []string{full}}, token, farDomain, nil, "deny allows:identity[0] add:domain:444455556666 then:allow"},
		{"across accounts, no policy can allow it", world{identity: []string{full}}, "codeartifact:PutDomainPermissionsPolicy", farDomain, nil, "deny allows:identity[0]"},
		{"across accounts unread", world{identity: []string{full}, withoutFar: true}, read, farRepo, nil, "depends allows:identity[0] add:repository:444455556666 then:allow"},
		{"across accounts unread, identity lacking", world{withoutFar: true}, read, farRepo, nil, "deny add:identity:111122223333 add:repository:444455556666 then:allow"},

		{"a lost statement", world{wild: `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}, {"Effekt": "Deny"}]}`}, read, ownRepo, nil, "depends allows:identity[0] unread:identity[1]"},
		{"a lost statement cannot help against a deny", world{wild: `{"Version": "2012-10-17", "Statement": [{"Effekt": "Allow"}]}`, domain: []string{deny(anyone, read, "*", "")}}, read, ownRepo, nil, "deny denies:domain[0]"},
		{"an attached policy that was not read", world{attached: "arn:aws:iam::111122223333:policy/gone"}, read, ownRepo, nil, "depends"},
		{"an attached policy of AWS that reaches nothing", world{attached: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}, read, ownRepo, nil, "deny add:identity:111122223333 then:allow"},

		{"create actions need every reading", world{identity: []string{allow("", "codeartifact:CreateRepository", ownRepo, "")}}, "codeartifact:CreateRepository", ownRepo, nil, "depends allows:identity[0]"},
		{"create actions on all", world{identity: []string{allow("", "codeartifact:CreateRepository", "*", "")}}, "codeartifact:CreateRepository", "*", nil, "allow allows:identity[0]"},
		{"copying names a package and its repository", world{identity: []string{allow("", "codeartifact:CopyPackageVersions", ownPackage, "")}}, "codeartifact:CopyPackageVersions", ownPackage, nil, "depends allows:identity[0]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decide(t, resolve(tt.world.inventory(t)), tt.action, tt.resource, tt.context)
			if tell(got) != tt.want {
				t.Errorf("got  %s\nwant %s\nnotes %q", tell(got), tt.want, got.Notes)
			}
		})
	}
}

// What is offered is pasted into the world and asked again: it is allowed then.
func TestMissingStatementsAllow(t *testing.T) {
	for _, tt := range []struct{ action, resource string }{
		{read, ownRepo},
		{read, farRepo},
		{token, farDomain},
		{gsbt, "*"},
		{"codeartifact:ListDomains", "*"},
		{"codeartifact:PublishPackageVersion", strings.Replace(farRepo, "repository", "package", 1) + "/npm//left-pad"},
		{"codeartifact:CopyPackageVersions", ownPackage},
		{"codeartifact:CopyPackageVersions", ownRepo},
		{"codeartifact:CreateRepository", ownRepo},
		{"codeartifact:DescribePackageGroup", "arn:aws:codeartifact:us-east-1:444455556666:package-group/far/npm/%2a"},
		{"codeartifact:PutRepositoryPermissionsPolicy", farRepo},
	} {
		t.Run(tt.action+" "+tt.resource, func(t *testing.T) {
			before := decide(t, resolve(world{}.inventory(t)), tt.action, tt.resource, nil)
			if before.Decision != access.Deny || len(before.Missing) == 0 {
				t.Fatalf("an empty world: %s", tell(before))
			}
			var w world
			for _, m := range before.Missing {
				if !json.Valid(m.Statement) {
					t.Fatalf("no JSON: %s", m.Statement)
				}
				switch m.Kind {
				case inventory.Identity:
					w.identity = append(w.identity, string(m.Statement))
				case inventory.DomainPolicy:
					w.farDomain = append(w.farDomain, string(m.Statement))
				case inventory.RepositoryPolicy:
					w.farRepository = append(w.farRepository, string(m.Statement))
				}
			}
			if after := decide(t, resolve(w.inventory(t)), tt.action, tt.resource, nil); after.Decision != access.Allow {
				t.Errorf("with %s: %s", before.Missing, tell(after))
			}
		})
	}
}

func TestMissingTokenStatement(t *testing.T) {
	got := decide(t, resolve(world{}.inventory(t)), gsbt, "", nil)
	const want = `{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*","Condition":{"StringEquals":{"sts:AWSServiceName":"codeartifact.amazonaws.com"}}}`
	if len(got.Missing) != 1 || string(got.Missing[0].Statement) != want {
		t.Errorf("got %s", got.Missing)
	}
}

func TestUnreadPoliciesAreSaid(t *testing.T) {
	w := world{identity: []string{allow("", "codeartifact:*", "*", "")}, noGuards: true}
	got := decide(t, resolve(w.inventory(t)), read, ownRepo+"2", nil)
	if got.Decision != access.Allow || !slices.ContainsFunc(got.Assumed, func(s string) bool { return strings.Contains(s, "SCPs") }) ||
		!slices.ContainsFunc(got.Assumed, func(s string) bool { return strings.Contains(s, "policy of repository "+ownRepo+"2 was not read") }) {
		t.Errorf("%s, assumed %q", tell(got), got.Assumed)
	}
	w = world{identity: []string{allow("", "codeartifact:*", "*", "")}, farScopes: `[{"account": "444455556666", "region": "us-east-1", "source": "codeartifact", "state": "denied"}]`}
	if got := decide(t, resolve(w.inventory(t)), read, farRepo, nil); got.Decision != access.Depends || len(got.Gaps) == 0 {
		t.Errorf("policies that were refused: %s, gaps %v", tell(got), got.Gaps)
	}
	w = world{attached: "arn:aws:iam::111122223333:policy/gone"}
	if got := decide(t, resolve(w.inventory(t)), read, ownRepo, nil); len(got.Gaps) != 1 || !strings.Contains(got.Gaps[0].Where, "policy/gone") {
		t.Errorf("a policy that was not read: gaps %v", got.Gaps)
	}
}

func TestGivenKeysWithoutEffectAreSaid(t *testing.T) {
	x := resolve(world{}.inventory(t))
	got := decide(t, x, read, ownRepo, map[string][]string{
		"aws:PrincipalArn": {"arn:aws:iam::111122223333:role/other"}, "sts:AWSServiceName": {"codeartifact.amazonaws.com"},
		"aws:RequestedRegion": {"eu-west-1"}, "s3:prefix": {"x"},
	})
	for _, want := range []string{"aws:PrincipalArn follows from", "never carry sts:AWSServiceName", "aws:RequestedRegion follows from", "never carry s3:prefix"} {
		if !slices.ContainsFunc(got.Notes, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("no note %q in %q", want, got.Notes)
		}
	}
}

func TestQuestionsThatCannotBeAsked(t *testing.T) {
	for _, tt := range []struct {
		action, resource string
		context          map[string][]string
		want, hint       string
	}{
		{"iam:PassRole", "*", nil, "iam:PassRole is not decided here", ""},
		{read, "team/app", nil, `"team/app" is no ARN`, ""},
		{read, "arn:aws:s3:::bucket", nil, "belongs to another service", ""},
		{read, ownDomain, nil, "is authorized on a repository, not on a domain", "arn:${Partition}:codeartifact"},
		{read, ownPackage, nil, "is authorized on a repository, not on a package", ownRepo},
		{token, ownRepo, nil, "is authorized on a domain, not on a repository", ownDomain},
		{read, "*", nil, `is authorized on a repository, not on "*"`, "repository/"},
		{gsbt, ownDomain, nil, `the request names "*"`, `"*"`},
		{read, "arn:aws:codeartifact:us-west-1:111122223333:repository/team/app", nil, `not in Region "us-west-1"`, "us-west-2"},
		{read, "arn:aws-cn:codeartifact:cn-north-1:111122223333:repository/team/app", nil, `partition "aws-cn"`, ""},
		{read, "arn:aws:codeartifact:us-east-1:1111:repository/team/app", nil, `"1111" is no account id`, ""},
		{read, "arn:aws:codeartifact:us-east-1:111122223333:repository/app", nil, "no repository has such a name", "repository/${DomainName}/${RepositoryName}"},
		{read, "arn:aws:codeartifact:us-east-1:111122223333:repo/team/app", nil, `no resource type "repo"`, ""},
		{"codeartifact:PublishPackageVersion", "arn:aws:codeartifact:us-east-1:111122223333:package/team/app/npm/left-pad", nil, "no package has such a name", "npm//NAME"},
		{read, ownRepo, map[string][]string{"aws:SorceIp": {"10.0.0.1"}}, `"aws:SorceIp" is not known`, ""},
		{read, ownRepo, map[string][]string{"codeartifact:Domain": {"x"}}, `"codeartifact:Domain" is not known`, ""},
		{read, ownRepo, map[string][]string{"aws:SourceIp": {"office"}}, "expected an IPv4 or IPv6 address", ""},
		{read, ownRepo, map[string][]string{"aws:SourceIp": {"10.0.0.1", "10.0.0.2"}}, "has one value, got 2", ""},
		{read, ownRepo, map[string][]string{"aws:SourceIp": {"10.0.0.1"}, "AWS:sourceip": {"10.0.0.2"}}, "is given twice", ""},
		{read, ownRepo, map[string][]string{"aws:SecureTransport": {"yes"}}, "expected true or false", ""},
	} {
		a, _ := codeartifact.LookupAction(tt.action)
		_, err := access.NewQuestion(a, tt.resource, tt.context)
		wrong, ok := errors.AsType[*access.QuestionError](err)
		if !ok || !strings.Contains(wrong.Message, tt.want) || !strings.Contains(wrong.Hint, tt.hint) {
			t.Errorf("%s on %s with %v: %v (hint %q), want %q (%q)", tt.action, tt.resource, tt.context, err, hintOf(wrong), tt.want, tt.hint)
		}
	}
	x := resolve(world{}.inventory(t))
	p, _ := x.Principal("role/ci")
	for key, value := range map[string]string{"sts:DurationSeconds": "60", "sts:AWSServiceName": "codeartifact"} {
		_, err := ask(t, x, gsbt, "*", map[string][]string{key: {value}}).Decide(p)
		if _, ok := errors.AsType[*access.QuestionError](err); !ok {
			t.Errorf("%s = %s: %v", key, value, err)
		}
	}
}

func hintOf(e *access.QuestionError) string {
	if e == nil {
		return ""
	}
	return e.Hint
}

package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// The universe in which random policies are compared with the oracle, request by
// request: small enough to try everything, and with something of everything that
// tells requests apart.

const (
	ownAccount   = "111122223333"
	otherAccount = "444455556666"
	ownPlace     = "arn:aws:codeartifact:us-east-1:111122223333:"
	otherRegion  = "arn:aws:codeartifact:eu-west-1:111122223333:"
	otherPlace   = "arn:aws:codeartifact:us-east-1:444455556666:"
)

// universeCallers are who makes requests: a user with tags, and a role.
var universeCallers = []oracle.Principal{
	{ARN: "arn:aws:iam::111122223333:user/ann", ID: "AIDAEXAMPLEANN", Organization: "o-a1b2c3d4e5", Tags: map[string]string{"team": "red"}},
	{ARN: "arn:aws:iam::111122223333:role/build", ID: "AROAEXAMPLEBUILD", Organization: "o-a1b2c3d4e5"},
}

type universeAction struct {
	name      string
	resources []string
}

// universeActions are the actions with the resources that requests for them are
// about.
var universeActions = []universeAction{
	{"codeartifact:GetAuthorizationToken", []string{ownPlace + "domain/team", ownPlace + "domain/ops", otherRegion + "domain/team", otherPlace + "domain/team"}},
	{"codeartifact:ReadFromRepository", []string{ownPlace + "repository/team/app", ownPlace + "repository/team/lib", ownPlace + "repository/ops/app", otherRegion + "repository/team/app"}},
	{"codeartifact:PublishPackageVersion", []string{ownPlace + "package/team/app/npm//left-pad", ownPlace + "package/team/app/npm/ns/left-pad", ownPlace + "package/ops/lib/pypi//left-pad", otherPlace + "package/team/app/npm//left-pad"}},
	{"codeartifact:TagResource", []string{ownPlace + "domain/team", ownPlace + "repository/team/app", ownPlace + "package-group/team/npm/%2a"}},
	{"codeartifact:ListDomains", []string{"*"}},
	{createRepository, []string{ownPlace + "repository/team/new", otherRegion + "repository/ops/app", otherPlace + "repository/team/app"}},
	{"sts:GetServiceBearerToken", []string{"*"}},
}

// createRepository is decided only where all readings of what it is authorized on
// agree: nothing, the repository, the repository's domain.
const createRepository = "codeartifact:CreateRepository"

// request returns a request of the universe, with what the resource settles.
func (w *testWorld) request(action, resource string, context map[string][]string) oracle.Request {
	r := oracle.Request{Principal: w.caller, Action: action, Resource: resource, Context: context}
	if action == createRepository && resource != "*" {
		parsed, _ := arn.Parse(resource)
		repository := strings.Split(parsed.Resource, "/")
		parsed.Resource = "domain/" + repository[1]
		r.Resource, r.Also = "*", []string{resource, parsed.String()}
		context["aws:RequestedRegion"] = []string{parsed.Region}
	}
	return r
}

// universeKey is a condition key of the universe.
type universeKey struct {
	name string
	// bases are the operators that suit the key's type.
	bases []policy.BaseOperator
	multi bool
	// policies are values to compare with, in policies.
	policies []string
	// carried returns what requests can carry for the key; a nil list means that
	// they can lack it. A nil answer means that Principal and Resource settle it.
	carried func(p oracle.Principal, action, resource string) [][]string
}

var (
	textBases = []policy.BaseOperator{
		policy.StringEquals, policy.StringNotEquals, policy.StringEqualsIgnoreCase, policy.StringNotEqualsIgnoreCase,
		policy.StringLike, policy.StringNotLike,
	}
	numberBases = []policy.BaseOperator{
		policy.NumericEquals, policy.NumericNotEquals, policy.NumericLessThan, policy.NumericLessThanEquals,
		policy.NumericGreaterThan, policy.NumericGreaterThanEquals,
	}
	dateBases = []policy.BaseOperator{
		policy.DateEquals, policy.DateNotEquals, policy.DateLessThan, policy.DateLessThanEquals,
		policy.DateGreaterThan, policy.DateGreaterThanEquals,
	}
	addressBases = []policy.BaseOperator{policy.IPAddress, policy.NotIPAddress}
	arnBases     = []policy.BaseOperator{policy.ARNEquals, policy.ARNNotEquals, policy.ARNLike, policy.ARNNotLike}
)

var (
	settled = func(oracle.Principal, string, string) [][]string { return nil }
	lacking = func(oracle.Principal, string, string) [][]string { return [][]string{nil} }
)

// always is what every request of the universe can carry.
func always(values ...[]string) func(oracle.Principal, string, string) [][]string {
	return func(oracle.Principal, string, string) [][]string { return values }
}

// onToken is what requests for a bearer token carry; no other request does.
func onToken(values ...[]string) func(oracle.Principal, string, string) [][]string {
	return func(_ oracle.Principal, action, _ string) [][]string {
		if action == "sts:GetServiceBearerToken" {
			return values
		}
		return [][]string{nil}
	}
}

var universeKeys = []universeKey{
	{
		"sts:AWSServiceName", textBases, false,
		[]string{"codeartifact.amazonaws.com", "CodeArtifact.amazonaws.com", "codeartifact.*", "*", "ecr-public.amazonaws.com", ""},
		onToken([]string{"codeartifact.amazonaws.com"}),
	},
	{
		"sts:DurationSeconds", numberBases, false,
		[]string{"0", "899", "900", "1000.5", "3600", "43200", "50000"},
		onToken([]string{"0"}, []string{"900"}, []string{"1000"}, []string{"1001"}, []string{"3599"}, []string{"3600"}, []string{"3601"}, []string{"43199"}, []string{"43200"}),
	},
	{"aws:PrincipalOrgID", textBases, false, []string{"o-a1b2c3d4e5", "o-*", "o-zzzzzzzzzz"}, settled},
	{
		"aws:PrincipalArn", arnBases, false,
		[]string{"arn:aws:iam::111122223333:user/*", "arn:aws:iam::*:role/b*", "arn:aws:iam::111122223333:user/ann", "arn:*:iam::1111222233??:*"},
		settled,
	},
	{
		"aws:MultiFactorAuthPresent",
		[]policy.BaseOperator{policy.Bool},
		false,
		[]string{"true", "false", "True"},
		always(nil, []string{"true"}, []string{"false"}),
	},
	{
		"aws:SourceIp", addressBases, false,
		[]string{"10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "203.0.113.0/24"},
		always(nil, []string{"10.0.0.1"}, []string{"10.1.2.3"}, []string{"203.0.113.7"}, []string{"2001:db8::1"}, []string{"2a00::1"}),
	},
	{
		"aws:PrincipalTag/team", textBases, false,
		[]string{"red", "r*", "RED", "blue", "${aws:username}", "${aws:PrincipalTag/none, 'red'}", "${aws:PrincipalTag/none}"},
		func(p oracle.Principal, _, _ string) [][]string {
			if p.Tags != nil {
				return nil
			}
			return [][]string{nil, {"red"}, {"RED"}, {"blue"}, {"rust"}}
		},
	},
	{
		"aws:TagKeys", textBases, true,
		[]string{"env", "team", "e*", "t*"},
		func(_ oracle.Principal, action, _ string) [][]string {
			if action == "codeartifact:TagResource" || action == "codeartifact:CreateRepository" {
				return [][]string{nil, {"env"}, {"team"}, {"env", "team"}, {"cost"}, {"cost", "env"}, {"exit"}}
			}
			return [][]string{nil}
		},
	},
	{
		"aws:RequestedRegion", textBases, false,
		[]string{"us-east-1", "eu-*", "us-*", "ap-south-1"},
		func(_ oracle.Principal, _, resource string) [][]string {
			if resource != "*" {
				return nil
			}
			return [][]string{{"us-east-1"}, {"eu-west-1"}, {"ap-south-1"}}
		},
	},
	{
		"aws:CurrentTime", dateBases, false,
		[]string{"2026-09-26T12:00:00Z", "2026-12-31", "2027-03-31T23:59:59Z", "1790000000", "2020-01-01T00:00:00Z"},
		always([]string{"2026-09-26T12:00:00Z"}, []string{"2026-09-26T12:00:01Z"}, []string{"2026-12-30T23:59:59Z"}, []string{"2026-12-31T00:00:00Z"},
			[]string{"2027-03-31T23:59:58Z"}, []string{"2027-03-31T23:59:59Z"}, []string{"2027-04-01T00:00:00Z"}),
	},
	{
		"aws:ResourceTag/env", textBases, false,
		[]string{"prod", "dev", "p*"},
		func(_ oracle.Principal, action, resource string) [][]string {
			if strings.Contains(resource, ":package/") || resource == "*" || action == createRepository {
				return [][]string{nil}
			}
			return [][]string{nil, {"prod"}, {"dev"}, {"preview"}}
		},
	},
	{"aws:username", textBases, false, []string{"ann", "a*", "build"}, settled},
	{"aws:referer", textBases, false, []string{"*", "https://example.com/"}, lacking},
	{"s3:prefix", textBases, false, []string{"*", "home"}, lacking},
}

var keyByName = func() map[string]*universeKey {
	m := map[string]*universeKey{}
	for i := range universeKeys {
		m[strings.ToLower(universeKeys[i].name)] = &universeKeys[i]
	}
	return m
}()

var actionPatterns = []string{
	"*", "codeartifact:*", "codeartifact:Get*", "codeartifact:List*", "codeartifact:*Repository", "sts:*", "sts:GetServiceBearerToken",
	"STS:getservicebearertoken", "sts:Get?erviceBearerToken", "codeartifact:GetAuthorizationToken", "codeartifact:ReadFromRepository",
	"codeartifact:PublishPackageVersion", "codeartifact:TagResource", "codeartifact:ListDomains", "codeartifact:*a*e*", "s3:*", "iam:*",
	"codeartifact:ReadFromRepositor", "codeartifact:CreateRepository",
}

var resourcePatterns = []string{
	"*", "arn:aws:codeartifact:*", "arn:aws:codeartifact:us-east-1:111122223333:*", "arn:aws:codeartifact:*:111122223333:domain/*",
	ownPlace + "domain/team", ownPlace + "domain/t*", ownPlace + "domain/${aws:PrincipalTag/team}", otherRegion + "*",
	ownPlace + "repository/team/*", ownPlace + "repository/*/app", ownPlace + "repository/team/app", ownPlace + "repository/team/???",
	ownPlace + "package/team/app/*", ownPlace + "package/*/npm//left-pad", ownPlace + "package/*/left-*", "arn:aws:codeartifact:*:*:package/team/*",
	ownPlace + "repository/${aws:PrincipalTag/none, 'team'}/*", ownPlace + "repository/${aws:PrincipalTag/none}/*", ownPlace + "domain/${*}",
	"arn:aws:codeartifact:us-*-1:111122223333:repository/team/app", "arn:aws:codeartifact:us*app", "arn:aws:codeartifact:*/app",
	"arn:aws:codeartifact:us-east-1:1111*3333:domain/team", "arn:aws:s3:::bucket/*", ownPlace + "package-group/team/*", otherPlace + "*",
	"arn:aws:codeartifact:*:domain/team", ownPlace + "REPOSITORY/team/app",
}

package codeartifact_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

func lookup(t *testing.T, name string) *codeartifact.KeyInfo {
	t.Helper()
	key, ok := codeartifact.LookupKey(name)
	if !ok {
		t.Fatalf("no key %q", name)
	}
	return key
}

func TestLookupKey(t *testing.T) {
	for name, want := range map[string]string{
		"aws:PrincipalArn":                                    "aws:PrincipalArn",
		"AWS:PRINCIPALARN":                                    "aws:PrincipalArn",
		"aws:Referer":                                         "aws:referer",
		"aws:PrincipalTag/Team":                               "aws:PrincipalTag/${TagKey}",
		"aws:principaltag/a/b:c":                              "aws:PrincipalTag/${TagKey}",
		"aws:ResourceTag/x":                                   "aws:ResourceTag/${TagKey}",
		"sts:awsservicename":                                  "sts:AWSServiceName",
		"iam:AWSServiceName":                                  "iam:AWSServiceName",
		"token.actions.githubusercontent.com:sub":             "${OIDCProvider}:sub",
		"token.actions.githubusercontent.com:repository":      "token.actions.githubusercontent.com:repository",
		"token.actions.githubusercontent.com/acme:repository": "token.actions.githubusercontent.com/${SubPath}:repository",
		"token.actions.acme.ghe.com:ref":                      "token.actions.${Domain}.ghe.com:ref",
		"accounts.google.com:sub":                             "accounts.google.com:sub",
		"oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub":         "${OIDCProvider}:sub",
		"saml:sub":       "saml:sub",
		"SAML:givenname": "saml:givenName",
		// Unknown.
		"aws:PrincipalTag/":           "",
		"aws:PrincipalTag":            "",
		"aws:PrincipalTags/x":         "",
		"codeartifact:RepositoryName": "",
		"codeartifact:sub":            "",
		"s3:prefix":                   "",
		"":                            "",
		"aws:principaltag/${tagkey}":  "aws:PrincipalTag/${TagKey}",
	} {
		key, ok := codeartifact.LookupKey(name)
		switch {
		case ok != (want != ""):
			t.Errorf("LookupKey(%q) found: %v", name, ok)
		case ok && key.Name != want:
			t.Errorf("LookupKey(%q) = %q, want %q", name, key.Name, want)
		}
	}
}

// TestEveryKeyIsComplete looks up every key by a member of its own.
func TestEveryKeyIsComplete(t *testing.T) {
	for _, key := range codeartifact.Keys() {
		name := key.Name
		if before, rest, ok := strings.Cut(name, "${"); ok {
			_, after, _ := strings.Cut(rest, "}")
			name = before + "idp.example" + after
			if !key.Family() {
				t.Errorf("%s is not marked as a family", key.Name)
			}
		}
		if found, ok := codeartifact.LookupKey(name); !ok || found != key {
			t.Errorf("LookupKey(%q) does not find %s", name, key.Name)
		}
		if !strings.HasPrefix(key.Source, "https://docs.aws.amazon.com/") && !strings.HasPrefix(key.Source, "https://github.com/awsdocs/") {
			t.Errorf("%s: source %q", key.Name, key.Source)
		}
		for _, word := range []string{key.Type.String(), key.Basis.String(), key.Control(codeartifact.AnyCaller).String()} {
			if strings.HasPrefix(word, "invalid") {
				t.Errorf("%s: %s", key.Name, word)
			}
		}
	}
}

// TestGlobalKeys holds the table against AWS's list of global and cross-service
// keys.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func TestGlobalKeys(t *testing.T) {
	for _, name := range strings.Fields(`
		aws:PrincipalArn aws:PrincipalAccount aws:PrincipalOrgPaths aws:PrincipalOrgID aws:PrincipalTag/x
		aws:PrincipalIsAWSService aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalType aws:userid
		aws:username aws:AssumedRoot aws:FederatedProvider aws:TokenIssueTime aws:SignInSessionArn aws:MultiFactorAuthAge
		aws:MultiFactorAuthPresent aws:ChatbotSourceArn aws:Ec2InstanceSourceVpc aws:Ec2InstanceSourcePrivateIPv4
		aws:SourceIdentity ec2:RoleDelivery ec2:SourceInstanceArn glue:RoleAssumedBy glue:CredentialIssuingService
		codebuild:BuildArn codebuild:ProjectArn lambda:SourceFunctionArn ssm:SourceInstanceArn identitystore:UserId
		aws:SourceIp aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths
		aws:VpcSourceIp aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:ResourceTag/x aws:CalledVia
		aws:CalledViaFirst aws:CalledViaLast aws:CalledViaAWSMCP aws:ViaAWSService aws:ViaAWSMCPService aws:CurrentTime
		aws:EpochTime aws:referer aws:RequestedRegion aws:RequestTag/x aws:TagKeys aws:SecureTransport aws:SourceAccount
		aws:SourceArn aws:SourceOrgID aws:SourceOrgPaths aws:UserAgent aws:IsMcpServiceAction`) {
		lookup(t, name)
	}
	multi := map[string]bool{}
	for _, key := range codeartifact.Keys() {
		if key.Multi && strings.HasPrefix(key.Name, "aws:") {
			multi[key.Name] = true
		}
	}
	for _, name := range strings.Fields(`aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:VpceOrgPaths
		aws:ResourceOrgPaths aws:CalledVia aws:TagKeys aws:SourceOrgPaths`) {
		if !multi[name] {
			t.Errorf("%s is not multi-valued", name)
		}
		delete(multi, name)
	}
	for name := range multi {
		t.Errorf("%s is multi-valued", name)
	}
}

func TestPresence(t *testing.T) {
	const (
		never     = codeartifact.Never
		sometimes = codeartifact.Sometimes
		always    = codeartifact.Always

		read   = codeartifact.ReadFromRepository
		create = codeartifact.CreateDomain
		tag    = codeartifact.TagResource
		bearer = codeartifact.GetServiceBearerToken
		assume = codeartifact.AssumeRole
		web    = codeartifact.AssumeRoleWithWebIdentity
	)
	for _, test := range []struct {
		key    string
		action codeartifact.Action
		want   codeartifact.Presence
	}{
		{"aws:PrincipalArn", read, always},
		{"aws:PrincipalArn", web, never},
		{"aws:PrincipalOrgID", web, never},
		{"aws:PrincipalOrgID", assume, sometimes},
		{"aws:PrincipalOrgID", read, sometimes},
		{"aws:Referer", read, never},
		{"aws:UserAgent", read, never},
		{"aws:UserAgent", codeartifact.PutUserPolicy, always},
		{"aws:SourceIp", read, sometimes},
		{"aws:SourceArn", read, never},
		{"aws:SourceAccount", bearer, never},
		{"aws:SourceAccount", assume, sometimes},
		{"aws:SourceOrgID", web, never},
		{"aws:SecureTransport", read, always},
		{"aws:CalledVia", bearer, never},
		{"aws:CalledVia", read, sometimes},
		{"aws:ViaAWSService", bearer, always},
		{"aws:ResourceAccount", bearer, always},
		{"aws:IsMcpServiceAction", read, never},
		{"aws:IsMcpServiceAction", bearer, never},
		{"aws:RequestTag/x", create, sometimes},
		{"aws:RequestTag/x", tag, sometimes},
		{"aws:RequestTag/x", codeartifact.UntagResource, never},
		{"aws:TagKeys", codeartifact.UntagResource, sometimes},
		{"aws:TagKeys", read, never},
		{"aws:ResourceTag/x", read, sometimes},
		{"aws:ResourceTag/x", codeartifact.PublishPackageVersion, never},
		{"aws:ResourceTag/x", bearer, never},
		{"aws:ResourceTag/x", codeartifact.ListDomains, never},
		{"sts:AWSServiceName", bearer, always},
		{"sts:AWSServiceName", codeartifact.GetAuthorizationToken, never},
		{"sts:DurationSeconds", bearer, always},
		{"sts:DurationSeconds", codeartifact.GetAuthorizationToken, never},
		{"sts:DurationSeconds", assume, never},
		{"sts:ExternalId", assume, sometimes},
		{"sts:ExternalId", read, never},
		{"sts:ExternalId", web, never},
		{"iam:AWSServiceName", bearer, never},
		{"sts:SigningAlgorithm", bearer, never},
		{"token.actions.githubusercontent.com:sub", web, sometimes},
		{"token.actions.githubusercontent.com:sub", read, sometimes},
		{"token.actions.githubusercontent.com:repository", web, sometimes},
		{"token.actions.githubusercontent.com:repository", assume, never},
		{"token.actions.githubusercontent.com:repository", read, never},
		{"token.actions.githubusercontent.com:repository", codeartifact.TagSession, sometimes},
		{"saml:sub", read, sometimes},
		{"saml:givenName", read, never},
		{"iam:PolicyARN", codeartifact.AttachRolePolicy, sometimes},
		{"iam:PolicyARN", codeartifact.PutRolePolicy, never},
	} {
		if got := lookup(t, test.key).Presence(test.action); got != test.want {
			t.Errorf("%s on %v: %v, want %v", test.key, test.action, got, test.want)
		}
	}
}

func TestPresenceDependsOnCallerAndResource(t *testing.T) {
	const read = codeartifact.ReadFromRepository
	for _, test := range []struct {
		key        string
		user, role codeartifact.Presence
	}{
		{"aws:username", codeartifact.Always, codeartifact.Never},
		{"aws:TokenIssueTime", codeartifact.Sometimes, codeartifact.Always},
		{"aws:MultiFactorAuthPresent", codeartifact.Sometimes, codeartifact.Sometimes},
		{"aws:FederatedProvider", codeartifact.Never, codeartifact.Sometimes},
		{"aws:SourceIdentity", codeartifact.Never, codeartifact.Sometimes},
		{"codebuild:ProjectArn", codeartifact.Never, codeartifact.Sometimes},
		{"aws:AssumedRoot", codeartifact.Never, codeartifact.Never},
		{"saml:sub", codeartifact.Never, codeartifact.Sometimes},
		{"aws:SourceArn", codeartifact.Never, codeartifact.Never},
		{"aws:PrincipalArn", codeartifact.Always, codeartifact.Always},
	} {
		key := lookup(t, test.key)
		if user, role := key.PresenceFor(read, codeartifact.UserCaller), key.PresenceFor(read, codeartifact.RoleCaller); user != test.user || role != test.role {
			t.Errorf("%s: user %v, role %v, want %v, %v", test.key, user, role, test.user, test.role)
		}
	}
	tag := lookup(t, "aws:ResourceTag/team")
	for resource, want := range map[codeartifact.ResourceType]codeartifact.Presence{
		codeartifact.Repository: codeartifact.Sometimes, codeartifact.Package: codeartifact.Never,
	} {
		if got := tag.PresenceOn(codeartifact.CopyPackageVersions, resource); got != want {
			t.Errorf("aws:ResourceTag on a copied %v: %v, want %v", resource, got, want)
		}
	}
	if got := lookup(t, "aws:SourceIp").PresenceOn(read, codeartifact.Package); got != codeartifact.Sometimes {
		t.Errorf("aws:SourceIp on a package: %v", got)
	}
}

// TestCallerNeverBringsInAKey: what a caller is settles an open question and
// overrules nothing that is known of the action.
func TestCallerNeverBringsInAKey(t *testing.T) {
	for _, key := range codeartifact.Keys() {
		for action := range codeartifact.AllActions().All() {
			general := key.Presence(action)
			for _, caller := range []codeartifact.Caller{codeartifact.UserCaller, codeartifact.RoleCaller} {
				if special := key.PresenceFor(action, caller); special != general && general != codeartifact.Sometimes {
					t.Errorf("%s on %v: %v in general, %v for caller %d", key.Name, action, general, special, caller)
				}
			}
		}
	}
}

func TestValues(t *testing.T) {
	const bearer = codeartifact.GetServiceBearerToken
	for _, test := range []struct {
		key    string
		action codeartifact.Action
		caller codeartifact.Caller
		want   []string
	}{
		{"sts:AWSServiceName", bearer, codeartifact.AnyCaller, []string{codeartifact.ServiceName}},
		{"aws:SecureTransport", codeartifact.ReadFromRepository, codeartifact.AnyCaller, []string{"true"}},
		{"aws:PrincipalIsAWSService", codeartifact.ReadFromRepository, codeartifact.AnyCaller, []string{"false"}},
		{"aws:PrincipalIsAWSService", codeartifact.AssumeRole, codeartifact.AnyCaller, nil},
		{"aws:PrincipalIsAWSService", codeartifact.AssumeRole, codeartifact.RoleCaller, []string{"false"}},
		{"aws:PrincipalType", bearer, codeartifact.UserCaller, []string{"User"}},
		{"aws:PrincipalType", bearer, codeartifact.RoleCaller, []string{"AssumedRole"}},
		{"aws:PrincipalType", bearer, codeartifact.AnyCaller, nil},
		{"aws:SourceIp", bearer, codeartifact.AnyCaller, nil},
	} {
		if got := lookup(t, test.key).Values(test.action, test.caller); !slices.Equal(got, test.want) {
			t.Errorf("%s on %v: %q, want %q", test.key, test.action, got, test.want)
		}
	}
	duration := lookup(t, "sts:DurationSeconds")
	if got, want := duration.Ranges(bearer), []codeartifact.Range{{From: 0, To: 0}, {From: 900, To: 43200}}; !slices.Equal(got, want) {
		t.Errorf("sts:DurationSeconds: %v, want %v", got, want)
	}
	if got := duration.Ranges(codeartifact.AssumeRole); got != nil {
		t.Errorf("sts:DurationSeconds on AssumeRole: %v", got)
	}
}

func TestControl(t *testing.T) {
	for name, want := range map[string]codeartifact.Control{
		"aws:PrincipalOrgID":         codeartifact.ByIdentity,
		"aws:PrincipalTag/x":         codeartifact.BySession,
		"aws:MultiFactorAuthPresent": codeartifact.ByCaller,
		"aws:RequestedRegion":        codeartifact.ByCaller,
		"aws:CurrentTime":            codeartifact.ByCaller,
		"aws:SourceIp":               codeartifact.ByNetwork,
		"aws:SourceVpce":             codeartifact.ByNetwork,
		"aws:ResourceAccount":        codeartifact.ByResource,
		"aws:SecureTransport":        codeartifact.ByConstant,
		"gitlab.com:project_id":      codeartifact.BySession,
		"sts:ExternalId":             codeartifact.ByCaller,
	} {
		if got := lookup(t, name).Control(codeartifact.AnyCaller); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := lookup(t, "aws:PrincipalTag/x").Control(codeartifact.UserCaller); got != codeartifact.ByIdentity {
		t.Errorf("tags of a user: %v", got)
	}
}

func TestImpossibleKey(t *testing.T) {
	for name, want := range map[string]bool{
		"codeartifact:RepositoryName": true, "CodeArtifact:x": true, "sts:ServiceName": true, "iam:Anything": true,
		"sts:AWSServiceName": false, "aws:NewKey": false, "s3:prefix": false, "": false, "gitlab.com:sub": false,
	} {
		if got := codeartifact.ImpossibleKey(name); got != want {
			t.Errorf("ImpossibleKey(%q) = %v, want %v", name, got, want)
		}
	}
}

func BenchmarkLookupKey(b *testing.B) {
	for _, name := range []string{"aws:PrincipalOrgID", "aws:PrincipalTag/team", "s3:prefix"} {
		b.Run(name[4:], func(b *testing.B) {
			for b.Loop() {
				codeartifact.LookupKey(name)
			}
		})
	}
}

// TestOutside: who is outside chooses most keys; those that it does not are in the
// table under names that exist.
func TestOutside(t *testing.T) {
	for name, want := range map[string]codeartifact.Outside{
		"aws:PrincipalTag/team":                   codeartifact.Chosen,
		"aws:SourceIdentity":                      codeartifact.Chosen,
		"aws:VpcSourceIp":                         codeartifact.Chosen,
		"aws:SourceIp":                            codeartifact.Located,
		"aws:PrincipalOrgID":                      codeartifact.Assigned,
		"aws:ResourceTag/team":                    codeartifact.Attached,
		"codebuild:ProjectArn":                    codeartifact.OwnARN,
		"token.actions.githubusercontent.com:sub": codeartifact.Issued,
	} {
		if got := lookup(t, name).Outside(); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	settled := map[codeartifact.Outside]int{}
	for _, k := range codeartifact.Keys() {
		settled[k.Outside()]++
	}
	if got := len(codeartifact.Keys()) - settled[codeartifact.Chosen]; got != codeartifact.OutsideCount {
		t.Errorf("%d keys are not chosen, the table has %d", got, codeartifact.OutsideCount)
	}
}

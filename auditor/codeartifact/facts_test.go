package codeartifact_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

func TestDataDate(t *testing.T) {
	if !regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`).MatchString(codeartifact.DataDate()) {
		t.Errorf("DataDate() = %q", codeartifact.DataDate())
	}
}

func TestRegions(t *testing.T) {
	regions := codeartifact.Regions()
	if len(regions) != 13 || !slices.IsSorted(regions) {
		t.Errorf("%d Regions: %q", len(regions), regions)
	}
	regions[0] = "changed"
	if codeartifact.HasRegion("changed") || !codeartifact.HasRegion("ap-northeast-1") || codeartifact.HasRegion("us-west-1") {
		t.Error("HasRegion follows a caller's change, or is wrong")
	}
	for name, want := range map[string][2]bool{
		"aws": {true, true}, "aws-cn": {false, true}, "aws-us-gov": {false, true}, "aws-eusc": {false, true}, "aws-iso": {false, false},
	} {
		if has, known := codeartifact.Partition(name); [2]bool{has, known} != want {
			t.Errorf("Partition(%q) = %v, %v", name, has, known)
		}
	}
}

// TestDomainNames compares the check with the expression AWS documents, which
// the data holds.
func TestDomainNames(t *testing.T) {
	fields := codeartifact.Domain.Info().Fields
	if len(fields) != 1 || fields[0].Name != "DomainName" {
		t.Fatalf("fields of a domain: %+v", fields)
	}
	documented := regexp.MustCompile(`^(` + fields[0].Pattern + `)$`)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9_.-]{0,5}`), rapid.StringMatching(`[a-z][a-z0-9-]{44,53}`)).Draw(t, "name")
		if got, want := codeartifact.ValidDomainName(name), documented.MatchString(name); got != want {
			t.Fatalf("ValidDomainName(%q) = %v, AWS's expression says %v", name, got, want)
		}
	})
}

func TestResourceTypes(t *testing.T) {
	for _, each := range codeartifact.ResourceTypes() {
		info := each.Info()
		want := "arn:${Partition}:codeartifact:${Region}:${Account}:" + info.Name + "/${DomainName}"
		if !strings.HasPrefix(info.ARN, want) || info.Service != "codeartifact" {
			t.Errorf("%v: template %q", each, info.ARN)
		}
		if placeholders := strings.Count(info.ARN, "${"); len(info.Fields) != placeholders-3 {
			t.Errorf("%v: %d fields for %d placeholders", each, len(info.Fields), placeholders)
		}
		if got, want := info.Tags, each != codeartifact.Package; got != want {
			t.Errorf("%v: tags %v", each, got)
		}
		if got, want := info.Policy, each == codeartifact.Domain || each == codeartifact.Repository; got != want {
			t.Errorf("%v: policy %v", each, got)
		}
		// The template must describe its own example.
		expr := regexp.QuoteMeta(info.ARN)
		expr = regexp.MustCompile(`\\\$\\\{\w+\\\}`).ReplaceAllString(expr, `.*`)
		if !regexp.MustCompile("^" + expr + "$").MatchString(info.Example) {
			t.Errorf("%v: %q does not describe %q", each, info.ARN, info.Example)
		}
	}
	if namespace := codeartifact.Package.Info().Fields[3]; namespace.Name != "PackageNamespace" || !namespace.Empty {
		t.Errorf("a package without namespace cannot be: %+v", namespace)
	}
	if got := codeartifact.ResourceType(99).String(); got != "invalid resource type" {
		t.Errorf("ResourceType(99) = %q", got)
	}
}

func TestFormats(t *testing.T) {
	if got, want := codeartifact.Formats(), strings.Fields("cargo generic maven npm nuget pypi ruby swift"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestEncodePackageGroup(t *testing.T) {
	for pattern, want := range map[string]string{
		"/*": "/%2a", "/npm/space/name$": "/npm/space/name%24", "/npm/a~": "/npm/a~", "/maven/100%*": "/maven/100%25%2a",
	} {
		if got := codeartifact.EncodePackageGroup(pattern); got != want {
			t.Errorf("EncodePackageGroup(%q) = %q, want %q", pattern, got, want)
		}
	}
}

func TestTokenServices(t *testing.T) {
	services := codeartifact.TokenServices()
	if len(services) != 2 || services[0].Name != codeartifact.ServiceName || services[0].Basis != codeartifact.Documented || services[1].Basis != codeartifact.NotVerified {
		t.Errorf("%+v", services)
	}
}

func TestRCPCoverage(t *testing.T) {
	for service, want := range map[string]codeartifact.Coverage{
		"sts": codeartifact.Covered, "s3": codeartifact.Covered, "codeartifact": codeartifact.DisputedCoverage, "iam": codeartifact.NotCovered,
	} {
		if got := codeartifact.RCPCoverage(service); got != want {
			t.Errorf("RCPCoverage(%q) = %v, want %v", service, got, want)
		}
	}
}

// TestSTSActionNames counts what common sts wildcards expand to in the whole
// service, of which the table has a part.
func TestSTSActionNames(t *testing.T) {
	count := func(prefix, suffix string) (n int) {
		for _, name := range codeartifact.STSActionNames() {
			if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
				n++
			}
		}
		return n
	}
	if all, get, token := count("", ""), count("Get", ""), count("", "Token"); all != 16 || get != 7 || token != 6 {
		t.Errorf("sts:* %d, sts:Get* %d, sts:*Token %d, want 16, 7, 6", all, get, token)
	}
	for a := range codeartifact.MatchActions("sts:*").All() {
		if !slices.Contains(codeartifact.STSActionNames(), a.Info().Name) {
			t.Errorf("%v is no action of STS", a)
		}
	}
}

func TestLookupProvider(t *testing.T) {
	for issuer, want := range map[string]string{
		"token.actions.githubusercontent.com":         "token.actions.githubusercontent.com",
		"https://token.actions.githubusercontent.com": "token.actions.githubusercontent.com",
		"token.actions.githubusercontent.com/acme":    "token.actions.githubusercontent.com/${SubPath}",
		"token.actions.acme.ghe.com":                  "token.actions.${Domain}.ghe.com",
		"GitLab.com":                                  "gitlab.com",
		"oidc.eks.eu-west-1.amazonaws.com/id/0123ABC": "oidc.eks.${Region}.amazonaws.com/id/${Cluster}",
		"oidc.circleci.com/org/":                      "",
		"oidc.circleci.com/org/a/b":                   "",
		"gitlab.example.com":                          "",
		"":                                            "",
	} {
		provider, ok := codeartifact.LookupProvider(issuer)
		if ok != (want != "") || ok && provider.Host != want {
			t.Errorf("LookupProvider(%q) = %+v, %v", issuer, provider, ok)
		}
	}
}

func TestTenantNames(t *testing.T) {
	for _, test := range []struct {
		issuer, claim, value string
		wild                 bool
		start                string
		exact, ok            bool
	}{
		{"token.actions.githubusercontent.com", "sub", "repo:acme/app:ref:refs/heads/main", false, "repo:acme/", false, true},
		{"token.actions.githubusercontent.com", "sub", "repo:acme/*", true, "repo:acme/", false, true},
		{"token.actions.githubusercontent.com", "sub", "repo:acme@1/app@2:*", true, "repo:acme@1/", false, true},
		{"token.actions.githubusercontent.com", "sub", "repo:acme*", true, "", false, false},
		{"token.actions.githubusercontent.com", "sub", "repo:acme?/x", true, "", false, false},
		{"token.actions.githubusercontent.com", "sub", "repo:*/app:*", true, "", false, false},
		{"token.actions.githubusercontent.com", "sub", "repo:/app", true, "", false, false},
		{"token.actions.githubusercontent.com", "sub", "repo:*", true, "", false, false},
		{"token.actions.githubusercontent.com", "sub", "repo:*/", false, "repo:*/", false, true}, // a literal star is a name that nobody has
		{"token.actions.githubusercontent.com", "sub", "*", true, "", false, false},
		{"token.actions.githubusercontent.com", "sub", "", false, "", false, false},
		{"token.actions.githubusercontent.com", "sub", "environment:production", false, "", false, false},
		{"token.actions.githubusercontent.com", "sub", "environment:production:repository_owner:acme", false, "environment:production:repository_owner:acme", true, true},
		{"token.actions.githubusercontent.com", "sub", "repository_owner_id:123:*", true, "repository_owner_id:123:", false, true},
		{"token.actions.githubusercontent.com", "sub", "repository_owner_id:12*", true, "", false, false},
		{"token.actions.githubusercontent.com", "repository", "acme/app", false, "acme/", false, true},
		{"token.actions.githubusercontent.com", "repository", "*/app", true, "", false, false},
		{"token.actions.githubusercontent.com", "repository_id", "123", false, "123", true, true},
		{"token.actions.githubusercontent.com", "repository_id", "12*", true, "", false, false},
		{"gitlab.com", "sub", "project_path:acme/infra:ref_type:branch:ref:*", true, "project_path:acme/", false, true},
		{"app.terraform.io", "sub", "organization:acme:project:*", true, "organization:acme:", false, true},
		{"app.terraform.io", "sub", "organization:acme", false, "organization:acme", true, true},
		{"studio.datachain.ai/api", "sub", "credentials:acme:*", true, "credentials:acme:", false, true},
		{"studio.datachain.ai/api", "sub", "credentials:*", true, "credentials:", false, false},
	} {
		provider, ok := codeartifact.LookupProvider(test.issuer)
		if !ok {
			t.Fatalf("no provider %q", test.issuer)
		}
		i := slices.IndexFunc(provider.Tenant, func(c codeartifact.TenantClaim) bool { return c.Claim == test.claim })
		start, exact, ok := provider.Tenant[i].Names(test.value, test.wild)
		if ok != test.ok || ok && (start != test.start || exact != test.exact) {
			t.Errorf("%s:%s %q: %q, exact %v, %v", test.issuer, test.claim, test.value, start, exact, ok)
		}
	}
	provider, _ := codeartifact.LookupProvider("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d")
	if got := provider.Tenant[0].Key("x"); got != "sts:RoleSessionName" {
		t.Errorf("key %q", got)
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{codeartifact.SupplyChain.String(), "supply-chain"},
		{codeartifact.Risk(0).String(), "invalid risk"},
		{codeartifact.Risk(99).String(), "invalid risk"},
		{codeartifact.DomainPolicy.String(), "domain policy"},
		{codeartifact.Place(0).String(), "invalid place"},
		{codeartifact.Place(99).String(), "invalid place"},
		{codeartifact.NoInferred.String(), "no (inferred)"},
		{codeartifact.Grant(99).String(), "invalid grant"},
		{codeartifact.Presence(0).String(), "invalid presence"},
		{codeartifact.Control(0).String(), "invalid control"},
		{codeartifact.Basis(0).String(), "invalid basis"},
		{codeartifact.KeyType(0).String(), "invalid key type"},
		{(codeartifact.PermissionsManagement | codeartifact.Write).String(), "Permissions management, Write"},
		{codeartifact.ActionsWithRisk(codeartifact.PrivilegeEscalation).And(codeartifact.CodeArtifactActions()).String(), "codeartifact:PutDomainPermissionsPolicy, codeartifact:PutRepositoryPermissionsPolicy"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

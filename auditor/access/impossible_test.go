package access

import (
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

const here = "arn:aws:codeartifact:eu-west-1:111122223333:"

func inspected(t *testing.T, text string, v policy.Version) arnCheck {
	t.Helper()
	c, err := inspectARN(text, v, serviceRegions, &glob.Budget{Left: defaultBudget})
	if err != nil {
		t.Fatalf("%.60s: %v", text, err)
	}
	return c
}

func TestPossibleARNs(t *testing.T) {
	for _, text := range []string{
		"arn:aws:codeartifact:*", "arn:*", "arn:aws:codeartifact:*:*:*", "arn:aws:codeartifact:*:111122223333:domain/shop", "arn:aws:codeartifact:*:domain/shop",
		"arn:aws:codeartifact:eu-*:*:repository/*", "arn:aws:codeartifact:eu-west-?:1111222233??:domain/s*", "arn:aws:*:eu-west-1:111122223333:*",
		here + "*", here + "domain/*", here + "domain/shop", here + "*/shop", here + "*/shop/*", here + "domain/a1", here + "domain/a" + strings.Repeat("b", 49),
		here + "repository/shop/app", here + "repository/shop/*", here + "repository/*", here + "repository/*/*", here + "repository/shop/a" + strings.Repeat("b", 99), here + "repository/shop/App_1.x",
		here + "package/shop/app/*", here + "package/shop/app/npm/*", here + "package/shop/app/npm//react", here + "package/shop/app/npm/types/node", here + "package/*/react",
		here + "package/shop/app/npm/*/react", here + "package/shop/app/maven/com.example/lib", here + "package/shop/app/generic//a:b", here + "package/shop/*/x",
		here + "package/shop/app/np?//react", here + "package/shop/app/npm/?types/node",
		here + "package-group/shop/*", here + "package-group/shop/%2a", here + "package-group/shop/npm/types/%2a", here + "package-group/shop/npm//react%24", here + "package-group/shop/a%25b", here + "package-group/shop/a%*", here + "package-group/shop/a%2?", here + "package-group/*",
		here + "repository/${aws:PrincipalTag/domain}/app", here + "domain/${aws:username}", here + "${aws:PrincipalTag/kind}", here + "package-group/shop/%${aws:PrincipalTag/x}",
		"arn:aws:codeartifact:eu-west-1:${aws:PrincipalAccount}:domain/shop", "*", "**",
	} {
		if c := inspected(t, text, policy.Version2012); !c.possible {
			t.Errorf("%s: %s", text, c.what)
		}
	}
}

func TestImpossibleARNs(t *testing.T) {
	for _, c := range []struct{ text, what, correct string }{
		{here + "domain:shop", "colon", here + "domain/shop"},
		{here + "repository/shop:app", "colon", here + "repository/shop/app"},
		{here + "repository:shop:app", "colon", here + "repository/shop/app"},
		{here + "domain/shop/app", "goes on behind the name of a domain", here + "repository/shop/app"},
		{here + "domain/myDomain/myRepo", "goes on behind the name of a domain", here + "repository/mydomain/myRepo"},
		{here + "domain/shop/*", "goes on behind the name of a domain", ""},
		{here + "domain/shop/app/*", "goes on behind the name of a domain", ""},
		{here + "repository/shop/app/*", "goes on behind the name of a repository", here + "package/shop/app/*"},
		{here + "repository/shop/app/npm/react", "goes on behind the name of a repository", here + "package/shop/app/npm//react"},
		{here + "repository/app", "without its domain", ""},
		{here + "repository/shop/app/", "ends in a slash", here + "repository/shop/app"},
		{here + "domain/shop/", "ends in a slash", here + "domain/shop"},
		{here + "package/shop/app/npm/react", "leaves out the namespace", here + "package/shop/app/npm//react"},
		{here + "package/shop/app/npm/@types/node", "with its @", here + "package/shop/app/npm/types/node"},
		{here + "package/shop/app/NPM//react", `format "NPM"`, here + "package/shop/app/npm//react"},
		{here + "package/shop/app/docker//react", `format "docker"`, ""},
		{here + "package/shop/app", "ends before the name", ""},
		{here + "package/shop/app/npm/a/b/c", "goes on behind the name of a package", ""},
		{here + "package-group/shop/%2A", "not encoded", here + "package-group/shop/%2a"},
		{here + "package-group/shop/npm//react$", "not encoded", here + "package-group/shop/npm//react%24"},
		{here + "package-group/shop/100%", "not encoded", ""},
		{here + "package-group/shop", "without its pattern", ""},
		{here + "package-group/Shop/%2a", `domain "Shop"`, here + "package-group/shop/%2a"},
		{here + "domain/Shop", `domain "Shop"`, here + "domain/shop"},
		{here + "domain/my_domain", `domain "my_domain"`, ""},
		{here + "domain/x", `domain "x"`, ""},
		{here + "domain/a" + strings.Repeat("b", 50), "which no domain can be called", ""},
		{here + "repository/shop/a" + strings.Repeat("b", 100), "which no repository can be called", ""},
		{here + "repository/shop/.app", "which no repository can be called", ""},
		{here + "repositories/shop/app", "no type of resource", here + "repository/shop/app"},
		{here + "Domain/shop", "no type of resource", here + "domain/shop"},
		{here + "package_group/shop/%2a", "no type of resource", here + "package-group/shop/%2a"},
		{here + "repo/shop/app", "no type of resource", ""},
		{here, "no type of resource", ""},
		{"arn:aws:codeartifact::111122223333:domain/shop", "names no Region", ""},
		{"arn:aws:codeartifact:eu-west-1::domain/shop", "names no account", ""},
		{"arn:aws:codeartifact:eu-west-1:1111-2222-3333:domain/shop", "account", ""},
		{"arn:aws:codeartifact:eu-west-1:11112222333:domain/shop", "account", ""},
		{"arn:aws:codeartifact:EU-WEST-1:111122223333:domain/shop", "Region", "arn:aws:codeartifact:eu-west-1:111122223333:domain/shop"},
		{"arn:aws-cn:codeartifact:cn-north-1:111122223333:domain/shop", "partition", ""},
		{"arn:aws-us-gov:codeartifact:*", "partition", ""},
		{"arn:aws:code-artifact:eu-west-1:111122223333:domain/shop", "service", here + "domain/shop"},
		{"arn:aws:CodeArtifact:eu-west-1:111122223333:domain:Shop", "service", here + "domain/shop"},
		{"arn:aws:s3:::bucket", "another service", ""},
		{"arn:aws:codeartifact", "3 of the six parts", ""},
		{"arn:aws:codeartifact:eu-west-1:111122223333", "5 of the six parts", ""},
		{"repository/shop/app", "is no ARN", ""},
		{"shop", "is no ARN", ""},
		{"", "is no ARN", ""},
		{here + "domain/${*}", "matches no ARN", ""},
	} {
		got := inspected(t, c.text, policy.Version2012)
		if got.possible || got.region || !strings.Contains(got.what, c.what) || got.correct != c.correct {
			t.Errorf("%.80s: possible %t, region %t, %q, %q", c.text, got.possible, got.region, got.what, got.correct)
		}
	}
	if old := inspected(t, here+"domain/${aws:username}", policy.Version2008); old.possible || !strings.Contains(old.what, "2008") {
		t.Errorf("a variable in an old policy: %+v", old)
	}
	for _, region := range []string{"us-west-1", "us-gov-*", "mars-1"} {
		if got := inspected(t, "arn:aws:codeartifact:"+region+":111122223333:domain/shop", policy.Version2012); !got.region {
			t.Errorf("%s: %+v", region, got)
		}
	}
}

// TestHostileARNs: no text takes long, whatever it is.
func TestHostileARNs(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("*", 6000), here + strings.Repeat("*a", 3000), here + strings.Repeat("?", 6000), here + strings.Repeat("domain/", 800), strings.Repeat("arn:", 1500),
		here + "package-group/shop/" + strings.Repeat("%2A", 2000), here + strings.Repeat("${a}", 1500), here + "${", here + "}", here + "domain/\x00", "arn:aws:codeartifact:\xff:é:domain/é",
	} {
		if _, err := inspectARN(text, policy.Version2012, serviceRegions, &glob.Budget{Left: defaultBudget}); err != nil {
			t.Logf("%.40s: %v", text, err)
		}
	}
}

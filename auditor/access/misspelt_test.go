package access

import (
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

func TestExplained(t *testing.T) {
	for _, c := range []struct {
		element, nearest string
		slip             bool
	}{
		{"codeartifact:ReadFromRepositry", "codeartifact:ReadFromRepository", true},
		{"codeartifact:ListPackage", "codeartifact:ListPackages", true},
		{"CodeArtifact:PUBLISHPACKAGEVERSIONS", "codeartifact:PublishPackageVersion", true},
		{"codeartifact:PubilshPackageVersion", "codeartifact:PublishPackageVersion", true},
		{"codeartifact:GetAuthorisationToken", "codeartifact:GetAuthorizationToken", true},
		{"codeartifact:ListRepository", "codeartifact:ListRepositories", true},
		{"codeartifact:GetRepository", "codeartifact:DescribeRepository", true},
		{"codeartifact:GetPackage", "codeartifact:DescribePackage", true},
		{"codeartifact:GetPackages", "codeartifact:ListPackages", true},
		{"codeartifact:ReadRepository", "codeartifact:ReadFromRepository", true},
		{"codeartifact:UploadPackageVersion", "codeartifact:PublishPackageVersion", true},
		{"codeartifact:RemovePackages", "codeartifact:DeletePackage", true},
		{"codeartifact:GetServiceBearerToken", "sts:GetServiceBearerToken", true},
		{"codeartifact:PublishPackage", "codeartifact:PublishPackageVersion", false},
		{"codeartifact:GetAuthToken", "codeartifact:GetAuthorizationToken", false},
		{"codeartifact:SignPackage", "", false},
		{"codeartifact:Login", "", false},
		{"codeartifact:", "", false},
		{"codeartifact:Publsh*", "codeartifact:Publish*", true},
		{"codeartifact:Raed*", "codeartifact:Read*", true},
		{"codeartifact:*Packges", "codeartifact:*Packages", true},
		{"codeartifact:Xet*", "", false},
		{"codeartifact:Scan*", "", false},
		{"codeartifact:Q*", "", false},
		{"codeartfact:*", "codeartifact:*", true},
		{"code-artifact:readfromrepository", "codeartifact:ReadFromRepository", true},
		{"codeartifacts:ReadFromRepositry", "codeartifact:ReadFromRepository", false},
		{"code*:*", "codeartifact:*", false},
		{"code*", "codeartifact:*", false},
		{"*artifact:Get*", "codeartifact:Get*", false},
		{"sts:GetBearerToken", "sts:GetServiceBearerToken", true},
		{"sts:GetServiceBearerTokens", "sts:GetServiceBearerToken", true},
		{"STS:getservicebearertokn", "sts:GetServiceBearerToken", true},
		{"sts:GetAuthorizationToken", "sts:GetServiceBearerToken", true},
		{"sts:GetBearer*", "sts:GetServiceBearerToken", false},
		{"sts:AssumeBearerRole", "sts:GetServiceBearerToken", false},
	} {
		if !seemsOurs(c.element) && !refusedButOurs(c.element) {
			t.Errorf("%s does not seem ours", c.element)
		}
		u := explained(c.element)
		if u.Nearest != c.nearest || u.Slip != c.slip || u.Meant != codeartifact.MatchActions(c.nearest) {
			t.Errorf("%s: nearest %q, slip %t", c.element, u.Nearest, u.Slip)
		}
	}
}

// TestSeemsOurs: what names an action, or is another service's, is left alone.
func TestSeemsOurs(t *testing.T) {
	for _, element := range []string{
		"*", "*:*", "codeartifact:*", "CODEARTIFACT:readFROMrepository", "codeartifact:Get*", "codeartifact:??ad*", "sts:*", "sts:Get*", "sts:GetServiceBearerToken",
		"sts:GetCallerIdentity", "sts:GetAccessToken", "codebuild:*", "codecommit:GitPull", "codepipeline:*", "codedeploy:*", "cloudformation:*", "s3:GetObject", "bearer:Get", "", ":", "x",
		"codeartifact", "ecr-public:GetAuthorizationToken", "ecr:GetAuthorizationToken",
	} {
		if seemsOurs(element) || refusedButOurs(element) {
			t.Errorf("%q seems ours", element)
		}
	}
	long := "codeartifact:" + strings.Repeat("Publish*", 800)
	if u := explained(long); u.Nearest != "" {
		t.Errorf("%.20s…: nearest %q", long, u.Nearest)
	}
}

package codeartifact_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// TestManagedPolicies holds what each policy reaches against figures counted by
// hand, so that a refresh that changes one is read by a person.
func TestManagedPolicies(t *testing.T) {
	bearer := codeartifact.GetServiceBearerToken
	want := map[string]struct {
		version string
		actions int
		bearer  bool
	}{
		"AdministratorAccess":                                      {"v1", 51, true},
		"AIDevOpsAgentAccessPolicy":                                {"v10", 19, false},
		"AIOpsAssistantPolicy":                                     {"v15", 19, false},
		"AmazonElasticContainerRegistryPublicFullAccess":           {"v1", 0, true},
		"AmazonElasticContainerRegistryPublicPowerUser":            {"v1", 0, true},
		"AmazonElasticContainerRegistryPublicReadOnly":             {"v1", 0, true},
		"AWS_ConfigRole":                                           {"v71", 12, false},
		"AWSApplicationDiscoveryAgentlessCollectorAccess":          {"v1", 0, true},
		"AWSCodeArtifactAdminAccess":                               {"v1", 51, true},
		"AWSCodeArtifactReadOnlyAccess":                            {"v1", 25, true},
		"AWSConfigServiceRolePolicy":                               {"v94", 12, false},
		"AWSElasticBeanstalkEKSImageBuild":                         {"v1", 0, true},
		"AWSMcpServiceActionsFullAccess":                           {"v3", 51, true},
		"AWSResourceExplorerServiceRolePolicy":                     {"v52", 7, false},
		"AWSSupportServiceRolePolicy":                              {"v59", 12, false},
		"AWSWellArchitectedAgentResourceScanningServiceRolePolicy": {"v2", 10, false},
		"PowerUserAccess":                                          {"v12", 51, true},
		"ReadOnlyAccess":                                           {"v188", 19, false},
		"ResourceGroupsTaggingAPITagUntagSupportedResources":       {"v4", 2, false},
		"SecurityAudit":                                            {"v92", 3, false},
		"WellArchitectedAgentResourceScanning":                     {"v1", 24, false},
	}
	for _, policy := range codeartifact.ManagedPolicies() {
		expected, ok := want[policy.Name]
		if !ok {
			t.Errorf("%s: unexpected, reaches %v", policy.Name, policy.Reaches)
			continue
		}
		delete(want, policy.Name)
		if got := policy.Reaches.And(codeartifact.CodeArtifactActions()).Len(); got != expected.actions || policy.Version != expected.version || policy.Reaches.Has(bearer) != expected.bearer {
			t.Errorf("%s %s: %d actions, bearer token %v, want %+v", policy.Name, policy.Version, got, policy.Reaches.Has(bearer), expected)
		}
		if !json.Valid([]byte(policy.Document())) {
			t.Errorf("%s: document is no JSON", policy.Name)
		}
		for _, key := range []string{policy.Name, policy.ARN} {
			if found, ok := codeartifact.ManagedPolicy(key); !ok || found.Name != policy.Name || !codeartifact.KnownManagedPolicy(key) {
				t.Errorf("ManagedPolicy(%q) = %v, %v", key, found, ok)
			}
		}
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
	if !slices.IsSortedFunc(codeartifact.ManagedPolicies(), func(a, b codeartifact.ManagedPolicyInfo) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the policies are not sorted by name, so lookups miss some")
	}
}

func TestManagedPolicyDocument(t *testing.T) {
	admin, _ := codeartifact.ManagedPolicy("arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess")
	var document struct{ Statement []json.RawMessage }
	if err := json.Unmarshal([]byte(admin.Document()), &document); err != nil || len(document.Statement) != 2 {
		t.Fatalf("%d statements, %v, in %s", len(document.Statement), err, admin.Document())
	}
	if !strings.Contains(string(document.Statement[1]), codeartifact.ServiceName) {
		t.Errorf("%s does not pin the service", document.Statement[1])
	}
}

func TestKnownManagedPolicy(t *testing.T) {
	for key, want := range map[string]bool{
		"AmazonS3FullAccess":                                   true,
		"arn:aws:iam::aws:policy/AmazonS3FullAccess":           true,
		"arn:aws:iam::aws:policy/other/AmazonS3FullAccess":     false,
		"arn:aws:iam::aws:policy/AWSOpsWorksRole":              true, // withdrawn, path not collected
		"arn:aws:iam::aws:policy/service-role/AWSOpsWorksRole": true,
		"arn:aws-cn:iam::aws:policy/AmazonS3FullAccess":        false, // another partition's may differ
		"arn:aws:iam::111122223333:policy/AmazonS3FullAccess":  false,
		"Mine": false,
		"":     false,
		"arn:aws:iam::aws:policy/x/AdministratorAccess": false,
	} {
		if got := codeartifact.KnownManagedPolicy(key); got != want {
			t.Errorf("KnownManagedPolicy(%q) = %v, want %v", key, got, want)
		}
	}
	if _, ok := codeartifact.ManagedPolicy("AmazonS3FullAccess"); ok {
		t.Error("AmazonS3FullAccess is said to reach CodeArtifact")
	}
}

func TestIsManagedPolicyARN(t *testing.T) {
	for arn, want := range map[string]bool{
		"arn:aws:iam::aws:policy/AdministratorAccess":          true,
		"arn:aws-us-gov:iam::aws:policy/service-role/X":        true,
		"arn:aws:iam::111122223333:policy/AdministratorAccess": false,
		"arn:aws:iam::aws:role/x":                              false,
		"AdministratorAccess":                                  false,
		"arn:aws":                                              false,
	} {
		if got := codeartifact.IsManagedPolicyARN(arn); got != want {
			t.Errorf("IsManagedPolicyARN(%q) = %v, want %v", arn, got, want)
		}
	}
}

package rules_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/events"
)

// TestSampleAccount: every witness and fix in the account that the demonstration
// shows holds.
func TestSampleAccount(t *testing.T) {
	sample := fixture{inputs: []txtar.File{{Name: "account.json", Data: events.Account}}}
	inv := sample.read(t, sample.inputs)
	report := auditor.Audit(inv, auditor.Options{Now: now})
	if len(report.Gaps) > 0 {
		t.Errorf("gaps %v", report.Gaps)
	}
	for _, f := range report.Findings {
		proves(t, inv, f)
		sample.mends(t, report, f)
	}
	sample.staysTheSame(t, report)
}

// TestPoliciesOfAWSAsFiles: of the policies that AWS publishes and that reach
// CodeArtifact or the token, these fire as bare files, and no other.
func TestPoliciesOfAWSAsFiles(t *testing.T) {
	want := map[string][]string{
		"AWSCodeArtifactAdminAccess":                      {"grant/full-access high high"},
		"AWSCodeArtifactReadOnlyAccess":                   {"grant/read-anywhere low high", "token/any-domain low high"},
		"AdministratorAccess":                             {"grant/admin-access medium high"},
		"WellArchitectedAgentResourceScanning":            {"grant/read-anywhere low high", "token/any-domain low high"},
		"PowerUserAccess":                                 {"grant/admin-access medium high"},
		"AWSApplicationDiscoveryAgentlessCollectorAccess": {"token/any-service low high"},
		"AmazonElasticContainerRegistryPublicFullAccess":  {"token/any-service low high"},
		"AmazonElasticContainerRegistryPublicPowerUser":   {"token/any-service low high"},
		"AmazonElasticContainerRegistryPublicReadOnly":    {"token/any-service low high"},
		// Its condition compares the resource's account with the caller's, which a
		// bare file does not show.
		"AWSElasticBeanstalkEKSImageBuild": {"token/any-service low low"},
		// It reads packages and asks for authorization tokens, and has no bearer token.
		"ReadOnlyAccess": {"grant/read-anywhere low high", "token/any-domain low high", "token/half-login low low"},
	}
	got := map[string][]string{}
	for _, p := range codeartifact.ManagedPolicies() {
		report := judgeByAll(t, p.Document(), "")
		for _, finding := range said(report) {
			got[p.Name] = append(got[p.Name], strings.TrimSpace(finding))
		}
		if len(report.Gaps) > 0 {
			t.Errorf("%s: gaps %v", p.Name, report.Gaps)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

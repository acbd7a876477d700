package rules_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// TestSplitKeepsConditions: whoever splits a statement takes its other conditions
// along, so that nothing is granted to more callers than were meant.
func TestSplitKeepsConditions(t *testing.T) {
	const others = `"Bool": {"aws:MultiFactorAuthPresent": "true"}, "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}`
	for rule, statement := range map[string]string{
		"token/condition-blocks-call": `"Resource": "*", "Condition": {` + others + `, "StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}`,
		"token/scoped-to-arn":         `"Resource": "arn:aws:codeartifact:eu-west-1:111122223333:domain/shop", "Condition": {` + others + `}`,
	} {
		r := judgeByAll(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
			"Action": ["codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"], `+statement+`}}`, "")
		fired := found(r, rule)
		if len(fired) != 1 || len(fired[0].Fixes) != 1 {
			t.Errorf("%s: %+v", rule, fired)
			continue
		}
		patch := fired[0].Fixes[0].Edits[0].Patch
		added, err := json.Marshal(patch[len(patch)-1].Value)
		if err != nil {
			t.Fatal(err)
		}
		for _, kept := range []string{`"aws:MultiFactorAuthPresent":"true"`, `"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]`} {
			if !strings.Contains(string(added), kept) {
				t.Errorf("the fix of %s loses %s: %s", rule, kept, added)
			}
		}
	}
}

// TestHalfLoginOfAChange: of the document of a change event nobody knows what
// applies beside it, so it is judged as a bare one, and nobody is said to lack
// anything because of what was not read.
func TestHalfLoginOfAChange(t *testing.T) {
	var b inventory.Builder
	b.AddAccount(&inventory.Account{ID: "111122223333", Partial: true, Roles: []*inventory.Role{{
		ARN: iamARN("role/ci"), Name: "ci", Inline: []inventory.InlinePolicy{{Name: "p0", Document: b.Intern(
			`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["codeartifact:GetAuthorizationToken", "codeartifact:ReadFromRepository"], "Resource": "*"}}`)}},
	}}})
	fired := found(auditor.Audit(b.Inventory(), auditor.Options{Now: now}), "token/half-login")
	if len(fired) != 1 || fired[0].Confidence != finding.LowConfidence || fired[0].Subject.Type != finding.InlineSubject || !slices.Equal(fired[0].Affected, []string{iamARN("role/ci")}) {
		t.Errorf("%+v", fired)
	}
}

package handler

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// complete returns whether the absence of a finding is news: the scopes of its
// subject and of every policy that took part were read completely, and no gap
// touches one of them.
func complete(s sight, report *auditor.Report) func(finding.Finding) bool {
	return func(f finding.Finding) bool {
		ids := []string{f.Subject.ID}
		for _, grant := range f.Grants {
			ids = append(ids, grant.Policy.ID)
		}
		for _, id := range ids {
			if !scopeComplete(s, id) {
				return false
			}
		}
		for _, gap := range report.Gaps {
			for _, id := range ids {
				entity, _, _ := strings.Cut(id, "#")
				if strings.Contains(gap.Where, entity) {
					return false
				}
			}
		}
		return true
	}
}

// scopeComplete reports whether the source and Region that a subject or a policy
// lives in was read completely: CodeArtifact in the Region of its ARN, or IAM. A
// policy of another account's domain is read with the account's own.
func scopeComplete(s sight, id string) bool {
	source, region := "iam", ""
	if parts := strings.SplitN(id, ":", 5); len(parts) == 5 && parts[2] == "codeartifact" {
		source, region = "codeartifact", parts[3]
	}
	for _, account := range s.inventory.Accounts {
		for _, scope := range account.Scopes {
			if scope.Account == s.account && scope.Source == source && scope.Region == region {
				return scope.State == "complete"
			}
		}
	}
	return false
}

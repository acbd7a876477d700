package handler

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// complete returns whether the absence of a finding is news: the scope of its
// subject was read completely, and no gap touches the subject or a policy that
// took part.
func complete(s sight, report *auditor.Report) func(finding.Finding) bool {
	return func(f finding.Finding) bool {
		if !scopeComplete(s, f.Subject) {
			return false
		}
		ids := []string{f.Subject.ID}
		for _, grant := range f.Grants {
			ids = append(ids, grant.Policy.ID)
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

// scopeComplete reports whether the source and Region that the subject lives
// in was read completely.
func scopeComplete(s sight, subject finding.Subject) bool {
	source, region := "iam", ""
	if subject.Type == finding.DomainSubject || subject.Type == finding.RepositorySubject {
		source = "codeartifact"
		if parts := strings.SplitN(subject.ID, ":", 5); len(parts) == 5 {
			region = parts[3]
		}
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

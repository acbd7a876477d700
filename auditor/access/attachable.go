package access

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// candidate is a managed policy that exists.
type candidate struct {
	arn, name string
	document  *inventory.Document
}

// attachable returns the managed policies that give some of what full access is
// measured by: those that AWS owns, the ones that give all of it first, and those
// of the account.
func (x *Access) attachable(a *inventory.Account) []candidate {
	known, ok := x.candidates[a]
	if ok {
		return known
	}
	var all, others []candidate
	for _, q := range codeartifact.ManagedPolicies() {
		c := candidate{arn: q.ARN, name: q.Name}
		switch {
		case q.Reaches.Covers(codeartifact.FullActions()):
			c.document = x.published(&q)
			all = append(all, c)
		case q.Reaches.Meets(codeartifact.FullActions()):
			c.document = x.published(&q)
			others = append(others, c)
		}
	}
	for _, q := range a.Policies {
		version := q.Default()
		if version == nil || codeartifact.IsManagedPolicyARN(q.ARN) || !x.names(version.Document).Meets(codeartifact.FullActions()) {
			continue
		}
		all = append(all, candidate{q.ARN, q.Name, version.Document})
	}
	x.candidates[a] = append(all, others...)
	return x.candidates[a]
}

// published returns the document of a policy that AWS owns, parsed once.
func (x *Access) published(q *codeartifact.ManagedPolicyInfo) *inventory.Document {
	if x.publishedDocuments[q.ARN] == nil {
		x.publishedDocuments[q.ARN] = inventory.NewDocument(q.Document())
	}
	return x.publishedDocuments[q.ARN]
}

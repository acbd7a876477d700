package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Named returns the users and roles that a statement names by ARN. It reports false
// where it names anything else, or one that was not read.
func (w *World) Named(s *policy.Statement) ([]*Principal, bool) {
	only, ok := s.Principals.(policy.OnlyPrincipals)
	var named []*Principal
	for _, n := range only {
		p := w.principal(n.Text)
		if p == nil || n.Type != policy.AWS {
			return nil, false
		}
		named = append(named, p)
	}
	return named, ok && len(named) > 0
}

// AsksBy returns the first policy, of those the principal's account owns, that by
// itself lets the principal ask for authorization tokens, nil when there is none:
// the one in which the permission for the bearer token belongs.
func (w *World) AsksBy(p *Principal) (*Policy, error) {
	for _, held := range p.Policies {
		i, found := slices.BinarySearchFunc(w.Policies, held.ID, func(q *Policy, id string) int { return strings.Compare(q.ID, id) })
		if !found || held.AWSOwned() || w.Policies[i].Kind != inventory.Identity {
			continue
		}
		asks, _, err := p.OnlyBy(w.Policies[i]).May(codeartifact.Actions(codeartifact.GetAuthorizationToken))
		if asks != nil || err != nil {
			return w.Policies[i], err
		}
	}
	return nil, nil
}

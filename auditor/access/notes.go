package access

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// note adds to an answer what could not be read of the policies that decide, and
// what a reader has to know beside it.
func (s *asking) note(a *Answer) {
	a.Gaps = s.gaps()
	a.Notes = append(a.Notes, s.missing...)
	for _, idle := range s.idle {
		a.Notes = append(a.Notes, "key without effect: "+idle)
	}
	if a.Decision == Depends {
		a.Notes = append(a.Notes, s.unsettled(a)...)
	}
	if s.controlled(a.Decision) {
		a.Notes = append(a.Notes, "a resource control policy would change the decision if it covers CodeArtifact, of which sources differ: it is not counted")
	}
}

// unsettled says what a decision depends on beside keys.
func (s *asking) unsettled(a *Answer) []string {
	var out []string
	if own, read := s.where(); !own && !read {
		owner, _ := arn.Parse(s.resource)
		out = append(out, fmt.Sprintf("account %s owns the domain and its policies were not read: one of them has to allow the request too, and none may deny it", owner.Account))
	}
	if len(a.Gaps) > 0 {
		out = append(out, "what could not be read may allow or deny the request")
	}
	if len(s.targets) > 1 {
		out = append(out, fmt.Sprintf("AWS's documents differ on which resource %v is authorized on: it counts as allowed where every reading allows it", s.action))
	}
	if len(out) == 0 && len(a.Conditions) == 0 {
		out = append(out, "AWS's documents leave open whether these statements cover the request")
	}
	return out
}

// gaps returns what was lost of the policies that decide.
func (s *asking) gaps() []inventory.Gap {
	policies := slices.Clone(s.principal.Policies)
	if s.principal.Boundary != nil {
		policies = append(policies, *s.principal.Boundary)
	}
	if !s.principal.ServiceLinked {
		for _, level := range s.account.Guards {
			for _, g := range level {
				if g.Kind == inventory.SCP {
					policies = append(policies, inventory.Policy{Kind: g.Kind, Name: g.Name, ID: g.Name, Account: s.account.ID, Document: g.Document, Path: s.account.Path})
				}
			}
		}
	}
	for _, rp := range s.access.resourcePolicies {
		if rp.within.test.set.Match(s.resource) || s.resource == "" {
			policies = append(policies, rp.Policy)
		}
	}
	var out []inventory.Gap
	for _, q := range policies {
		for _, lost := range q.Document.Lost() {
			g := inventory.GapIn(q.Where(), q.Document, lost)
			if q.Document.Text == "" {
				g.Line, g.Column = 0, 0
			}
			out = append(out, g)
		}
	}
	return out
}

// controlled reports whether the resource control policies over the resource's
// account, which do not count, would make the decision another.
func (s *asking) controlled(d Decision) bool {
	owner, err := arn.Parse(s.resource)
	if err != nil || s.action == codeartifact.GetServiceBearerToken {
		return false
	}
	for _, a := range s.access.inventory.Accounts {
		if a.ID != owner.Account {
			continue
		}
		if denies := s.access.controls(a, s.profile.caller); len(denies) > 0 {
			then, _, _, err := s.decide(s.profile.under(denies))
			return err == nil && then != d
		}
	}
	return false
}

package rules

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// untrustedAccount asks whom a resource policy lets in by name who is neither at
// home in the resource nor trusted by configuration nor of the organization: an
// account, a principal of one, another organization. Names stand in Principal
// elements and in conditions, and a Deny may leave out whom it does not stop; so
// what counts is what the one who is named may do. Everybody in some network is
// the weakest of names.
var untrustedAccount = Rule{
	ID:       "exposure/untrusted-account",
	Title:    "an account that is not trusted is let in",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
	},
	Check: checkUntrustedAccount,
}

func checkUntrustedAccount(p *Pass) {
	for _, q := range p.World.Policies {
		for _, g := range p.World.Guests(q) {
			if g.Standing != access.Foreign {
				continue
			}
			way, err := g.WayInOfOutsider()
			if err != nil {
				p.undecided(q.Where(), err)
				break
			}
			if way == nil {
				continue
			}
			f := p.exposed(q, *way, fmt.Sprintf("lets %s %s%s", untrusted(g), does(way.Actions), onlyThere(g, way)))
			f.Facet = g.Text
			for _, e := range way.By {
				says := "lets in " + guestName(g)
				if !e.Actions.IsEmpty() {
					says = letsThem(e)
				}
				f.Grants = append(f.Grants, grant(e, says))
			}
			p.report(f, func(f *finding.Finding) {
				if len(p.World.Guests(q)) <= fewGuests {
					p.removeGuest(f, q, g, way.By)
				}
			})
		}
	}
}

// fewGuests is up to how many guests of a policy taking out each by itself is tried:
// every trial asks of all the others again.
const fewGuests = 16

// untrusted names a guest and says what is wrong with it.
func untrusted(g *access.Guest) string {
	switch g.Kind {
	case access.Everyone:
		return "principals of any account"
	case access.AnOrganization:
		return guestName(g) + ", which is not ours,"
	}
	return guestName(g) + ", which is not trusted,"
}

// onlyThere says under what a way in is narrowed.
func onlyThere(g *access.Guest, way *access.WayIn) string {
	switch {
	case !way.Narrowed:
		return ""
	case g.Kind == access.Everyone:
		return " from a network that a condition names"
	}
	return ", under a condition on the network or on tags"
}

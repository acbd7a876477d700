package access

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Throughout returns those of actions that the policy of a domain lets the guest do
// on everything of their types in the domain, each decided by itself; nil when there
// are none, or the policy is of another kind. Only statements that let in this guest
// in particular count. Narrowed says that it is so under conditions alone which not
// every such caller can meet.
func (g *Guest) Throughout(actions codeartifact.ActionSet) (*WayIn, error) {
	if g.of.Kind != inventory.DomainPolicy || !g.actions(maybe).Meets(actions) {
		return nil, nil // without a step: nearly every policy ends here
	}
	profile := g.only(func(x part) bool { return g.names(x.parsed) })
	nobody := g.Account == ""
	// A resource without the tags that a policy asks for is one of all, so that
	// nothing is demanded of tags.
	for i, d := range []distance{{nobody: nobody, outside: true}, {nobody: nobody}} {
		view := profile.away(d)
		for _, m := range []mode{sure, maybe} {
			named := view.actions(m).And(actions)
			if named.IsEmpty() {
				continue
			}
			for _, holder := range g.holders() {
				c := newCoverer(view, m, named, view.steps())
				way, err := g.over(c, holder, c.alike(named))
				if err != nil {
					return nil, err
				}
				if way != nil {
					way.Narrowed = way.Narrowed || i > 0
					return way, nil
				}
			}
		}
	}
	return nil, nil
}

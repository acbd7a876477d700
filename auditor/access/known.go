package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// Known returns the ARNs of the domains or the repositories that the whole
// inventory knows, sorted.
func (w *World) Known(t codeartifact.ResourceType) []string {
	known := slices.Sorted(slices.Values(w.access.known[t]))
	return slices.Compact(known)
}

// MayOn reports whether the profile surely allows some of actions on one
// resource, under whatever condition.
func (p *Profile) MayOn(actions codeartifact.ActionSet, resource string) (bool, error) {
	on := literal{&test{dim: resourceDim, kind: texts, set: glob.Union{glob.Literal(resource)}}, true}
	found, err := p.find(question{mode: sure, actions: actions, with: []literal{on}}, p.steps())
	return found != nil, err
}

package history

import (
	"maps"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// Leave returns what to write when the account of the state has left: whatever
// is known and not resolved is resolved, since nobody can look any more. Items
// observed later than the audit are left alone. An account that comes back
// opens its findings again with its next sweep.
func Leave(state State, audit Audit) []Write {
	c := comparison{state: state, audit: audit}
	for _, id := range slices.Sorted(maps.Keys(state.Items)) {
		item := state.Items[id]
		if item.Edge.Status != finding.Closed && !c.stale(item) {
			c.edge(item, item.Edge.Finding, finding.Closed, finding.Resolved, finding.AccountLeft)
		}
	}
	return c.writes
}

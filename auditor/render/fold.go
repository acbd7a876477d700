package render

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// entry is one finding, or one that stands for others: the same rule says the
// same thing of identical documents.
type entry struct {
	finding.Finding
	also     []string // subject ids of the others, in the report's order
	alsoIDs  []string // their findings
	accounts []string // of all subjects, each once, in the report's order
}

// fold joins findings of one group that say the same at the same severity, so
// that ten thousand copies of an inline policy are read once. The order is that
// of the first of each; affected principals are joined.
func fold(findings []finding.Finding) []entry {
	type key struct {
		group, message, facet string
		severity              finding.Severity
		confidence            finding.Confidence
	}
	type copied struct {
		at      int
		account string
	}
	var entries []entry
	first := map[key]int{}
	in := map[copied]bool{}
	for _, f := range findings {
		k := key{f.Group, f.Message, f.Facet, f.Severity, f.Confidence}
		at, known := first[k]
		if f.Group == "" || !known || entries[at].Subject.ID == f.Subject.ID {
			if !known {
				first[k] = len(entries)
			}
			in[copied{len(entries), f.Subject.Account}] = true
			entries = append(entries, entry{Finding: f, accounts: []string{f.Subject.Account}})
			continue
		}
		e := &entries[at]
		if len(e.also) == 0 {
			e.Affected = slices.Clone(e.Affected)
		}
		e.also, e.alsoIDs = append(e.also, f.Subject.ID), append(e.alsoIDs, f.ID)
		e.Affected = append(e.Affected, f.Affected...)
		if c := (copied{at, f.Subject.Account}); !in[c] {
			in[c] = true
			e.accounts = append(e.accounts, f.Subject.Account)
		}
	}
	for i := range entries {
		if len(entries[i].also) > 0 {
			slices.Sort(entries[i].Affected)
			entries[i].Affected = slices.Compact(entries[i].Affected)
		}
	}
	return entries
}

// Package rules judges: one file per rule, and the catalogue of all of them.
package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// Rule is a value: what it is called, how grave it is, and a function that asks
// about access.
type Rule struct {
	ID       string // "category/slug", never changed once released
	Title    string // a few words, lower case
	Severity finding.Severity
	Sources  []string // pages of AWS that say so
	Check    func(*Pass)
}

// Pass is what a rule may ask and where it reports.
type Pass struct{}

// All returns the catalogue, sorted by id.
func All() []*Rule { return nil }

// Lookup returns the rule with that id.
func Lookup(id string) (*Rule, bool) {
	for _, r := range All() {
		if r.ID == id {
			return r, true
		}
	}
	return nil, false
}

// Page returns the rule's page in Markdown.
func (r *Rule) Page() string { return "" }

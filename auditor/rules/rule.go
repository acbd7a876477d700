// Package rules judges: one file per rule, and the catalogue of all of them. A
// rule asks verbs of access and reports findings; none reads policy text.
package rules

import (
	"slices"
	"strings"
	"sync"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// Rule is a value: what it is called, how grave it is, and a function that asks
// about access.
type Rule struct {
	ID       string // "category/slug", never changed once released
	Title    string // a few words, lower case
	Severity finding.Severity
	// Sources are the pages of AWS that the rule rests on.
	Sources []string
	// Absorbs are patterns of rules whose findings on the same subject say
	// nothing more where their grants lie within this one's.
	Absorbs []string
	// Yields are patterns of rules to which this one leaves the elements that
	// they report. Its own findings show the offending element first.
	Yields []string
	// AWSOwned says that the rule speaks of policies AWS owns too: they cannot
	// be mended, only detached.
	AWSOwned bool
	// Check asks about access and reports what is wrong.
	Check func(*Pass)
}

// Category is the part of the id before the slash.
func (r *Rule) Category() string {
	category, _, _ := strings.Cut(r.ID, "/")
	return category
}

// catalogue holds every rule.
var catalogue = []*Rule{
	&assumableRole,
	&publicExposure,
	&stalePrincipal,
	&impossibleARN,
	&outOfReach,
	&resourceTypeMismatch,
	&unknownAction,
	&conditionDoesNotRestrict,
	&untrustedAccount,
	&crossAccountWrite,
	&fullExposure,
	&policyRewrite,
	&adminAccess,
	&destroyAnywhere,
	&fullAccess,
	&guardrailOnly,
	&openEnded,
	&selfGrant,
	&publishAnywhere,
	&readAnywhere,
	&openUpstream,
	&relaxOrigin,
	&anyDomain,
	&conditionAlwaysTrue,
	&conditionNeverTrue,
	&shadowed,
	&anyService,
	&deadCondition,
	&conditionBlocksCall,
	&halfLogin,
	&lifetimeCapBypass,
	&lifetimeUncapped,
	&misplaced,
	&scopedToARN,
}

// All returns the catalogue, sorted by id.
func All() []*Rule { return slices.Clone(sorted()) }

var sorted = sync.OnceValue(func() []*Rule {
	return slices.SortedFunc(slices.Values(catalogue), func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
})

// IDs returns the ids of the catalogue, sorted.
func IDs() []string {
	var ids []string
	for _, r := range All() {
		ids = append(ids, r.ID)
	}
	return ids
}

// Lookup returns the rule with that id.
func Lookup(id string) (*Rule, bool) {
	for _, r := range catalogue {
		if r.ID == id {
			return r, true
		}
	}
	return nil, false
}

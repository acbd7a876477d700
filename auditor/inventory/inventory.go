// Package inventory holds what was collected: accounts with their principals,
// domains, repositories and policies, bare policy files, and the gaps where
// something could not be read. It is also a file format.
//
// A Builder puts an Inventory together from what several inputs hold; what comes
// out does not depend on the order in which they were added. Account.Principals
// and Account.Held then say which policies there are and to whom they apply, so
// that nobody else joins attachments and groups.
package inventory

import "time"

// Inventory is everything one run looks at. Accounts are judged whole; each
// bare file is a world of its own. A Builder makes it; its lists are sorted.
type Inventory struct {
	Accounts []*Account // by id, one per id
	Files    []*File    // bare policy documents, by path
	Inputs   []Input    // by path
	Gaps     []Gap      // by place
	// Foreign counts resource policies of other services: looked at, silent.
	Foreign int
}

// Account is what is known of one AWS account.
type Account struct {
	ID           string // 12 digits; empty only where a dump holds no ARN with an account
	Organization string // o-…, empty when not known
	Collected    time.Time

	// Each list is sorted by ARN and holds an ARN once.
	Users        []*User
	Groups       []*Group
	Roles        []*Role
	Policies     []*ManagedPolicy // customer managed, and the ones AWS owns that are known
	Domains      []*Domain
	Repositories []*Repository
	// Guards are the organization's policies from the root down to the
	// account, one slice a level; nil when they were not read.
	Guards [][]Guard
	// Scopes says how completely each part was read.
	Scopes []Scope
	// Path is the input the account was met in, the first of them in the order
	// of their names.
	Path string
	// Partial means that only the documents of one change event are here:
	// nothing is known of attachments, other policies or guards.
	Partial bool
}

// Scope says how completely one source of one account and Region was read.
type Scope struct {
	Account string `json:"account"`
	Region  string `json:"region,omitempty"`
	Source  string `json:"source"` // "iam", "codeartifact", "organizations"
	State   string `json:"state"`  // complete, blocked, denied, failed
	Reason  string `json:"reason,omitempty"`
}

// Input is one thing that was read, for the result's inputs.
type Input struct {
	Path     string `json:"path"`
	Kind     string `json:"kind"` // policy, account, inventory, live
	Policies int    `json:"policies"`
}

// Gap is something that should have been judged and could not be.
type Gap struct {
	Where  string `json:"where"`
	Reason string `json:"reason"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// Package inventory holds what was collected: accounts with their principals,
// domains, repositories and policies, bare policy files, and the gaps where
// something could not be read. It is also a file format.
package inventory

import (
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Inventory is everything one run looks at. Accounts are judged whole; each
// bare file is a world of its own.
type Inventory struct {
	Accounts []*Account // sorted by id, one per id
	Files    []*File    // bare policy documents, in the order they were named
	Inputs   []Input
	Gaps     []Gap
	// Foreign counts resource policies of other services: looked at, silent.
	Foreign int
}

// Account is what is known of one AWS account.
type Account struct {
	ID           string // 12 digits; empty only where a dump holds no ARN with an account
	Organization string // o-…, empty when not known
	Collected    time.Time

	Users        []*User
	Groups       []*Group
	Roles        []*Role
	Policies     []*ManagedPolicy // customer managed, and the ones AWS owns that the dump holds
	Domains      []*Domain
	Repositories []*Repository
	// Guards are the organization's policies from the root down to the
	// account, one slice a level; nil when they were not read.
	Guards [][]Guard
	// Scopes says how completely each part was read.
	Scopes []Scope
	// Path is the input the account was first met in.
	Path string
	// Partial means that only the documents of one change event are here:
	// nothing is known of attachments, other policies or guards.
	Partial bool
}

// User is an IAM user.
type User struct {
	ARN, Name, ID string
	Groups        []string // names
	Inline        []InlinePolicy
	Attached      []Attachment
	Boundary      string // ARN of the boundary policy, empty for none
	Tags          []Tag
}

// Group is an IAM group: never a caller, its policies are its members'.
type Group struct {
	ARN, Name, ID string
	Inline        []InlinePolicy
	Attached      []Attachment
}

// Role is an IAM role.
type Role struct {
	ARN, Name, ID, Path string
	Trust               *Document // nil when the dump has none
	Inline              []InlinePolicy
	Attached            []Attachment
	Boundary            string
	Tags                []Tag
	MaxSession          time.Duration // longest role session, 0 when not known
}

// ServiceLinked reports whether AWS owns the role; SCPs do not apply to those.
func (r *Role) ServiceLinked() bool {
	return len(r.Path) > len("/aws-service-role/") && r.Path[:len("/aws-service-role/")] == "/aws-service-role/"
}

// InlinePolicy is a policy embedded in a user, group or role.
type InlinePolicy struct {
	Name     string
	Document *Document
}

// Attachment names a managed policy that is attached to an entity.
type Attachment struct{ ARN, Name string }

// Tag is one tag of an entity.
type Tag struct{ Key, Value string }

// ManagedPolicy is a customer managed policy, or one that AWS owns.
type ManagedPolicy struct {
	ARN, Name   string
	Versions    []PolicyVersion
	Attachments int // as the dump counts them, -1 when it does not say
	Boundaries  int // how often it is used as a boundary, -1 when not known
}

// Default returns the version in force, or nil when the dump does not hold it.
func (p *ManagedPolicy) Default() *PolicyVersion {
	for i := range p.Versions {
		if p.Versions[i].Default {
			return &p.Versions[i]
		}
	}
	return nil
}

// PolicyVersion is a stored version of a managed policy. Only the default one
// is in force; the others are latent.
type PolicyVersion struct {
	ID       string // "v3"
	Default  bool
	Document *Document
}

// Domain is a CodeArtifact domain with its resource policy.
type Domain struct {
	ARN    string
	Policy *Document // nil for none
}

// Repository is a CodeArtifact repository with its resource policy. The account
// in its ARN owns the domain; Administrator is the account that created it.
type Repository struct {
	ARN           string
	Administrator string
	Policy        *Document
}

// Guard is an organization policy: it never grants.
type Guard struct {
	Name     string
	Kind     Kind // SCP or RCP
	Document *Document
}

// Scope says how completely one source of one account and Region was read.
type Scope struct {
	Account string `json:"account"`
	Region  string `json:"region,omitempty"`
	Source  string `json:"source"` // "iam", "codeartifact", "organizations"
	State   string `json:"state"`  // complete, blocked, denied, failed
	Reason  string `json:"reason,omitempty"`
}

// File is one bare policy document.
type File struct {
	Path     string // as the contract spells subject ids: with "/", "-" for standard input
	Kind     Kind
	Owner    string // account id that owns the resource, empty when not known
	Document *Document
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

// Document is a policy document, interned: two places with the same bytes share
// one *Document, so that it is parsed and judged once.
type Document struct {
	Text   string // decoded, as IAM evaluates it
	Parsed *policy.Document
	// Source tells where the first copy of the text stands. Path is the file;
	// when the document is the file, lines in it are lines of the file.
	Path string
}

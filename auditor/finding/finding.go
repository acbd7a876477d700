// Package finding is what a rule says: what is wrong, with what, why, how it is
// proved and how it can be mended. Its JSON is the contract's.
package finding

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"

// Finding is one defect of one subject.
type Finding struct {
	ID         string     `json:"id"`    // see Identify
	Group      string     `json:"group"` // see GroupOf
	Rule       string     `json:"rule"`
	Severity   Severity   `json:"severity"`
	Confidence Confidence `json:"confidence"`
	Message    string     `json:"message"` // one sentence, no full stop
	Subject    Subject    `json:"subject"`
	Affected   []string   `json:"affected"` // ARNs of principals, sorted; never null
	Grants     []Grant    `json:"grants"`   // never null
	Witness    []Request  `json:"witness"`  // never null
	Fixes      []Fix      `json:"fixes"`    // never null
	Absorbed   []string   `json:"absorbed"` // rules, sorted; never null
	Help       string     `json:"help"`
	// Facet tells findings of one rule and subject apart; it is part of the id
	// and not of the JSON.
	Facet string `json:"-"`
	// Narrowing says whether access that was found takes conditions; what needs
	// some does not absorb what needs none.
	Narrowing Narrowing `json:"-"`
}

// Narrowing is whether access takes conditions that not every caller can meet.
// The zero value says that the question does not arise.
type Narrowing uint8

// Plain access takes none, Narrowed access takes some.
const (
	_ Narrowing = iota
	Plain
	Narrowed
)

// Subject is what the finding is about.
type Subject struct {
	Type    SubjectType `json:"type"`
	ID      string      `json:"id"`
	Account string      `json:"account"` // empty for a bare file
	Path    string      `json:"path,omitempty"`
}

// SubjectType is a CloudFormation-like type name.
type SubjectType string

// The types of the contract.
const (
	RoleSubject       SubjectType = "AWS::IAM::Role"
	UserSubject       SubjectType = "AWS::IAM::User"
	GroupSubject      SubjectType = "AWS::IAM::Group"
	ManagedSubject    SubjectType = "AWS::IAM::ManagedPolicy"
	InlineSubject     SubjectType = "AWS::IAM::Policy"
	DomainSubject     SubjectType = "AWS::CodeArtifact::Domain"
	RepositorySubject SubjectType = "AWS::CodeArtifact::Repository"
	DocumentSubject   SubjectType = "PolicyDocument"
)

// Grant is an element of a policy that takes part in the defect.
type Grant struct {
	Policy  Policy `json:"policy"`
	Sid     string `json:"sid,omitempty"`
	Pointer string `json:"pointer"` // JSON pointer into the document
	Path    string `json:"path,omitempty"`
	// Lines and columns count from 1, columns in characters. For a document
	// inside a dump they count inside the decoded document.
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"` // the column after the last character
	Says      string `json:"says"`      // what the element does, for the caret line
	// Text is the whole document, for code frames; not part of the JSON.
	Text string `json:"-"`
}

// Policy names the policy a grant stands in.
type Policy struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	ID      string `json:"id"`
	Version string `json:"version,omitempty"`
}

// Request is one concrete request: the proof.
type Request struct {
	Caller   string              `json:"caller"`
	Action   string              `json:"action"`
	Resource string              `json:"resource"`
	Context  map[string][]string `json:"context"` // keys that matter, absent keys left out; never null
	Decision Decision            `json:"decision"`
}

// Decision is what the evaluator says of a request.
type Decision string

// The decisions of a witness.
const (
	Allowed Decision = "allow"
	Denied  Decision = "deny"
)

// Fix is a change that was verified before it was offered.
type Fix struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Safe  bool   `json:"safe"` // may be applied without being chosen
	Edits []Edit `json:"edits"`
	// Elsewhere is a statement, as compact JSON, that is needed in a policy which
	// was not read, empty for none; not part of the JSON.
	Elsewhere string `json:"-"`
}

// Edit changes one document by JSON Patch (RFC 6902).
type Edit struct {
	Policy  string  `json:"policy"` // ARN or path
	Version string  `json:"version,omitempty"`
	Patch   []Patch `json:"patch"`
}

// Apply returns the text of the document after the patch, which changes nothing
// else of it.
func (e Edit) Apply(d *policy.Document) (string, error) {
	edits := make([]policy.Edit, len(e.Patch))
	for i, p := range e.Patch {
		edits[i] = policy.Edit{Op: p.Op, Pointer: p.Path, Value: p.Value}
	}
	return d.Apply(edits...)
}

// Patch is one operation of a JSON Patch.
type Patch struct {
	Op    string `json:"op"` // add, remove, replace
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

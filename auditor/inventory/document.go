package inventory

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"

// Document is a policy document, interned: two places with the same text share
// one *Document, so that it is parsed and judged once. Where it stands is said
// by the Policy that holds it.
type Document struct {
	Text   string // decoded, as IAM evaluates it
	Parsed *policy.Document
}

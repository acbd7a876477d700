package inventory

import (
	"errors"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Document is a policy document, interned: two places with the same text share
// one *Document, so that it is parsed and judged once. Where it stands is said
// by the Policy that holds it.
type Document struct {
	Text string // decoded, as IAM evaluates it
	// Parsed is never nil. Of a text that is no policy document it holds no
	// statement and the one problem, which is Lost.
	Parsed *policy.Document
}

// NewDocument parses text. It never fails: what is wrong with the text is among
// the problems of the parsed document.
func NewDocument(text string) *Document {
	parsed, err := policy.Parse([]byte(text))
	if err == nil {
		return &Document{Text: parsed.Text, Parsed: parsed}
	}
	problem := policy.Problem{Message: err.Error(), Statement: -1, Lost: true}
	if syntax, ok := errors.AsType[*policy.SyntaxError](err); ok {
		problem.Place = policy.Place{Start: syntax.Offset, End: syntax.Offset}
		problem.Message = syntax.Message
	}
	return &Document{Text: text, Parsed: &policy.Document{Text: text, Version: policy.Version2008, Problems: []policy.Problem{problem}}}
}

// Lost returns the problems that cost the document a statement, or itself.
func (d *Document) Lost() []policy.Problem {
	var lost []policy.Problem
	for _, p := range d.Parsed.Problems {
		if p.Lost {
			lost = append(lost, p)
		}
	}
	return lost
}

// Documents interns policy documents. The zero value is ready.
type Documents struct{ byText map[string]*Document }

// Intern returns the one Document with that text, parsing it when it is new.
func (d *Documents) Intern(text string) *Document {
	if known := d.byText[text]; known != nil {
		return known
	}
	if d.byText == nil {
		d.byText = map[string]*Document{}
	}
	document := NewDocument(text)
	d.byText[text] = document
	return document
}

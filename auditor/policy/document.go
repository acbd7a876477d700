package policy

import (
	"fmt"
	"sort"
	"strconv"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

// Document is a policy as IAM's language defines it, every element knowing its
// place in Text. It is not changed after Parse, so it may be shared.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type Document struct {
	// Text is the document in UTF-8 without byte order mark; every Place
	// counts in it, and Position turns its offsets into lines and columns.
	Text string
	// Version decides whether ${…} is a variable or literal text.
	Version Version
	// ID is the Id element, empty when there is none.
	ID string
	// Statements are the statements that could be read, in order.
	Statements []Statement
	// Problems says what could not be read and what IAM would refuse, in order
	// of place. A problem that is Lost is a gap.
	Problems []Problem

	lines  lineIndex
	layout layout
}

// layout says how the Statement element was written, which Pointer uses to begin
// at a statement. It is unknownLayout for a Document that Parse did not make.
type layout uint8

const (
	unknownLayout layout = iota
	singleStatement
	statementList
)

// Version is the version of the policy language. The zero value is invalid.
type Version uint8

// The versions of the language. A document without Version is Version2008.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const (
	_ Version = iota
	Version2008
	Version2012
)

// String returns the version as policies write it.
func (v Version) String() string {
	switch v {
	case Version2008:
		return "2008-10-17"
	case Version2012:
		return "2012-10-17"
	}
	return "invalid version"
}

// Problem is something in a document that IAM's grammar does not have.
type Problem struct {
	Place
	// Message says what is wrong and what was expected: `unknown element
	// "Principle" (did you mean "Principal"?)`.
	Message string
	// Statement is the index of the statement concerned, -1 for the document.
	Statement int
	// Lost means that something could not be understood: the statement, which
	// is missing from Statements, or when Statement is -1 an element of the
	// document, whose statements are then those that can be read without it.
	// Where Lost is false, what IAM makes of the element is known, and the
	// document says that.
	Lost bool
}

// SyntaxError says why a text is no policy document, and where.
type SyntaxError struct {
	Position
	Offset  int    // in bytes, in the text as UTF-8 without byte order mark
	Message string // what is wrong (what was expected)
}

// Error returns line, column and message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

// Place is where an element stands: its bytes [Start, End) in the document's
// Text. Document.Position and Document.Pointer say the same in other words.
type Place struct{ Start, End int }

// Pointer returns the JSON pointer (RFC 6901) of the element at p in d.Text, the
// empty pointer for the whole document. It is worked out when asked for, since
// most elements are never reported.
func (d *Document) Pointer(p Place) string {
	i := sort.Search(len(d.Statements), func(i int) bool { return d.Statements[i].End >= p.End })
	if d.layout == unknownLayout || i == len(d.Statements) || d.Statements[i].Start > p.Start {
		return jsonpos.Pointer(d.Text, p.Start)
	}
	s := d.Statements[i]
	pointer := "/Statement"
	if d.layout == statementList {
		pointer += "/" + strconv.Itoa(s.Index)
	}
	return pointer + jsonpos.Pointer(d.Text[s.Start:s.End], p.Start-s.Start)
}

package policy

import (
	"sort"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

// Document is a policy as IAM's language defines it, every element knowing its
// place in Text.
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
	// Problems says what could not be read and what IAM would refuse. A
	// problem that is Lost cost a statement, or the document: it is a gap.
	Problems []Problem

	lines []int // byte offset at which each line begins
}

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

// Place is where an element stands: its bytes [Start, End) in the document's
// Text. Document.Position and Document.Pointer say the same in other words.
type Place struct{ Start, End int }

// Pointer returns the JSON pointer (RFC 6901) of the element at p in d.Text, the
// empty pointer for the whole document. It is worked out when asked for, since
// most elements are never reported.
func (d *Document) Pointer(p Place) string { return jsonpos.Pointer(d.Text, p.Start) }

// Position is a line and a column, both counted from 1, the column in characters.
type Position struct{ Line, Column int }

// Position returns the line and column of a byte offset in d.Text.
func (d *Document) Position(offset int) Position {
	if d.lines == nil { // a Document that Parse did not make
		return positionIn(d.Text, lineStarts(d.Text), offset)
	}
	return positionIn(d.Text, d.lines, offset)
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func positionIn(text string, starts []int, offset int) Position {
	offset = max(0, min(offset, len(text)))
	line := sort.SearchInts(starts, offset+1) - 1
	return Position{Line: line + 1, Column: len([]rune(text[starts[line]:offset])) + 1}
}

// Problem is something in a document that IAM's grammar does not have.
type Problem struct {
	Place
	// Message says what is wrong and what was expected: `unknown element
	// "Principle" (did you mean "Principal"?)`.
	Message string
	// Statement is the index of the statement concerned, -1 for the document.
	Statement int
	// Lost means that the statement (or the document, when Statement is -1)
	// could not be understood and is missing from Statements.
	Lost bool
}

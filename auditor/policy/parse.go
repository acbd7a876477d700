package policy

import (
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

// MaxSize is the length in bytes of the longest document that Parse reads. The
// longest that AWS stores has 10,240 characters besides white space.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MaxSize = 16 << 20

// Parse reads a policy document: one JSON object in UTF-8, or in UTF-16 with a
// byte order mark, with a Statement element. It returns a *SyntaxError for
// anything else.
//
// What goes wrong inside is in Problems, never silent: a statement that cannot
// be represented is lost and says why, its neighbours stay. Names of elements,
// principal types and operators are exact, as IAM has them; an element that is
// not known could be meant to restrict, so it costs its statement.
//
// Elements that occur twice are refused by IAM today, but work in documents
// stored long ago: the last Effect holds; several Action or several Resource
// elements are one list. IAM documents nothing for the others. Two Sid or two Id
// elements change nothing, and the last is kept. Two Version or two Statement
// elements are a loss of the document, though all statements are read. Any other
// element, operator, condition key (in whatever case) or principal type that
// occurs twice in its place costs the statement.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
func Parse(data []byte) (*Document, error) {
	text, err := jsonpos.Text(data)
	if err != nil {
		return nil, syntaxError(text, err)
	}
	if len(text) > MaxSize {
		return nil, syntaxError(text, &jsonpos.SyntaxError{Offset: MaxSize, Message: "document is too long (expected at most 16 MiB)"})
	}
	tree := trees.Get().(*jsonpos.Tree)
	defer trees.Put(tree)
	if err := tree.Parse(text); err != nil {
		return nil, syntaxError(text, err)
	}
	p := parser{doc: &Document{Text: text, Version: Version2008}, statement: -1}
	if err := p.document(tree.Root()); err != nil {
		return nil, syntaxError(text, err)
	}
	return p.doc, nil
}

// trees keeps the memory of parsed trees, which nothing refers to once the
// document is built.
var trees = sync.Pool{New: func() any { return new(jsonpos.Tree) }}

func syntaxError(text string, err error) error {
	var syntax *jsonpos.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	return &SyntaxError{new(lineIndex).position(text, syntax.Offset), syntax.Offset, syntax.Message}
}

// parser builds one document and collects what is wrong with it.
type parser struct {
	doc       *Document
	statement int  // the index of the statement being read, -1 outside
	next      int  // the index of the next statement
	lost      bool // something of the statement being read is lost

	values          slab[Value]
	conditionValues slab[ConditionValue]
}

// slab hands out the memory of many short lists in few pieces, each twice the one
// before. Lists taken from it do not grow into each other.
type slab[T any] struct {
	free  []T
	piece int
}

// take returns an empty list with room for n elements.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		s.piece = max(8, n, min(2*s.piece, 256))
		s.free = make([]T, s.piece)
	}
	list := s.free[:0:n]
	s.free = s.free[n:]
	return list
}

// maxProblems is how many problems a document lists, so that a hostile one costs
// no more memory than its text.
const maxProblems = 1000

func (p *parser) problem(at Place, lost bool, message string) {
	switch n := len(p.doc.Problems); {
	case n < maxProblems:
		p.doc.Problems = append(p.doc.Problems, Problem{at, message, p.statement, lost})
	case n == maxProblems:
		p.doc.Problems = append(p.doc.Problems, Problem{at, "too many problems (expected at most 1000; from here on they are not listed)", -1, true})
	}
}

// lose records a problem that costs the statement (or something of the document).
func (p *parser) lose(at Place, format string, args ...any) {
	p.lost = true
	p.problem(at, true, fmt.Sprintf(format, args...))
}

// tolerate records something wrong whose meaning is known all the same.
func (p *parser) tolerate(at Place, format string, args ...any) {
	p.problem(at, false, fmt.Sprintf(format, args...))
}

var documentElements = []string{"Version", "Id", "Statement"}

func (p *parser) document(root jsonpos.Value) error {
	if root.Kind() != jsonpos.Object {
		return &jsonpos.SyntaxError{Offset: root.Start(), Message: fmt.Sprintf("document is %s (expected an object with a Statement)", root.Kind())}
	}
	var versions, ids, statements int
	for v := range root.Children() {
		switch name := v.Name(); name {
		case "Version":
			versions++
			p.version(v, versions)
		case "Id":
			if ids++; ids > 1 {
				p.tolerate(nameOf(v), "second Id (expected one; the last is kept)")
			}
			p.doc.ID = p.label(v)
		case "Statement":
			if statements++; statements > 1 {
				p.lose(nameOf(v), "second Statement element (expected one list; which one holds is not documented, so both are read)")
			}
			if err := p.statements(v); err != nil {
				return err
			}
		default:
			if near := nearest(name, documentElements); near != "" {
				p.lose(nameOf(v), "unknown element %q (did you mean %q?)", short(name), near)
			} else {
				p.tolerate(nameOf(v), "unknown element %q (expected Version, Id or Statement)", short(name))
			}
		}
	}
	if statements > 1 {
		p.doc.layout = unknownLayout
	}
	if statements > 0 {
		return nil
	}
	for _, problem := range p.doc.Problems {
		if problem.Lost {
			return &jsonpos.SyntaxError{Offset: problem.Start, Message: problem.Message + "; document has no Statement"}
		}
	}
	return &jsonpos.SyntaxError{Offset: root.Start(), Message: "document has no Statement (expected an object with a Statement)"}
}

// version reads the count-th Version element. A version that does not exist is
// taken for the current one, which the author of a new date must have meant.
func (p *parser) version(v jsonpos.Value, count int) {
	version := Version2012
	switch text := v.Text(); {
	case v.Kind() == jsonpos.String && text == "2012-10-17":
	case v.Kind() == jsonpos.String && text == "2008-10-17":
		version = Version2008
	case v.Kind() == jsonpos.String:
		p.lose(placeOf(v), `unknown Version %q (expected "2012-10-17" or "2008-10-17")`, short(text))
	default:
		p.lose(placeOf(v), `Version is %s (expected "2012-10-17" or "2008-10-17")`, v.Kind())
	}
	switch {
	case count > 1 && version == p.doc.Version:
		p.tolerate(nameOf(v), "second Version (expected one)")
	case count > 1:
		p.lose(nameOf(v), "second Version, which differs from the first (expected one)")
	}
	p.doc.Version = version
}

func (p *parser) statements(v jsonpos.Value) error {
	switch v.Kind() {
	case jsonpos.Object:
		p.doc.layout = singleStatement
		p.oneStatement(v)
	case jsonpos.Array:
		p.doc.layout = statementList
		if p.doc.Statements == nil {
			p.doc.Statements = make([]Statement, 0, v.Len())
		}
		for element := range v.Children() {
			p.oneStatement(element)
		}
	default:
		return &jsonpos.SyntaxError{Offset: v.Start(), Message: fmt.Sprintf("Statement is %s (expected an object or a list of objects)", v.Kind())}
	}
	return nil
}

// label reads a Sid or an Id, which decide nothing.
func (p *parser) label(v jsonpos.Value) string {
	switch v.Kind() {
	case jsonpos.String, jsonpos.Number, jsonpos.Bool:
		return v.Text()
	}
	p.tolerate(placeOf(v), "%s is %s (expected a string; it is left out)", v.Name(), v.Kind())
	return ""
}

func placeOf(v jsonpos.Value) Place { return Place{v.Start(), v.End()} }

// nameOf is the place of the name under which v stands.
func nameOf(v jsonpos.Value) Place { return Place{v.NameStart(), v.NameEnd()} }

// short returns text cut to what a message can hold.
func short(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

package jsonpos

import (
	"iter"
	"strings"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how many levels of objects and lists a value may have. What the
// auditor reads needs less than twenty; the limit keeps a document that is
// nothing but brackets from costing anything.
const MaxDepth = 64

// MaxSize is how many bytes a Tree takes, so that offsets fit 32 bits.
const MaxSize = 1 << 30

// Kind is the kind of a JSON value or token. The zero value is invalid.
type Kind uint8

// The kinds of values. EndObject and EndArray occur as tokens of a Decoder only.
const (
	_ Kind = iota
	Null
	Bool
	Number
	String
	Object
	Array
	EndObject
	EndArray
)

// String names the kind as a message would: "a string".
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "a boolean"
	case Number:
		return "a number"
	case String:
		return "a string"
	case Object:
		return "an object"
	case Array:
		return "a list"
	case EndObject:
		return "the end of an object"
	case EndArray:
		return "the end of a list"
	}
	return "an invalid value"
}

// Tree is one JSON value in memory. The zero value is ready for Parse; a Tree
// that is parsed into again reuses its memory, which ends the life of every
// Value read from it before. Strings taken from a Value stay valid; those of a
// tree that was Read, as long as its Raw does.
type Tree struct {
	text  string
	nodes []node
	skim  skimmer // of Parse
}

// node is a value and, in an object, its name. Nodes lie in document order, so
// the children of a node follow it and next leads to what follows them.
type node struct {
	kind             Kind
	named            bool
	escaped          bool // a string with escapes
	nameEscaped      bool
	nameStart, start int32
	nameEnd, end     int32
	next             int32
}

// Parse reads text, which must be exactly one JSON value in UTF-8 with nothing
// but white space around it. An error is a *SyntaxError.
//
// Duplicate names are kept. Unlike encoding/json it refuses invalid UTF-8, escaped
// surrogates that form no pair, and more than MaxDepth levels.
func (t *Tree) Parse(text string) error {
	if len(text) > MaxSize {
		return &SyntaxError{Offset: MaxSize, Message: "text is too long (expected at most 1 GiB)"}
	}
	t.skim.nodes, t.skim.all = t.skim.nodes[:0], true
	end, how := t.skim.value(unsafe.Slice(unsafe.StringData(text), len(text)), 0, 0)
	t.text, t.nodes = text, t.skim.nodes
	if how == whole && strings.TrimLeft(text[end:], " \t\r\n") == "" {
		return nil
	}
	return t.explain(text)
}

// Read makes raw the value of the tree, in place of a Parse of its text. The error
// is a *SyntaxError that says that raw is too deep.
func (t *Tree) Read(raw Raw) error {
	t.text, t.nodes = raw.text, raw.nodes
	return raw.err
}

func kindOf(kind jsontext.Kind) Kind {
	switch kind {
	case jsontext.KindNull:
		return Null
	case jsontext.KindTrue, jsontext.KindFalse:
		return Bool
	case jsontext.KindNumber:
		return Number
	case jsontext.KindString:
		return String
	case jsontext.KindBeginObject:
		return Object
	case jsontext.KindBeginArray:
		return Array
	case jsontext.KindEndObject:
		return EndObject
	case jsontext.KindEndArray:
		return EndArray
	}
	return 0
}

// Root returns the value that was parsed. It must not be called after an error.
func (t *Tree) Root() Value { return Value{t, 0} }

// Value is one value of a Tree.
type Value struct {
	tree  *Tree
	index int32
}

func (v Value) node() *node { return &v.tree.nodes[v.index] }

// Kind returns the kind of the value.
func (v Value) Kind() Kind { return v.node().kind }

// Start returns the offset of the value's first byte.
func (v Value) Start() int { return int(v.node().start) }

// End returns the offset behind the value's last byte.
func (v Value) End() int { return int(v.node().end) }

// Text returns a string without quotes and escapes, and any other value as it
// is written.
func (v Value) Text() string {
	n := v.node()
	if n.kind != String {
		return v.tree.text[n.start:n.end]
	}
	if !n.escaped {
		return v.tree.text[n.start+1 : n.end-1]
	}
	return unquote(v.tree.text[n.start:n.end])
}

// Raw returns the value as it is written, a string with its quotes.
func (v Value) Raw() string {
	n := v.node()
	return v.tree.text[n.start:n.end]
}

// Name returns the name under which the value stands in its object, without
// quotes and escapes; empty for a value that has none.
func (v Value) Name() string {
	n := v.node()
	if !n.named {
		return ""
	}
	if !n.nameEscaped {
		return v.tree.text[n.nameStart+1 : n.nameEnd-1]
	}
	return unquote(v.tree.text[n.nameStart:n.nameEnd])
}

// NameStart returns the offset of the opening quote of the value's name, and
// Start for a value that has none.
func (v Value) NameStart() int {
	if n := v.node(); n.named {
		return int(n.nameStart)
	}
	return v.Start()
}

// NameEnd returns the offset behind the closing quote of the value's name, and
// Start for a value that has none.
func (v Value) NameEnd() int {
	if n := v.node(); n.named {
		return int(n.nameEnd)
	}
	return v.Start()
}

// Children returns the elements of a list, or the values of an object's members,
// in the order of the text; nothing for a scalar.
func (v Value) Children() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for i := v.index + 1; i < v.node().next; i = v.tree.nodes[i].next {
			if !yield(Value{v.tree, i}) {
				return
			}
		}
	}
}

// Len returns how many children the value has.
func (v Value) Len() int {
	n := 0
	for range v.Children() {
		n++
	}
	return n
}

func unquote(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil { // the decoder has accepted these bytes
		panic("jsonpos: unquote " + quoted + ": " + err.Error())
	}
	return string(text)
}

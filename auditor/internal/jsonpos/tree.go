package jsonpos

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

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
// Value read from it before. Strings taken from a Value stay valid.
type Tree struct {
	text  string
	nodes []node
	open  []int32 // the containers that enclose the token being read
	bytes []byte
	dec   jsontext.Decoder
}

// node is a value and, in an object, its name. Nodes lie in document order, so
// the children of a node follow it and next leads to what follows them.
type node struct {
	kind             Kind
	named            bool
	escaped          bool // the string has a backslash
	escapedName      bool
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
	t.text, t.nodes, t.open = text, t.nodes[:0], t.open[:0]
	if len(text) > MaxSize {
		return &SyntaxError{Offset: MaxSize, Message: "text is too long (expected at most 1 GiB)"}
	}
	// The decoder works on bytes it may keep; a copy into memory that is reused
	// is cheaper than any other way to hand it a string.
	t.bytes = append(t.bytes[:0], text...)
	t.dec.Reset(bytes.NewBuffer(t.bytes), jsontext.AllowDuplicateNames(true))
	return t.read()
}

func (t *Tree) read() error {
	end, name := 0, -1 // where the last token ended; the node whose value is awaited
	for {
		token, err := t.dec.ReadToken()
		if err != nil {
			if errors.Is(err, io.EOF) && len(t.nodes) > 0 {
				return nil
			}
			return syntaxError(t.text, err, end, t.where(name >= 0))
		}
		start := end + delimiters(t.text[end:])
		end = int(t.dec.InputOffset())

		kind := kindOf(token.Kind())
		switch {
		case kind == EndObject || kind == EndArray:
			last := len(t.open) - 1
			closed := &t.nodes[t.open[last]]
			closed.end, closed.next = int32(end), int32(len(t.nodes))
			t.open = t.open[:last]
			continue
		case len(t.open) == 0 && len(t.nodes) > 0:
			return &SyntaxError{start, "text behind the end of the JSON value (expected nothing more)"}
		case name < 0 && len(t.open) > 0 && t.nodes[t.open[len(t.open)-1]].kind == Object:
			name = len(t.nodes)
			t.nodes = append(t.nodes, node{named: true, nameStart: int32(start), nameEnd: int32(end), escapedName: t.escaped(start, end)})
			continue
		}
		if name < 0 {
			t.nodes = append(t.nodes, node{})
		}
		name = -1
		last := int32(len(t.nodes) - 1)
		value := &t.nodes[last]
		value.kind, value.start, value.end, value.next = kind, int32(start), int32(end), last+1
		switch kind {
		case String:
			value.escaped = t.escaped(start, end)
		case Object, Array:
			if len(t.open) == MaxDepth {
				return errTooDeep(start)
			}
			t.open = append(t.open, last)
		}
	}
}

func errTooDeep(offset int) *SyntaxError {
	return &SyntaxError{offset, fmt.Sprintf("too many levels of objects and lists (expected at most %d)", MaxDepth)}
}

// where tells a syntax error what was being read.
func (t *Tree) where(afterName bool) where {
	w := where{first: len(t.nodes) == 0, afterName: afterName}
	if last := len(t.open) - 1; last >= 0 {
		w.inside = t.nodes[t.open[last]].kind
		w.first = int(t.open[last]) == len(t.nodes)-1
	}
	return w
}

func (t *Tree) escaped(start, end int) bool {
	return strings.IndexByte(t.text[start:end], '\\') >= 0
}

// delimiters returns how many bytes of white space, commas and colons text
// begins with. Between two tokens of valid JSON there is nothing else.
func delimiters(text string) int {
	for i := range len(text) {
		switch text[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return i
		}
	}
	return len(text)
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
	return unquote(v.tree.text[n.start:n.end], n.escaped)
}

// Name returns the name under which the value stands in its object, without
// quotes and escapes; empty for a value that has none.
func (v Value) Name() string {
	n := v.node()
	if !n.named {
		return ""
	}
	return unquote(v.tree.text[n.nameStart:n.nameEnd], n.escapedName)
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

func unquote(quoted string, escaped bool) string {
	if !escaped {
		return quoted[1 : len(quoted)-1]
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil { // the decoder has accepted these bytes
		panic("jsonpos: unquote " + quoted + ": " + err.Error())
	}
	return string(text)
}

package jsonpos

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// scan finds the nodes of text, which is one JSON value, so that nothing has to be
// checked but the depth.
func (t *Tree) scan(text string) error {
	t.text, t.nodes, t.open = text, t.nodes[:0], t.open[:0]
	name, object := false, false // a name was read whose value is awaited; the innermost container is an object
	for i := 0; i < len(text); {
		start := i
		kind := Number
		switch text[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
			continue
		case '}', ']':
			i++
			object = t.close(int32(i))
			continue
		case '"':
			i = endOfString(text, i)
			if object && !name {
				t.nodes = append(t.nodes, node{named: true, nameStart: int32(start), nameEnd: int32(i)})
				name = true
				continue
			}
			kind = String
		case '{':
			kind = Object
			i++
		case '[':
			kind = Array
			i++
		case 'n':
			kind = Null
			i += len("null")
		case 't':
			kind = Bool
			i += len("true")
		case 'f':
			kind = Bool
			i += len("false")
		default:
			for i++; i < len(text) && inNumber(text[i]); i++ {
			}
		}
		if !name {
			t.nodes = append(t.nodes, node{})
		}
		name = false
		last := int32(len(t.nodes) - 1)
		value := &t.nodes[last]
		value.kind, value.start, value.end, value.next = kind, int32(start), int32(i), last+1
		if kind == Object || kind == Array {
			if len(t.open) == MaxDepth {
				return errTooDeep(start)
			}
			t.open = append(t.open, last)
			object = kind == Object
		}
	}
	return nil
}

// close ends the innermost container behind its bracket at end, and reports
// whether the one around it is an object.
func (t *Tree) close(end int32) bool {
	last := len(t.open) - 1
	closed := &t.nodes[t.open[last]]
	closed.end, closed.next = end, int32(len(t.nodes))
	t.open = t.open[:last]
	return last > 0 && t.nodes[t.open[last-1]].kind == Object
}

// endOfString returns the offset behind the string that begins at start.
func endOfString(text string, start int) int {
	for end := start + 1; ; end++ {
		end += strings.IndexByte(text[end:], '"')
		before := end
		for text[before-1] == '\\' {
			before--
		}
		if (end-before)%2 == 0 { // no backslash, or pairs of them, before the quote
			return end + 1
		}
	}
}

func inNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '.' || c == 'e' || c == 'E' || c == '-' || c == '+'
}

// explain says what is wrong with text, which is no JSON value or too deep for the
// tokenizer.
func (t *Tree) explain(text string) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(t.bytes), jsontext.AllowDuplicateNames(true))
	w := where{first: true}
	var open []Kind
	for end := 0; ; {
		token, err := dec.ReadToken()
		if err != nil {
			return syntaxError(text, err, end, w)
		}
		start := end + delimiters(text[end:])
		end = int(dec.InputOffset())
		kind := kindOf(token.Kind())
		switch {
		case kind == EndObject || kind == EndArray:
			open = open[:len(open)-1]
			w.first, w.afterName = false, false
		case len(open) == 0 && !w.first:
			return &SyntaxError{start, "text behind the end of the JSON value (expected nothing more)"}
		case kind == Object || kind == Array:
			if len(open) == MaxDepth {
				return errTooDeep(start)
			}
			open = append(open, kind)
			w.first, w.afterName = true, false
		default:
			w.first, w.afterName = false, w.inside == Object && !w.afterName
		}
		w.inside = 0
		if len(open) > 0 {
			w.inside = open[len(open)-1]
		}
	}
}

func errTooDeep(offset int) *SyntaxError {
	return &SyntaxError{offset, fmt.Sprintf("too many levels of objects and lists (expected at most %d)", MaxDepth)}
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

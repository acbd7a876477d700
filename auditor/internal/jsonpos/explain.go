package jsonpos

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// explain says what is wrong with text, which is no JSON value or too deep for the
// tokenizer.
func (t *Tree) explain(text string) error {
	dec := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true))
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

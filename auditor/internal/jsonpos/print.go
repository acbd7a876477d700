package jsonpos

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// AppendQuote appends text to b as a JSON string, with no more escapes than JSON
// needs. What is not UTF-8 in text becomes the replacement character.
func AppendQuote(b []byte, text string) []byte {
	// Only invalid UTF-8 is an error, and then the replacement is appended.
	quoted, _ := jsontext.AppendQuote(b, strings.ToValidUTF8(text, "\uFFFD"))
	return quoted
}

// Indent returns the JSON value in b laid out over lines, two spaces a level, and
// with a line feed at the end; b itself when it is no JSON value. Strings and
// numbers keep their spelling, duplicate names their place.
func Indent(b []byte) []byte {
	value := jsontext.Value(b).Clone()
	if value.Indent(jsontext.AllowDuplicateNames(true), jsontext.WithIndent("  ")) != nil {
		return b
	}
	return append(value, '\n')
}

package jsonpos

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Pointer returns the JSON pointer (RFC 6901) of the value or member that
// begins at byte offset of text, which holds one JSON value. An offset inside
// a value gives the innermost object, list or scalar that contains it; an
// offset behind the value gives the empty pointer, which is the whole value.
// Equal names in one object give equal pointers.
//
// It reads text up to offset, so that nobody pays for pointers until one is
// printed.
func Pointer(text string, offset int) string {
	dec := jsontext.NewDecoder(bytes.NewBufferString(text), jsontext.AllowDuplicateNames(true))
	for {
		if _, err := dec.ReadToken(); err != nil {
			return ""
		}
		if int(dec.InputOffset()) > offset {
			return string(dec.StackPointer())
		}
	}
}

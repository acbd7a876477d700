package jsonpos

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// SyntaxError says why text is not the JSON that was wanted, and where.
type SyntaxError struct {
	Offset  int    // in bytes, where the wrong thing begins
	Message string // what is wrong (what was expected)
}

// Error returns the message with its offset. Whoever has the text says the line
// and the column instead.
func (e *SyntaxError) Error() string { return fmt.Sprintf("offset %d: %s", e.Offset, e.Message) }

// where is what the grammar expects next.
type where struct {
	inside    Kind // the innermost open container, 0 outside of all
	first     bool // nothing of the container (or of the text) was read yet
	afterName bool // the last token was a name
}

// syntaxError says what the tokenizer's err means, given that the last token
// ended at end. The tokenizer's own words are kept inside a token; between
// tokens it does not say what it expected, so that is said here.
func syntaxError(text string, err error, end int, w where) *SyntaxError {
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		if !errors.Is(err, io.EOF) {
			return &SyntaxError{end, err.Error()}
		}
		return truncated(text, end, w)
	}
	if errors.Is(syntactic.Err, io.ErrUnexpectedEOF) {
		return truncated(text, end, w)
	}
	offset := min(max(end, int(syntactic.ByteOffset)), len(text))
	if begin := end + delimiters(text[end:]); offset > begin {
		return &SyntaxError{offset, lexical(syntactic.Err, text[offset:])}
	}
	// A delimiter in its right place is not what is wrong, but what follows it.
	delimited := strings.ContainsAny(text[end:offset], ",:")
	if d := w.delimiter(); !delimited && d != "" && strings.HasPrefix(text[offset:], d) {
		delimited = true
		offset++
		offset += len(text[offset:]) - len(strings.TrimLeft(text[offset:], " \t\r\n"))
	}
	if offset == len(text) {
		return truncated(text, end, w)
	}
	r, _ := utf8.DecodeRuneInString(text[offset:])
	unexpected := strconv.QuoteRune(r)
	if r == utf8.RuneError {
		unexpected = fmt.Sprintf("byte 0x%02x", text[offset])
	}
	return &SyntaxError{offset, fmt.Sprintf("unexpected %s (expected %s)", unexpected, w.expected(delimited))}
}

// lexical says what is wrong inside a token, where rest begins.
func lexical(err error, rest string) string {
	if message := err.Error(); !strings.HasPrefix(message, "invalid surrogate pair") || len(rest) < len(`\uFFFF`) {
		return strings.Replace(message, "(expecting ", "(expected ", 1)
	}
	return "escape " + rest[:len(`\uFFFF`)] + " is half a surrogate pair (expected both halves)"
}

// truncated says that the text ends too early, the last token having ended at end.
func truncated(text string, end int, w where) *SyntaxError {
	rest := text[end+delimiters(text[end:]):]
	message := "text ends inside a number or word (expected the rest of it)"
	switch {
	case strings.HasPrefix(rest, `"`):
		message = `text ends inside a string (expected '"')`
	case rest == "" && w.inside == 0:
		message = "text is empty (expected " + w.expected(false) + ")"
	case rest == "":
		message = "text ends too early (expected " + w.expected(strings.ContainsAny(text[end:], ",:")) + ")"
	}
	return &SyntaxError{len(text), message}
}

// delimiter is what separates the last token from the next, if anything does.
func (w where) delimiter() string {
	switch {
	case w.afterName:
		return ":"
	case w.inside == 0 || w.first:
		return ""
	}
	return ","
}

func (w where) expected(delimited bool) string {
	switch {
	case w.inside == 0 && w.first:
		return "a JSON value"
	case w.inside == 0:
		return "nothing more"
	case w.afterName && !delimited:
		return "':'"
	case w.afterName || w.inside == Array && delimited:
		return "a value"
	case w.inside == Array && w.first:
		return "a value or ']'"
	case w.inside == Array:
		return "',' or ']'"
	case w.first:
		return "a name in double quotes or '}'"
	case delimited:
		return "a name in double quotes"
	}
	return "',' or '}'"
}

package jsonpos

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Decoder reads a stream of JSON values token by token, or value by value, in
// memory that depends on the longest value read whole, never on the length of the
// stream. It reads UTF-8, and UTF-16 with its byte order mark. Duplicate names
// are kept. Offsets count in the text as UTF-8 without byte order mark.
//
// Every method that reads returns io.EOF behind the last value of the stream, a
// *SyntaxError for what is not JSON, and the reader's own error. After an error
// nothing more can be read.
type Decoder struct {
	dec   *jsontext.Decoder
	shift int64 // what is to be added to its offsets
	text  *input
	err   error

	// In a list that is read in batches, the offset behind the last element, which
	// the tokenizer knows nothing of; else -1. begun: the list had one.
	skimmed int64
	begun   bool
}

// Token is one token of a stream.
type Token struct {
	// Kind is Object and Array where one begins, EndObject and EndArray where it
	// ends, and the value's own kind for a scalar or a name.
	Kind Kind
	// Name says that a String is a name of the object around it.
	Name bool
	// Text is a string without quotes and escapes, any other scalar as written.
	Text       string
	Start, End int64
}

// NewDecoder returns a Decoder of r that refuses a scalar, or a value read whole,
// of more than about limit bytes.
func NewDecoder(r io.Reader, limit int) *Decoder {
	text := &input{r: r, line: 1, column: 1, limit: limit}
	return &Decoder{dec: tokenizer(text), text: text, skimmed: -1}
}

func tokenizer(text *input) *jsontext.Decoder {
	return jsontext.NewDecoder(text, jsontext.AllowDuplicateNames(true))
}

// resume makes the tokenizer go on behind what was read without it. A new one is
// shown the containers that are open and, of the list, that it had an element.
func (d *Decoder) resume() {
	if d.Offset() == d.skimmed {
		return
	}
	var open []byte
	depth := d.dec.StackDepth()
	for level := 1; level <= depth; level++ {
		if kind, _ := d.dec.StackIndex(level); kind == jsontext.KindBeginObject {
			open = append(open, `{"":`...)
		} else {
			open = append(open, '[')
		}
	}
	if d.begun {
		open = append(open, `""`...)
	}
	d.text.preface, d.text.given = open, int(d.skimmed-d.text.base)
	d.dec, d.shift = tokenizer(d.text), d.skimmed-int64(len(open))
	for d.Offset() < d.skimmed {
		if _, err := d.dec.ReadToken(); err != nil {
			panic("jsonpos: resume: " + err.Error()) // what was made above is JSON
		}
	}
}

// Peek returns the kind of the next token without reading it.
func (d *Decoder) Peek() (Kind, error) {
	if d.err != nil {
		return 0, d.err
	}
	d.text.need(d.Offset())
	if kind := kindOf(d.dec.PeekKind()); kind != 0 {
		return kind, nil
	}
	_, err := d.Token() // says why there is none
	return 0, err
}

// Token reads the next token.
func (d *Decoder) Token() (Token, error) {
	end := d.Offset()
	token, err := d.next()
	if err != nil {
		return Token{}, err
	}
	written := d.text.between(end, token.End)
	skip := delimiters(written)
	token.Start, written = end+int64(skip), written[skip:]
	switch token.Kind {
	case String:
		token.Text = unquote(written)
	case Null, Bool, Number:
		token.Text = written
	}
	return token, nil
}

// Value reads the next value whole, at a name the name alone, and returns its
// text and the offset at which it begins. At the end of an object or a list it
// is a *SyntaxError.
func (d *Decoder) Value() (text string, start int64, err error) {
	if d.err != nil {
		return "", 0, d.err
	}
	end := d.Offset()
	d.text.need(end)
	value, err := d.dec.ReadValue()
	if err != nil {
		return "", 0, d.fail(err, end)
	}
	return string(value), d.Offset() - int64(len(value)), nil
}

// Skip reads the next value, at a name the name alone, and forgets it, however
// long it is.
func (d *Decoder) Skip() error {
	for depth := d.dec.StackDepth(); ; {
		token, err := d.next()
		switch {
		case err != nil:
			return err
		case d.dec.StackDepth() < depth:
			return d.fail(&SyntaxError{int(token.End) - 1, token.Kind.String() + " (expected a value)"}, token.End)
		case d.dec.StackDepth() == depth:
			return nil
		}
	}
}

// next reads a token without its text.
func (d *Decoder) next() (Token, error) {
	if d.err != nil {
		return Token{}, d.err
	}
	end := d.Offset()
	d.text.need(end)
	inside, length := d.dec.StackIndex(d.dec.StackDepth())
	read, err := d.dec.ReadToken()
	if err == nil && d.dec.StackDepth() > MaxDepth {
		err = errTooDeep(int(d.Offset()) - 1)
	}
	if err != nil {
		return Token{}, d.fail(err, end)
	}
	kind := kindOf(read.Kind())
	name := kind == String && inside == jsontext.KindBeginObject && length%2 == 0
	return Token{Kind: kind, Name: name, End: d.Offset()}, nil
}

// Offset returns the offset behind the last token or value read.
func (d *Decoder) Offset() int64 { return d.dec.InputOffset() + d.shift }

// Depth returns how many objects and lists are open.
func (d *Decoder) Depth() int { return d.dec.StackDepth() }

// Position returns the line and the column, both from 1, the column in characters,
// of an offset in the last token or value read, or of the last error's offset.
func (d *Decoder) Position(offset int64) (line, column int) { return d.text.position(offset) }

// fail keeps and returns what err means, the last token having ended at end.
func (d *Decoder) fail(err error, end int64) error {
	var syntax *SyntaxError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooLong):
		err = d.text.tooLong(end)
	case errors.As(err, &syntax):
		err = syntax // without the tokenizer's words around it
	case errors.As(err, &syntactic):
		err = d.syntaxError(syntactic, end)
	case errors.Is(err, io.EOF):
		err = io.EOF
	default:
		if cause := errors.Unwrap(err); cause != nil {
			err = cause // the tokenizer wraps what the reader said
		}
		err = fmt.Errorf("read JSON at offset %d: %w", end, err)
	}
	d.err = err
	return err
}

func (d *Decoder) syntaxError(err *jsontext.SyntacticError, end int64) *SyntaxError {
	text := d.text.from(end)
	at := err.ByteOffset + d.shift
	inside, length := d.dec.StackIndex(d.dec.StackDepth())
	w := where{inside: kindOf(inside), first: inside == 0 || length == 0, afterName: inside == jsontext.KindBeginObject && length%2 == 1}
	if begin := delimiters(text); begin < len(text) && at > end+int64(begin) && (text[begin] == '{' || text[begin] == '[') {
		// The tokenizer's state inside a value that was to be read whole is not
		// known, but a Tree of the same text stops at the same place and tells.
		var tree Tree
		var syntax *SyntaxError
		if errors.As(tree.Parse(text[begin:]), &syntax) {
			return &SyntaxError{int(end) + begin + syntax.Offset, syntax.Message}
		}
	}
	syntax := syntaxError(text, &jsontext.SyntacticError{ByteOffset: at - end, Err: err.Err}, 0, w)
	syntax.Offset += int(end)
	return syntax
}

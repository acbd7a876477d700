package jsonpos

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// input is the text that a Decoder reads: UTF-8 made from what r gives. It keeps
// what was read and not yet forgotten, so that places in it can be told and no
// single value makes the tokenizer's buffer grow past limit.
type input struct {
	r     io.Reader
	order binary.ByteOrder // of UTF-16, nil for UTF-8
	raw   []byte           // UTF-16 read and not yet decoded
	begun bool
	err   error // what r said last, to be returned when all is used

	preface      []byte // to be read before the text
	kept         []byte // text from offset base on
	base         int64
	line, column int // of base
	given        int // bytes of kept that Read has returned
	needed       int64
	limit        int
}

// errTooLong is what Read returns when one value needs more than limit bytes.
var errTooLong = errors.New("value is too long")

// Read gives the next text to the tokenizer.
func (in *input) Read(p []byte) (int, error) {
	if len(in.preface) > 0 {
		n := copy(p, in.preface)
		in.preface = in.preface[n:]
		return n, nil
	}
	for in.given == len(in.kept) {
		if in.err != nil {
			return 0, in.err
		}
		if in.base+int64(len(in.kept))-in.needed > int64(in.limit) {
			return 0, errTooLong
		}
		in.fill()
	}
	n := copy(p, in.kept[in.given:])
	in.given += n
	return n, nil
}

// more reads until n bytes from offset on are kept, or all there are, and reports
// whether there was any more.
func (in *input) more(offset int64, n int) bool {
	before := len(in.kept)
	for in.err == nil && (len(in.kept) == before || in.base+int64(len(in.kept))-offset < int64(n)) {
		in.fill()
	}
	return len(in.kept) > before
}

// chunk is how many bytes are asked of r at a time.
const chunk = 32 << 10

// fill reads more of r into kept, or sets err.
func (in *input) fill() {
	// Most files are a policy of a few kilobytes.
	chunk := chunk
	if !in.begun {
		chunk = 4 << 10
	}
	if in.begun && in.order == nil {
		in.kept = slices.Grow(in.kept, chunk)
		n, err := in.r.Read(in.kept[len(in.kept) : len(in.kept)+chunk])
		in.kept, in.err = in.kept[:len(in.kept)+n], err
		return
	}
	in.raw = slices.Grow(in.raw, chunk)
	n, err := in.r.Read(in.raw[len(in.raw) : len(in.raw)+chunk])
	in.raw = in.raw[:len(in.raw)+n]
	if !in.begun && len(in.raw) < 4 && err == nil {
		return // a byte order mark may still be coming
	}
	if !in.begun {
		in.begun = true
		mark, order, bad := encodingOf(in.raw)
		if bad != nil {
			in.err = bad
			return
		}
		in.order, in.raw = order, in.raw[mark:]
	}
	in.err = err
	if in.order == nil {
		in.kept, in.raw = in.raw, nil
		return
	}
	in.decode()
}

func (in *input) decode() {
	text, rest, err := appendUTF16(in.kept, in.raw, in.order)
	if err == nil && len(rest) > 0 && errors.Is(in.err, io.EOF) {
		err = cutUTF16(len(text), rest, in.order)
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		in.err = &SyntaxError{int(in.base) + syntax.Offset, syntax.Message}
	}
	in.kept, in.raw = text, append(in.raw[:0], rest...)
}

// need says that nothing before offset will be asked for again.
func (in *input) need(offset int64) {
	in.needed = offset
	const enough = 64 << 10
	if n := int(offset - in.base); n > enough {
		in.line, in.column = in.position(offset)
		in.kept = in.kept[:copy(in.kept, in.kept[n:])]
		in.base, in.given = offset, in.given-n
	}
}

// position returns the line and column of offset, as far as it is kept.
func (in *input) position(offset int64) (line, column int) {
	return advance(in.line, in.column, in.kept[:max(0, min(int(offset-in.base), len(in.kept)))])
}

// advance returns the place behind text that begins at line and column.
func advance(line, column int, text []byte) (int, int) {
	if n := bytes.Count(text, []byte{'\n'}); n > 0 {
		line, column = line+n, 1
		text = text[bytes.LastIndexByte(text, '\n')+1:]
	}
	return line, column + runes(text)
}

// runes returns how many characters text has. Nearly all of it is ASCII, which is
// counted by words: a file without line feeds is one long line.
func runes(text []byte) int {
	const notASCII = 0x8080808080808080
	rest := text
	for len(rest) >= 8 && binary.NativeEndian.Uint64(rest)&notASCII == 0 {
		rest = rest[8:]
	}
	return len(text) - len(rest) + utf8.RuneCount(rest)
}

// between returns the text of [start, end), which must be kept.
func (in *input) between(start, end int64) string {
	return string(in.kept[start-in.base : end-in.base])
}

// from returns the text from offset on as far as it was read.
func (in *input) from(offset int64) string { return string(in.kept[offset-in.base:]) }

func (in *input) tooLong(offset int64) *SyntaxError {
	return &SyntaxError{int(offset), fmt.Sprintf("value is too long (expected at most %d bytes)", in.limit)}
}

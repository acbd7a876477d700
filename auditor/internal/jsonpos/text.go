package jsonpos

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns data as UTF-8 without byte order mark, reading UTF-16 of either
// byte order when its mark stands in front. PowerShell writes such files. The
// offsets of everything read from it, also of the error, a *SyntaxError, count
// in the text returned.
func Text(data []byte) (string, error) {
	mark, order, err := encodingOf(data)
	if err != nil {
		return "", err
	}
	if order == nil {
		return string(data[mark:]), nil
	}
	text, rest, err := appendUTF16(make([]byte, 0, len(data)), data[mark:], order)
	if err == nil && len(rest) > 0 {
		err = cutUTF16(len(text), rest, order)
	}
	if err != nil {
		return "", err
	}
	return string(text), nil
}

// encodingOf returns the length of the byte order mark that data begins with, and
// the byte order of its UTF-16, nil for UTF-8.
func encodingOf(data []byte) (mark int, order binary.ByteOrder, err error) {
	begins := func(mark string) bool { return strings.HasPrefix(string(data[:min(4, len(data))]), mark) }
	switch {
	case begins("\xef\xbb\xbf"):
		return 3, nil, nil
	case begins("\xff\xfe\x00\x00"), begins("\x00\x00\xfe\xff"):
		return 0, nil, &SyntaxError{0, "text is UTF-32 (expected UTF-8 or UTF-16)"}
	case begins("\xff\xfe"):
		return 2, binary.LittleEndian, nil
	case begins("\xfe\xff"):
		return 2, binary.BigEndian, nil
	}
	return 0, nil, nil
}

// appendUTF16 appends data as UTF-8 to text and returns what is left of data, which
// may be the beginning of a character. It refuses what is not UTF-16 instead of
// replacing it, since a replaced character can no longer be seen.
func appendUTF16(text, data []byte, order binary.ByteOrder) (_, rest []byte, err error) {
	for len(data) >= 2 {
		r, n := rune(order.Uint16(data)), 2
		if utf16.IsSurrogate(r) {
			if len(data) < 4 {
				break
			}
			if r, n = utf16.DecodeRune(r, rune(order.Uint16(data[2:]))), 4; r == utf8.RuneError {
				return text, nil, cutUTF16(len(text), data, order)
			}
		}
		text = utf8.AppendRune(text, r)
		data = data[n:]
	}
	return text, data, nil
}

// cutUTF16 says that only part of a character stands at offset, where data begins.
func cutUTF16(offset int, data []byte, order binary.ByteOrder) *SyntaxError {
	if len(data) == 1 {
		return &SyntaxError{offset, "half a UTF-16 character at the end of the text (expected an even number of bytes)"}
	}
	return &SyntaxError{offset, fmt.Sprintf("half a surrogate pair, 0x%04x, in UTF-16 (expected both halves)", order.Uint16(data))}
}

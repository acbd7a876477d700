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
	switch {
	case hasPrefix(data, 0xef, 0xbb, 0xbf):
		return string(data[3:]), nil
	case hasPrefix(data, 0xff, 0xfe, 0, 0), hasPrefix(data, 0, 0, 0xfe, 0xff):
		return "", &SyntaxError{0, "text is UTF-32 (expected UTF-8 or UTF-16)"}
	case hasPrefix(data, 0xff, 0xfe):
		return fromUTF16(data[2:], binary.LittleEndian)
	case hasPrefix(data, 0xfe, 0xff):
		return fromUTF16(data[2:], binary.BigEndian)
	}
	return string(data), nil
}

func hasPrefix(data []byte, prefix ...byte) bool {
	return strings.HasPrefix(string(data[:min(len(prefix), len(data))]), string(prefix))
}

// fromUTF16 refuses what is not UTF-16 instead of replacing it, since a replaced
// character can no longer be seen.
func fromUTF16(data []byte, order binary.ByteOrder) (string, error) {
	var text strings.Builder
	text.Grow(len(data)/2 + 1)
	for ; len(data) > 1; data = data[2:] {
		unit := order.Uint16(data)
		if !utf16.IsSurrogate(rune(unit)) {
			text.WriteRune(rune(unit))
			continue
		}
		pair := utf8.RuneError
		if len(data) > 3 {
			pair = utf16.DecodeRune(rune(unit), rune(order.Uint16(data[2:])))
		}
		if pair == utf8.RuneError {
			return "", &SyntaxError{text.Len(), fmt.Sprintf("half a surrogate pair, 0x%04x, in UTF-16 (expected both halves)", unit)}
		}
		text.WriteRune(pair)
		data = data[2:]
	}
	if len(data) == 1 {
		return "", &SyntaxError{text.Len(), "half a UTF-16 character at the end of the text (expected an even number of bytes)"}
	}
	return text.String(), nil
}

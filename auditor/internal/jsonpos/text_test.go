package jsonpos

import (
	"encoding/binary"
	"errors"
	"testing"
)

func TestText(t *testing.T) {
	const text = "{\"é\": \"€😀\"}\r\n"
	for name, data := range map[string][]byte{
		"UTF-8":          []byte(text),
		"UTF-8 with BOM": []byte("\ufeff" + text),
		"UTF-16 LE":      utf16Of(text, binary.LittleEndian),
		"UTF-16 BE":      utf16Of(text, binary.BigEndian),
	} {
		if got, err := Text(data); got != text || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	for _, test := range []struct {
		data   string
		offset int
		want   string
	}{
		{"\xff\xfe{\x00\x00\xd8", 1, "half a surrogate pair, 0xd800, in UTF-16 (expected both halves)"},
		{"\xff\xfe{\x00\x00\xd8}\x00", 1, "half a surrogate pair, 0xd800, in UTF-16 (expected both halves)"},
		{"\xfe\xff\xdc\x00\xd8\x00", 0, "half a surrogate pair, 0xdc00, in UTF-16 (expected both halves)"},
		{"\xfe\xff\x20\xac\x00", 3, "half a UTF-16 character at the end of the text (expected an even number of bytes)"},
		{"\xff\xfe\x00\x00", 0, "text is UTF-32 (expected UTF-8 or UTF-16)"},
		{"\x00\x00\xfe\xff", 0, "text is UTF-32 (expected UTF-8 or UTF-16)"},
	} {
		_, err := Text([]byte(test.data))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || *syntax != (SyntaxError{test.offset, test.want}) {
			t.Errorf("text of %q: got %v, want offset %d: %s", test.data, err, test.offset, test.want)
		}
	}
}

package render

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Visible returns text with every character that a terminal would obey, or that
// a reader could not see, written as an escape: control characters, newlines,
// escape sequences, bidirectional and zero-width marks, variation selectors,
// bytes that are no UTF-8. So is what a pipeline's log would obey wherever it stands
// in a line: the first character of "##[".
func Visible(text string) string {
	plain := !strings.Contains(text, oldCommand)
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			plain = false
			break
		}
	}
	if plain {
		return text
	}
	var out strings.Builder
	for len(text) > 0 {
		shown, size := visibleRune(text)
		out.WriteString(shown)
		text = text[size:]
	}
	return out.String()
}

// visibleRune returns how the first character of text is shown, and its bytes.
func visibleRune(text string) (shown string, size int) {
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case r == '#' && strings.HasPrefix(text, oldCommand):
		return `\x23`, size
	case r == utf8.RuneError && size == 1:
		return `\x` + hex(uint32(text[0]), 2), 1
	case r == '\n':
		return `\n`, size
	case r == '\r':
		return `\r`, size
	case r == '\t':
		return `\t`, size
	case !hidden(r):
		return text[:size], size
	case r < 0x80:
		return `\x` + hex(uint32(r), 2), size
	case r < 0x10000:
		return `\u` + hex(uint32(r), 4), size
	}
	return `\U` + hex(uint32(r), 8), size
}

// How workflow commands begin: the older form within a line, the newer one where a
// line begins, perhaps behind space.
//
// Source: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
const (
	oldCommand = "##["
	newCommand = "::"
)

// inert returns a line of visible text that no pipeline's log takes for a command,
// whatever name it begins with.
func inert(line string) string {
	rest := strings.TrimLeft(line, " ")
	if !strings.HasPrefix(rest, newCommand) {
		return line
	}
	return line[:len(line)-len(rest)] + `\x3a` + rest[1:]
}

// hidden reports whether r must not reach a terminal as it is.
func hidden(r rune) bool {
	return !unicode.IsPrint(r) || unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func hex(v uint32, digits int) string {
	const alphabet = "0123456789abcdef"
	out := make([]byte, digits)
	for i := digits - 1; i >= 0; i-- {
		out[i] = alphabet[v&15]
		v >>= 4
	}
	return string(out)
}

// columns returns how many columns of a terminal the shown text takes: two for
// an East Asian wide character, none for a combining mark, one for the others.
//
// Source: https://www.unicode.org/reports/tr11/
func columns(shown string) int {
	n := 0
	for _, r := range shown {
		switch {
		case r < 0x80:
			n++
		case unicode.In(r, unicode.Mn, unicode.Me):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

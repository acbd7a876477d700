package oracle

import "unicode/utf8"

// symbol is one character of a pattern, or a wildcard. Characters that come out
// of a variable are never wildcards.
type symbol struct {
	char rune
	wild bool // char is '*' (any run of characters) or '?' (exactly one)
	// bound says that the wildcard does not match a colon.
	bound bool
}

// literals returns text as symbols without wildcards.
func literals(text string) []symbol {
	var out []symbol
	for _, c := range text {
		out = append(out, symbol{char: c})
	}
	return out
}

// like reports whether text matches pattern, by trying.
func like(pattern []symbol, text string) bool {
	if len(pattern) == 0 {
		return text == ""
	}
	first, rest := pattern[0], pattern[1:]
	if first.wild && first.char == '*' {
		if like(rest, text) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text)
		return text != "" && !(first.bound && text[0] == ':') && like(pattern, text[size:])
	}
	c, size := utf8.DecodeRuneInString(text)
	switch {
	case text == "":
		return false
	case first.wild:
		return !(first.bound && c == ':') && like(rest, text[size:])
	}
	return c == first.char && like(rest, text[size:])
}

// onlyStars reports whether the pattern is "*", however often written.
func onlyStars(pattern []symbol) bool {
	for _, s := range pattern {
		if !s.wild || s.char != '*' {
			return false
		}
	}
	return len(pattern) > 0
}

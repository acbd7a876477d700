package glob

import (
	"math/bits"
	"unicode"
)

// Class is a set of characters: any of the 128 ASCII ones, and of the others
// one, none or all. Classes are comparable.
type Class struct {
	low, high uint64 // ASCII 0–63 and 64–127
	// beyond is the one non-ASCII character of the class, 0 for none, or
	// allBeyond.
	beyond rune
}

const allBeyond = rune(-1)

// The classes that names and ARNs are made of.
var (
	AnyChar = Class{^uint64(0), ^uint64(0), allBeyond}
	Digits  = Chars("0123456789")
	Lower   = Chars("abcdefghijklmnopqrstuvwxyz")
)

// Char returns the class of one character.
func Char(c rune) Class {
	switch {
	case c < 64:
		return Class{low: 1 << c}
	case c < 128:
		return Class{high: 1 << (c - 64)}
	}
	return Class{beyond: c}
}

// Chars returns the class of the ASCII characters in text.
func Chars(text string) Class {
	var set Class
	for _, c := range text {
		one := Char(c)
		set.low |= one.low
		set.high |= one.high
	}
	return set
}

// Or returns the characters of c and d; at most one of the two may hold
// non-ASCII characters.
func (c Class) Or(d Class) Class {
	beyond := c.beyond
	if beyond == 0 {
		beyond = d.beyond
	}
	return Class{c.low | d.low, c.high | d.high, beyond}
}

// Without returns c less the ASCII characters of text.
func (c Class) Without(text string) Class {
	out := Chars(text)
	return Class{c.low &^ out.low, c.high &^ out.high, c.beyond}
}

// Has reports whether r lies in c.
func (c Class) Has(r rune) bool {
	switch {
	case r < 0:
		return false
	case r < 64:
		return c.low&(1<<r) != 0
	case r < 128:
		return c.high&(1<<(r-64)) != 0
	}
	return c.beyond == allBeyond || c.beyond == r
}

// single returns the only character of c, and whether it has exactly one.
func (c Class) single() (rune, bool) {
	ascii := bits.OnesCount64(c.low) + bits.OnesCount64(c.high)
	switch {
	case ascii == 0 && c.beyond > 0:
		return c.beyond, true
	case ascii != 1 || c.beyond != 0:
		return 0, false
	case c.low != 0:
		return rune(bits.TrailingZeros64(c.low)), true
	}
	return rune(64 + bits.TrailingZeros64(c.high)), true
}

// foldClass holds c in upper and lower case. Characters beyond ASCII keep their
// case: service names, actions and keys have none.
func foldClass(c rune) Class {
	if c >= 128 {
		return Char(c)
	}
	return Char(unicode.ToLower(c)).Or(Char(unicode.ToUpper(c)))
}

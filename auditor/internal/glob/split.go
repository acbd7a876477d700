package glob

import "slices"

// readingOrder lists ASCII characters so that witnesses read like names: small
// letters first, then digits and the punctuation of ARNs.
const readingOrder = "abcdefghijklmnopqrstuvwxyz0123456789-_./:@+=,%~#$&!;()[]{}<>|^'\"`*?\\ ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// strange is a character that no pattern is likely to name: the representative
// of all characters beyond ASCII that are not named.
const strange = 'é'

// split divides the characters that any of readable holds by membership in
// readable and classes, and returns the most readable character of each part.
func split(readable, classes []Class) []rune {
	all := append(slices.Clone(readable), classes...)
	var parts []Class
	if ascii := union(readable); ascii != (Class{}) {
		parts = append(parts, ascii)
	}
	for _, by := range all {
		parts = divide(parts, asciiOf(by))
	}
	out := make([]rune, 0, len(parts))
	for _, p := range parts {
		out = append(out, mostReadable(p))
	}
	slices.SortFunc(out, func(a, b rune) int { return rank(a) - rank(b) })
	return append(out, beyondASCII(readable, all)...)
}

func union(classes []Class) Class {
	var u Class
	for _, c := range classes {
		u = Class{low: u.low | c.low, high: u.high | c.high}
	}
	return u
}

func asciiOf(c Class) Class { return Class{low: c.low, high: c.high} }

func divide(parts []Class, by Class) []Class {
	out := parts[:0:0]
	for _, p := range parts {
		in := Class{low: p.low & by.low, high: p.high & by.high}
		rest := Class{low: p.low &^ by.low, high: p.high &^ by.high}
		if in != (Class{}) {
			out = append(out, in)
		}
		if rest != (Class{}) {
			out = append(out, rest)
		}
	}
	return out
}

// beyondASCII returns the characters beyond ASCII that some class names, and
// one that none names, as far as readable holds them.
func beyondASCII(readable, all []Class) []rune {
	var out []rune
	add := func(c rune) {
		holds := func(r Class) bool { return r.Has(c) }
		if slices.ContainsFunc(readable, holds) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	other := strange
	for _, c := range all {
		if c.beyond > 0 {
			add(c.beyond)
			if c.beyond >= other {
				other = c.beyond + 1
			}
		}
	}
	add(other)
	return out
}

var ranks = func() (r [128]int) {
	for i := range r {
		r[i] = len(readingOrder) + i // control characters last
	}
	for i, c := range readingOrder {
		r[c] = i
	}
	return r
}()

func rank(c rune) int { return ranks[c] }

func mostReadable(c Class) rune {
	for _, r := range readingOrder {
		if c.Has(r) {
			return r
		}
	}
	for r := range rune(128) {
		if c.Has(r) {
			return r
		}
	}
	return 0
}

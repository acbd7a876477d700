// Package pattern matches IAM action patterns: the one matcher that the
// generator of the tables and the tables themselves share.
package pattern

// Match reports whether name matches pattern as IAM matches actions: letters
// without regard to case, "*" any run of characters (also none), "?" exactly
// one. Only ASCII letters fold, since action names are ASCII.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func Match(pattern, name string) bool {
	p, n := 0, 0
	// The last "*" seen, and the place in name up to which it reaches so far.
	star, reach := -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, reach = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || fold(pattern[p]) == fold(name[n])):
			p++
			n++
		case star >= 0:
			// A longer run for the last star is the only choice left; an
			// earlier star can never need to give way.
			reach++
			p, n = star+1, reach
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// EqualFold reports whether a and b are equal, ASCII letters without regard to
// case.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if fold(a[i]) != fold(b[i]) {
			return false
		}
	}
	return true
}

func fold(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

package spelling

// Slip reports whether a is b but for one slip of the keyboard: a letter too many,
// too few or another, or two in the wrong order. ASCII letters are compared
// without regard to case. Equal words have no slip.
func Slip(a, b string) bool {
	if len(a) > len(b)+1 || len(b) > len(a)+1 {
		return false
	}
	shorter, before := min(len(a), len(b)), 0
	for before < shorter && lower(a[before]) == lower(b[before]) {
		before++
	}
	if before == len(a) && before == len(b) {
		return false
	}
	after := 0
	for after < shorter-before && lower(a[len(a)-1-after]) == lower(b[len(b)-1-after]) {
		after++
	}
	restA, restB := a[before:len(a)-after], b[before:len(b)-after]
	return len(restA) <= 1 && len(restB) <= 1 ||
		len(restA) == 2 && len(restB) == 2 && lower(restA[0]) == lower(restB[1]) && lower(restA[1]) == lower(restB[0])
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

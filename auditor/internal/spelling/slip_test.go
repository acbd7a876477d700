package spelling

import (
	"strings"
	"testing"
)

func TestSlip(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"codeartifact", "codeartifact", false},
		{"CodeArtifact", "codeartifact", false},
		{"codeartfact", "codeartifact", true},
		{"code-artifact", "codeartifact", true},
		{"codeartifakt", "codeartifact", true},
		{"codeartifcat", "codeartifact", true},
		{"Odeartifact", "codeartifact", true},
		{"codeartifacts", "codeartifact", true},
		{"codeartifac", "codeartifact", true},
		{"codeartf", "codeartifact", false},
		{"codeatrifcat", "codeartifact", false},
		{"ab", "ba", true},
		{"aab", "baa", false},
		{"", "a", true},
		{"", "", false},
		{"aaa", "aa", true},
	} {
		if got, back := Slip(c.a, c.b), Slip(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%q, %q: got %t, and %t the other way, want %t", c.a, c.b, got, back, c.want)
		}
		if c.want && Edits(strings.ToLower(c.a), strings.ToLower(c.b)) > 2 {
			t.Errorf("%q, %q: more than a transposition apart", c.a, c.b)
		}
	}
}

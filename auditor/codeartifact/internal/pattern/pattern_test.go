package pattern

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestMatchAgreesWithRegexp compares Match with the translation of a pattern
// into a regular expression, over strings short enough to meet every case.
func TestMatchAgreesWithRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[aAbB:*?]{0,8}`).Draw(t, "pattern")
		name := rapid.StringMatching(`[aAbB:]{0,8}`).Draw(t, "name")
		expr := regexp.QuoteMeta(pattern)
		expr = strings.ReplaceAll(expr, `\*`, `.*`)
		expr = strings.ReplaceAll(expr, `\?`, `.`)
		want := regexp.MustCompile(`(?is)^` + expr + `$`).MatchString(name)
		if got := Match(pattern, name); got != want {
			t.Fatalf("Match(%q, %q) = %v, want %v", pattern, name, got, want)
		}
	})
}

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"*aab", "aaab", true}, // the first try for the star is too short
		{"*ab*abc", "ababab-abc", true},
		{"a*b?c", "axbxbyc", true},
		{"a*b?c", "axbxbc", false},
		{"*", "", true},
		{"?", "", false},
		{"", "a", false},
		{"**?**", "a", true},
		{"GET*", "getDomain", true},
		{"get", "getDomain", false},
	} {
		if got := Match(test.pattern, test.name); got != test.want {
			t.Errorf("Match(%q, %q) = %v, want %v", test.pattern, test.name, got, test.want)
		}
	}
}

func TestEqualFold(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"Sts", "sTS", true},
		{"sts", "stsx", false},
		{"a[", "A{", false}, // neighbours of the letters do not fold
		{"@", "`", false},
	} {
		if got := EqualFold(test.a, test.b); got != test.want {
			t.Errorf("EqualFold(%q, %q) = %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

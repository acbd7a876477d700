package rules

import (
	"slices"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// TestYield: a rule is silent about an element, and about what is inside one,
// that a rule it yields to reports in the same policy.
func TestYield(t *testing.T) {
	catalogued := catalogue
	defer func() { catalogue = catalogued }()
	catalogue = []*Rule{{ID: "inert/dead", Yields: []string{"token/*", "inert/arn"}}, {ID: "inert/arn"}, {ID: "token/wrong"}, {ID: "grant/wide"}}

	about := func(rule, policy string, pointers ...string) finding.Finding {
		f := finding.Finding{Rule: rule}
		for _, p := range pointers {
			f.Grants = append(f.Grants, finding.Grant{Policy: finding.Policy{ID: policy}, Pointer: p})
		}
		return f
	}
	dead := about("inert/dead", "a", "/Statement/0/Action/1", "/Statement/0/Resource")
	for _, c := range []struct {
		name  string
		other finding.Finding
		stays bool
	}{
		{"the same element", about("token/wrong", "a", "/Statement/0/Action/1"), false},
		{"among others", about("token/wrong", "a", "/Statement/3", "/Statement/0/Action/1"), false},
		{"around it", about("inert/arn", "a", "/Statement/0/Action"), false},
		{"inside it", about("token/wrong", "a", "/Statement/0/Action/1/x"), true},
		{"an element whose name goes on", about("token/wrong", "a", "/Statement/0/Act"), true},
		{"what it shows beside the element", about("token/wrong", "a", "/Statement/0/Resource"), true},
		{"another policy", about("token/wrong", "b", "/Statement/0/Action/1"), true},
		{"a rule it does not yield to", about("grant/wide", "a", "/Statement/0/Action/1"), true},
		{"its own rule", about("inert/dead", "a", "/Statement/0/Action/1"), true},
	} {
		left := yield([]finding.Finding{dead, c.other})
		stays := slices.ContainsFunc(left, func(f finding.Finding) bool { return f.Rule == dead.Rule && len(f.Grants) == 2 })
		if stays != c.stays || !slices.ContainsFunc(left, func(f finding.Finding) bool { return f.Rule == c.other.Rule }) {
			t.Errorf("%s: stays %t (expected %t)", c.name, stays, c.stays)
		}
	}
}

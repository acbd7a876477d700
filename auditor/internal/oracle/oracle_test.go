package oracle

import (
	"slices"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

func document(t *testing.T, text string) *policy.Document {
	d, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// What is documented wins over what is not only where it settles the matter.
func TestTruth(t *testing.T) {
	for _, test := range []struct{ got, want Truth }{
		{both(Yes, Maybe), Maybe},
		{both(No, Maybe), No},
		{either(Yes, Maybe), Yes},
		{either(No, Maybe), Maybe},
		{Maybe.not(), Maybe},
		{Yes.not(), No},
		{No.not(), Yes},
	} {
		if test.got != test.want {
			t.Errorf("got %v, want %v", test.got, test.want)
		}
	}
}

func TestLike(t *testing.T) {
	pattern := func(text string, bound bool) []symbol {
		out := literals(text)
		for i := range out {
			out[i].wild = out[i].char == '*' || out[i].char == '?'
			out[i].bound = out[i].wild && bound
		}
		return out
	}
	for _, test := range []struct {
		pattern, text string
		inside, match bool
	}{
		{"", "", false, true},
		{"*", "", false, true},
		{"a*c", "abbc", false, true},
		{"a*c", "ab", false, false},
		{"a?c", "abc", false, true},
		{"a?c", "ac", false, false},
		{"?", "é", false, true},
		{"a*c", "a:c", false, true},
		{"a*c", "a:c", true, false},
		{"a?c", "a:c", true, false},
		{"a*c:*", "abc:", true, true},
	} {
		if got := like(pattern(test.pattern, test.inside), test.text); got != test.match {
			t.Errorf("%q, wildcards inside a part %v, matches %q: %v", test.pattern, test.inside, test.text, got)
		}
	}
}

func TestMoment(t *testing.T) {
	for text, seconds := range map[string]string{
		"2027-01": "1798761600", "2027-01-01": "1798761600", "2027-01-01T00:00Z": "1798761600", "2027-01-01T01:00:00+01:00": "1798761600",
		"1798761600": "1798761600", "2027-01-01T00:00:00.5Z": "1798761600.5", "soon": "", "01/01/2027": "",
	} {
		got, ok := moment(text)
		want, sound := number(seconds)
		if ok != sound || ok && got.Cmp(want) != 0 {
			t.Errorf("%q is %v (%v), want %v", text, got, ok, seconds)
		}
	}
}

// Decisive names the elements without which the decision would be another.
func TestDecisive(t *testing.T) {
	w := World{
		Identity: []*policy.Document{document(t, `{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*", "Condition": {"StringEqualsIfExists": {"aws:PrincipalTag/team": "red"}}},
			{"Effect": "Deny", "Action": "codeartifact:Delete*", "Resource": "*"}
		]}`)},
		Boundary: document(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`),
	}
	request := Request{Principal: Principal{ARN: "arn:aws:iam::111122223333:user/ann"}, Action: "codeartifact:ListDomains", Resource: "*"}
	decision, names := Decisive(request, w)
	for _, want := range []string{"NotAction", "Resource", "StringEquals", "IfExists", "missing key", "boundary", "identity policy"} {
		if decision != Allow || !slices.Contains(names, want) {
			t.Errorf("%v because of %v (expected %s among them)", decision, names, want)
		}
	}
	request.Action, request.Resource = "codeartifact:DeleteDomain", "arn:aws:codeartifact:us-east-1:111122223333:domain/team"
	if decision, names = Decisive(request, w); decision != Deny || !slices.Contains(names, "Deny") || slices.Contains(names, "boundary") {
		t.Errorf("%v because of %v (expected Deny, not the boundary)", decision, names)
	}
}

// A policy that might not be evaluated counts whole or not at all.
func TestConsultedOrNot(t *testing.T) {
	const domain = "arn:aws:codeartifact:us-east-1:111122223333:domain/team"
	r := Request{Principal: Principal{ARN: "arn:aws:iam::111122223333:user/ann"}, Action: "codeartifact:DeleteDomainPermissionsPolicy", Resource: domain}
	allow := `{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}`
	deny := `{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}`
	for statements, want := range map[string]Decision{allow: Unknown, deny: Deny, allow + "," + deny: Deny} {
		w := World{ResourcePolicies: []ResourcePolicy{{Kind: inventory.DomainPolicy, Holder: domain, Document: document(t, `{"Version": "2012-10-17", "Statement": [`+statements+`]}`)}}}
		if got := Decide(r, w); got != want {
			t.Errorf("%s: %v, want %v", statements, got, want)
		}
	}
}

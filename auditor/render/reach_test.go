package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// A proof of two requests is drawn with both: the domain's policy lets the stranger
// to the domain, the repository's to the repository.
func TestReachShowsTheWholeProof(t *testing.T) {
	got := text{names: namesOf(terminal())}.reach(terminal().Findings)
	want := []reachRow{
		{"role/stranger", "domain/team", "domain/team"},
		{"role/stranger", "repository/team/app", "repository/team/app"},
	}
	if !slices.Equal(got.Rows, want) || got.Left != 0 {
		t.Errorf("got %v and %d left, want %v", got.Rows, got.Left, want)
	}
}

func TestDomainOrRepository(t *testing.T) {
	const here = "arn:aws:codeartifact:eu-west-1:111122223333:"
	for resource, want := range map[string]string{
		here + "domain/team":                      here + "domain/team",
		here + "package-group/team/npm/%2a":       here + "domain/team",
		here + "repository/team/app":              here + "repository/team/app",
		here + "package/team/app/npm//lodash":     here + "repository/team/app",
		here + "package/team":                     "",
		here + "domain":                           "",
		"*":                                       "",
		"arn:aws:iam::111122223333:role/domain/x": "",
	} {
		got, ok := domainOrRepository(resource)
		if ok != (want != "") || ok && got != want || !ok && got != resource {
			t.Errorf("%s lies in %s, %v; want %q", resource, got, ok, want)
		}
	}
}

// What is left out of the drawing is counted, whatever there is too much of, and
// nothing is drawn without bound.
func TestReachIsBounded(t *testing.T) {
	const n = 10_000
	base := finding.Finding{
		Grants:  []finding.Grant{{Policy: finding.Policy{ID: "p"}}},
		Witness: []finding.Request{{Caller: "c", Resource: domain, Decision: finding.Allowed}},
	}
	affected, grants, witness := base, base, base
	grants.Grants, witness.Witness = nil, nil
	for i := range n {
		affected.Affected = append(affected.Affected, fmt.Sprint("a", i))
		grants.Grants = append(grants.Grants, finding.Grant{Policy: finding.Policy{ID: fmt.Sprint("p", i)}})
		witness.Witness = append(witness.Witness, finding.Request{Caller: "c", Resource: fmt.Sprint(domain, i), Decision: finding.Allowed})
	}
	for name, f := range map[string]finding.Finding{"affected": affected, "grants": grants, "witness": witness} {
		d := text{}.reach([]finding.Finding{f})
		if len(d.Rows) == 0 || len(d.Rows) > reachWays || len(d.Rows)+d.Left != n {
			t.Errorf("%s: %d drawn, %d left of %d", name, len(d.Rows), d.Left, n)
		}
	}
}

// A statement without effect lets nobody reach anything.
func TestReachIsOfWhatIsAllowed(t *testing.T) {
	f := terminal().Findings[0]
	for i := range f.Witness {
		f.Witness[i].Decision = finding.Denied
	}
	if d := (text{}).reach([]finding.Finding{f}); len(d.Rows) > 0 || d.Left > 0 {
		t.Errorf("drawn %v", d.Rows)
	}
}

// Copies of a document in other accounts stay in sight when those are chosen.
func TestFoldedFindingIsOfAllItsAccounts(t *testing.T) {
	r := everything()
	for i := range r.Findings {
		if r.Findings[i].Rule == "grant/full-access" {
			r.Findings[i].Subject.Account = fmt.Sprintf("11112222333%d", i%2)
		}
	}
	out := string(rendered(t, r, HTML, Options{}))
	if !strings.Contains(out, "data-accounts=\"111122223331\n111122223330\"") {
		t.Error("the entry that stands for both accounts does not name them")
	}
}

func TestSavedResultSaysThatFramesAreMissing(t *testing.T) {
	const said = "holds no text of policies"
	r := terminal()
	if strings.Contains(string(rendered(t, r, HTML, Options{})), said) {
		t.Error("said of a result with frames")
	}
	for i := range r.Findings[0].Grants {
		r.Findings[0].Grants[i].Text = ""
	}
	if !strings.Contains(string(rendered(t, r, HTML, Options{})), said) {
		t.Error("not said of a result without frames")
	}
}

func TestPageCountsOneInTheSingular(t *testing.T) {
	r := many()
	f := &r.Findings[0]
	f.Grants, f.Witness = f.Grants[:pageFrames+1], f.Witness[:pageRequests+1]
	out := string(rendered(t, r, HTML, Options{}))
	for _, want := range []string{"and 1 more place<", "and 1 more request<"} {
		if !strings.Contains(out, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

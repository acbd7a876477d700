package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func found(id string, s finding.Severity) finding.Finding {
	return finding.Finding{ID: id, Rule: "grant/full-access", Severity: s, Subject: finding.Subject{ID: id}}
}

func all(string) bool { return true }

// The exit status is the first of 2, 1, 3 and 0 that applies.
func TestVerdict(t *testing.T) {
	looked := auditor.Coverage{Policies: 1}
	gap := []inventory.Gap{{Where: "a", Reason: "b"}}
	high := []finding.Finding{found("a", finding.High)}
	for _, tt := range []struct {
		name   string
		report auditor.Report
		s      settings
		wrong  bool
		want   int
	}{
		{"clean", auditor.Report{Coverage: looked}, settings{failOn: finding.Medium}, false, 0},
		{"below", auditor.Report{Coverage: looked, Findings: []finding.Finding{found("a", finding.Low)}}, settings{failOn: finding.Medium}, false, 0},
		{"at", auditor.Report{Coverage: looked, Findings: high}, settings{failOn: finding.High}, false, 1},
		{"above", auditor.Report{Coverage: looked, Findings: high}, settings{failOn: finding.Info}, false, 1},
		{"never", auditor.Report{Coverage: looked, Findings: high}, settings{}, false, 0},
		{"never with a gap", auditor.Report{Coverage: looked, Findings: high, Gaps: gap}, settings{}, false, 3},
		{"gap", auditor.Report{Coverage: looked, Gaps: gap}, settings{failOn: finding.Medium}, false, 3},
		{"gap and finding", auditor.Report{Coverage: looked, Findings: high, Gaps: gap}, settings{failOn: finding.Medium}, false, 1},
		{"nothing", auditor.Report{}, settings{failOn: finding.Medium}, false, 3},
		{"nothing is fine", auditor.Report{}, settings{failOn: finding.Medium, allowEmpty: true}, false, 0},
		{"nothing is fine, a gap is not", auditor.Report{Gaps: gap}, settings{failOn: finding.Medium, allowEmpty: true}, false, 3},
		{"only other services", auditor.Report{Coverage: auditor.Coverage{Foreign: 1}}, settings{failOn: finding.Medium}, false, 0},
		{"wrong comes first", auditor.Report{Coverage: looked, Findings: high, Gaps: gap}, settings{failOn: finding.Medium}, true, 2},
	} {
		if got := verdict(&tt.report, tt.s, tt.wrong); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestNarrow(t *testing.T) {
	other := found("other", finding.High)
	other.Rule = "token/misplaced"
	report := auditor.Report{
		Findings:   []finding.Finding{found("new", finding.High), found("known", finding.Medium), found("worse", finding.High), other},
		Suppressed: []auditor.Suppressed{{Finding: other}},
	}
	kept, notes := narrow(&report, settings{
		selected: func(rule string) bool { return strings.HasPrefix(rule, "grant/") },
		known:    map[string]finding.Severity{"known": finding.Medium, "worse": finding.Medium},
	})
	if diff := cmp.Diff([]finding.Finding{found("new", finding.High), found("worse", finding.High)}, kept.Findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if len(kept.Suppressed) > 0 || len(report.Findings) != 4 {
		t.Errorf("suppressed %v, %d findings left in the report itself", kept.Suppressed, len(report.Findings))
	}
	if diff := cmp.Diff([]string{"2 findings of rules that were not asked for", "1 finding that the baseline knows"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if kept, notes := narrow(&report, settings{selected: all}); len(kept.Findings) != 4 || notes != nil {
		t.Errorf("nothing was left out, yet %d findings and notes %q", len(kept.Findings), notes)
	}
}

func TestTogether(t *testing.T) {
	document := &auditor.Report{
		Schema: "caudit/result/1", Findings: []finding.Finding{found("a", finding.Low), found("b", finding.High)},
		Coverage: auditor.Coverage{Accounts: 1, Policies: 1, Assumptions: []string{"x"}}, Gaps: []inventory.Gap{{Where: "g"}},
	}
	sweep := &auditor.Report{
		Findings:   []finding.Finding{found("a", finding.Critical), found("c", finding.Low)},
		Suppressed: []auditor.Suppressed{{Finding: found("b", finding.High)}},
		Coverage:   auditor.Coverage{Accounts: 1, Policies: 36, Assumptions: []string{"x", "y"}}, Gaps: []inventory.Gap{{Where: "g"}, {Where: "h"}},
	}
	want := &auditor.Report{
		Schema: "caudit/result/1", Findings: []finding.Finding{found("a", finding.Critical), found("c", finding.Low)},
		Suppressed: []auditor.Suppressed{{Finding: found("b", finding.High)}},
		Coverage:   auditor.Coverage{Accounts: 1, Policies: 37, Assumptions: []string{"x", "y"}}, Gaps: []inventory.Gap{{Where: "g"}, {Where: "h"}},
	}
	if diff := cmp.Diff(want, together([]*auditor.Report{document, sweep})); diff != "" {
		t.Errorf("together (-want +got):\n%s", diff)
	}
}

package publish_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

var noon = time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)

func envelope() publish.Envelope {
	return publish.Envelope{
		Time: noon, Account: "111122223333", Tool: auditor.Tool{Name: "caudit", Version: "v1.2.3", Data: "2026-09-26"},
		Trigger: finding.Trigger{Kind: finding.ByChange, EventID: "e-1", EventName: "PutRolePolicy", EventTime: noon, Actor: "arn:aws:iam::111122223333:user/bob"},
	}
}

// sample is a finding with every part filled.
func sample() finding.Finding {
	subject := finding.Subject{Type: finding.InlineSubject, ID: "arn:aws:iam::111122223333:role/ci#inline/p", Account: "111122223333"}
	return finding.Finding{
		ID: finding.Identify("grant/full-access", subject, ""), Group: strings.Repeat("ab", 16), Rule: "grant/full-access",
		Severity: finding.High, Confidence: finding.MediumConfidence, Message: "a & b may <everything>", Subject: subject,
		Affected: []string{"arn:aws:iam::111122223333:role/ci"},
		Grants: []finding.Grant{{
			Policy: finding.Policy{Kind: "identity", Name: "p", ID: subject.ID}, Sid: "S", Pointer: "/Statement/0/Action",
			Line: 1, Column: 2, EndLine: 1, EndColumn: 9, Says: "allows everything", Text: "SECRET DOCUMENT",
		}},
		Witness: []finding.Request{{
			Caller: "arn:aws:iam::111122223333:role/ci", Action: "codeartifact:DeleteDomain",
			Resource: "arn:aws:codeartifact:eu-west-1:111122223333:domain/d", Context: map[string][]string{}, Decision: finding.Allowed,
		}},
		Fixes: []finding.Fix{{ID: "narrow", Title: "narrow it", Safe: false, Edits: []finding.Edit{{
			Policy: subject.ID, Patch: []finding.Patch{{Op: "replace", Path: "/Statement/0/Action", Value: []string{"codeartifact:ReadFromRepository"}}},
		}}}},
		Absorbed: []string{"grant/publish-anywhere"}, Help: "https://example.com/grant/full-access", Facet: "hidden facet",
	}
}

func edge(f finding.Finding) finding.Edge {
	return finding.Edge{
		Finding: f, Status: finding.Open, Change: finding.New, Number: 1, Provisional: true,
		FirstSeen: noon.Add(-time.Hour), LastSeen: noon,
	}
}

func line(t *testing.T, event publish.Event) string {
	t.Helper()
	var out bytes.Buffer
	if err := publish.NewLines(&out).Publish(context.Background(), []publish.Event{event}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFindingEventSaysWhatTheContractSays(t *testing.T) {
	event, err := publish.Finding(envelope(), edge(sample()))
	if err != nil {
		t.Fatal(err)
	}
	got := line(t, event)
	want := `{"source":"codeartifact-auditor","detail-type":"CodeArtifact Audit Finding",` +
		`"resources":["arn:aws:iam::111122223333:role/ci#inline/p"],"time":"2026-09-24T12:00:00Z","detail":{` +
		`"metadata":{"version":"1.0","id":"` + event.ID() + `","time":"2026-09-24T12:00:00Z","account":"111122223333","region":"us-east-1",` +
		`"tool":{"name":"caudit","version":"v1.2.3","data":"2026-09-26"},` +
		`"trigger":{"kind":"change","eventId":"e-1","eventName":"PutRolePolicy","eventTime":"2026-09-24T12:00:00Z","actor":"arn:aws:iam::111122223333:user/bob"}},` +
		`"data":{"status":"OPEN","change":"NEW","edge":1,"provisional":true,"finding":{` +
		`"id":"` + sample().ID + `","group":"abababababababababababababababab","rule":"grant/full-access","severity":"high","confidence":"medium",` +
		`"message":"a & b may <everything>",` +
		`"subject":{"type":"AWS::IAM::Policy","id":"arn:aws:iam::111122223333:role/ci#inline/p","account":"111122223333"},` +
		`"affected":["arn:aws:iam::111122223333:role/ci"],` +
		`"grants":[{"policy":{"kind":"identity","name":"p","id":"arn:aws:iam::111122223333:role/ci#inline/p"},"sid":"S","pointer":"/Statement/0/Action",` +
		`"line":1,"column":2,"endLine":1,"endColumn":9,"says":"allows everything"}],` +
		`"witness":[{"caller":"arn:aws:iam::111122223333:role/ci","action":"codeartifact:DeleteDomain",` +
		`"resource":"arn:aws:codeartifact:eu-west-1:111122223333:domain/d","context":{},"decision":"allow"}],` +
		`"fixes":[{"id":"narrow","title":"narrow it","safe":false,"edits":[{"policy":"arn:aws:iam::111122223333:role/ci#inline/p",` +
		`"patch":[{"op":"replace","path":"/Statement/0/Action","value":["codeartifact:ReadFromRepository"]}]}]}],` +
		`"absorbed":["grant/publish-anywhere"],"help":"https://example.com/grant/full-access","affectedCount":1,"truncated":false},` +
		`"firstSeen":"2026-09-24T11:00:00Z","lastSeen":"2026-09-24T12:00:00Z"}}}` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEventIDIsOfFindingAndEdge(t *testing.T) {
	id := func(f finding.Finding, number int) string {
		e := edge(f)
		e.Number = number
		event, err := publish.Finding(envelope(), e)
		if err != nil {
			t.Fatal(err)
		}
		return event.ID()
	}
	other := sample()
	other.ID = strings.Repeat("0", 32)
	if id(sample(), 1) == id(sample(), 2) || id(sample(), 1) == id(other, 1) {
		t.Error("ids do not follow finding and edge")
	}
	changed := sample()
	changed.Message = "worded anew"
	if id(sample(), 1) != id(changed, 1) {
		t.Error("a repeat with another message has another id")
	}
}

func TestRegionIsTheSubjects(t *testing.T) {
	f := sample()
	f.Subject = finding.Subject{Type: finding.DomainSubject, ID: "arn:aws:codeartifact:eu-west-1:444455556666:domain/d", Account: "444455556666"}
	event, err := publish.Finding(envelope(), edge(f))
	if err != nil {
		t.Fatal(err)
	}
	if m := event.Detail.Metadata; m.Region != "eu-west-1" || m.Account != "444455556666" {
		t.Errorf("region %q, account %q", m.Region, m.Account)
	}
}

func TestListsAreNeverNull(t *testing.T) {
	f := finding.Finding{ID: "x", Severity: finding.Low, Confidence: finding.LowConfidence, Witness: []finding.Request{{}}, Fixes: []finding.Fix{{}}}
	event, err := publish.Finding(envelope(), edge(f))
	if err != nil {
		t.Fatal(err)
	}
	summary, err := publish.Completed(envelope(), &auditor.Report{})
	if err != nil {
		t.Fatal(err)
	}
	if text := line(t, event) + line(t, summary); strings.Contains(text, "null") {
		t.Errorf("null in %s", text)
	}
}

// AWS's own count: 14 bytes for the time, and source, detail type, detail and
// resources in UTF-8.
func TestEntrySizeIsAsAWSCounts(t *testing.T) {
	event := publish.Event{
		Source: "12345", DetailType: "1234567", Resources: []string{"123", "é"}, Time: noon,
		Detail: publish.Detail{Metadata: publish.Metadata{ID: "é"}, Data: "<"},
	}
	detail, size, err := event.Entry()
	if err != nil || size != 14+5+7+3+2+len(detail) || !strings.Contains(detail, `"data":"<"`) {
		t.Errorf("%d bytes for a detail of %d, %v", size, len(detail), err)
	}
}

func TestBigFindingsAreCutBelow64KB(t *testing.T) {
	grow := map[string]func(*finding.Finding){
		"principals": func(f *finding.Finding) {
			for i := range 5000 {
				f.Affected = append(f.Affected, fmt.Sprintf("arn:aws:iam::111122223333:role/team/service-%04d", i))
			}
		},
		"grants": func(f *finding.Finding) {
			for range 400 {
				g := f.Grants[0]
				g.Says = strings.Repeat("says ", 1000)
				f.Grants = append(f.Grants, g)
			}
		},
		"one long grant": func(f *finding.Finding) { f.Grants[0].Sid = strings.Repeat("S", 100000) },
		"fixes": func(f *finding.Finding) {
			f.Fixes[0].Edits[0].Patch[0].Value = strings.Repeat("v", 100000)
		},
		"witness": func(f *finding.Finding) {
			f.Witness[0].Context["aws:PrincipalTag/x"] = []string{strings.Repeat("é", 50000)}
		},
		"message": func(f *finding.Finding) { f.Message = strings.Repeat("é", 70000) },
	}
	for name, grow := range grow {
		t.Run(name, func(t *testing.T) {
			f := sample()
			grow(&f)
			affected := len(f.Affected)
			event, err := publish.Finding(envelope(), edge(f))
			if err != nil {
				t.Fatal(err)
			}
			_, size, err := event.Entry()
			if err != nil || size >= publish.MaxEntry {
				t.Errorf("entry of %d bytes, %v", size, err)
			}
			body := event.Detail.Data.(publish.FindingData).Finding
			if !body.Truncated || body.AffectedCount != affected || len(body.Affected) > 50 || len(body.Grants) > 20 || len(body.Grants) == 0 {
				t.Errorf("truncated %t, %d of %d affected, %d grants", body.Truncated, len(body.Affected), body.AffectedCount, len(body.Grants))
			}
			if len(f.Affected) != affected || len(f.Fixes) != 1 {
				t.Error("the finding itself was cut")
			}
		})
	}
}

func TestFindingThatCannotBeCutIsAnError(t *testing.T) {
	f := sample()
	f.Subject.ID = strings.Repeat("x", 70000)
	if _, err := publish.Finding(envelope(), edge(f)); err == nil || !strings.Contains(err.Error(), f.ID) {
		t.Errorf("error %v does not name the finding", err)
	}
	f = sample()
	f.Severity = 0
	if _, err := publish.Finding(envelope(), edge(f)); err == nil || !strings.Contains(err.Error(), f.ID) {
		t.Errorf("error %v does not name the finding", err)
	}
}

func TestSummaryCountsAndCuts(t *testing.T) {
	report := &auditor.Report{Findings: []finding.Finding{{Severity: finding.High}, {Severity: finding.High}, {Severity: finding.Info}}}
	for i := range 3000 {
		report.Gaps = append(report.Gaps, inventory.Gap{Where: fmt.Sprintf("policy %d", i), Reason: strings.Repeat("r", 200)})
		report.Coverage.Scopes = append(report.Coverage.Scopes, inventory.Scope{Account: "111122223333", Region: fmt.Sprint(i), Source: "codeartifact", State: "complete"})
	}
	report.Coverage.Scopes = append(report.Coverage.Scopes, inventory.Scope{Account: "111122223333", Source: "iam", State: "denied"})
	event, err := publish.Failed(envelope(), report)
	if err != nil {
		t.Fatal(err)
	}
	data := event.Detail.Data.(publish.Summary)
	want := map[string]int{"critical": 0, "high": 2, "medium": 0, "low": 0, "info": 1}
	if diff := cmp.Diff(want, data.Counts); diff != "" {
		t.Error(diff)
	}
	if _, size, _ := event.Entry(); size >= publish.MaxEntry || data.GapCount != 3000 || !data.Truncated {
		t.Errorf("%d bytes, %d gaps counted, truncated %t", size, data.GapCount, data.Truncated)
	}
	if len(data.Coverage.Scopes) == 0 || data.Coverage.Scopes[0].State != "denied" {
		t.Error("the denied scope is not first")
	}
	if event.DetailType != publish.FailedEvent || len(event.Resources) != 1 || event.Resources[0] != "arn:aws:iam::111122223333:root" {
		t.Errorf("%q about %v", event.DetailType, event.Resources)
	}
}

func TestSummaryIDsTellRunsApart(t *testing.T) {
	id := func(change func(*publish.Envelope)) string {
		e := envelope()
		change(&e)
		event, err := publish.Completed(e, &auditor.Report{})
		if err != nil {
			t.Fatal(err)
		}
		return event.ID()
	}
	first := id(func(*publish.Envelope) {})
	if first != id(func(*publish.Envelope) {}) {
		t.Error("a repeat has another id")
	}
	if first == id(func(e *publish.Envelope) { e.Time = noon.Add(time.Second) }) || first == id(func(e *publish.Envelope) { e.Account = "444455556666" }) {
		t.Error("two runs have one id")
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestLinesSayWhatCouldNotBeWritten(t *testing.T) {
	event, err := publish.Finding(envelope(), edge(sample()))
	if err != nil {
		t.Fatal(err)
	}
	err = publish.NewLines(brokenPipe{}).Publish(context.Background(), []publish.Event{event})
	if err == nil || !strings.Contains(err.Error(), event.ID()) || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("error %v", err)
	}
	err = publish.NewSweepLines(brokenPipe{}).Request(context.Background(), publish.SweepRequest{Account: "111122223333"})
	if err == nil || !strings.Contains(err.Error(), "111122223333") {
		t.Errorf("error %v", err)
	}
}

func TestSweepRequestJSON(t *testing.T) {
	var out bytes.Buffer
	lines := publish.NewSweepLines(&out)
	trigger := envelope().Trigger
	for _, request := range []publish.SweepRequest{{Account: "111122223333"}, {Account: "111122223333", Trigger: &trigger}} {
		if err := lines.Request(context.Background(), request); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"account":"111122223333"}` + "\n" +
		`{"account":"111122223333","trigger":{"kind":"change","eventId":"e-1","eventName":"PutRolePolicy","eventTime":"2026-09-24T12:00:00Z","actor":"arn:aws:iam::111122223333:user/bob"}}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	var back publish.SweepRequest
	if err := json.Unmarshal([]byte(`{"account":"111122223333"}`), &back); err != nil || back.Trigger != nil {
		t.Errorf("read back %+v, %v", back, err)
	}
}

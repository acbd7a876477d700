package history_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

const account = "111122223333"

var start = time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)

// found is a finding about the policy of that name.
func found(name string) finding.Finding {
	subject := finding.Subject{Type: finding.ManagedSubject, ID: "arn:aws:iam::111122223333:policy/" + name, Account: account}
	return finding.Finding{ID: name, Rule: "grant/full-access", Severity: finding.High, Confidence: finding.HighConfidence, Subject: subject}
}

func everywhere(finding.Finding) bool { return true }

// life applies audits to a store, a minute apart, and tells the edges.
type life struct {
	t     *testing.T
	store history.Memory
	now   time.Time
}

func (l *life) audit(a history.Audit) []history.Write {
	l.t.Helper()
	l.now = l.now.Add(time.Minute)
	if a.Observed.IsZero() {
		a.Observed = l.now
	}
	a.Account = account
	state, err := l.store.Load(context.Background(), account)
	if err != nil {
		l.t.Fatal(err)
	}
	writes := history.Compare(state, a)
	update := history.Update{Account: account, Writes: writes}
	if !a.Provisional {
		update.Swept, update.Ruleset = a.Observed, a.Ruleset
	}
	if err := l.store.Save(context.Background(), update); err != nil {
		l.t.Fatal(err)
	}
	return writes
}

// tells applies the audit and compares its edges: "id change cause/trigger".
func (l *life) tells(a history.Audit, want ...string) {
	l.t.Helper()
	got := []string{}
	for _, w := range l.audit(a) {
		if w.IsEdge() {
			got = append(got, fmt.Sprintf("%s %s%s %d %s", w.Edge.Finding.ID, w.Edge.Change, cause(w.Edge), w.Edge.Number, w.Edge.Status))
		}
	}
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		l.t.Error(diff)
	}
}

func cause(e finding.Edge) string {
	text := ""
	if e.Cause != "" {
		text = " " + string(e.Cause)
	}
	if e.Provisional {
		text += " provisional"
	}
	return text
}

func sweep(findings ...finding.Finding) history.Audit {
	return history.Audit{Findings: findings, Complete: everywhere, Ruleset: "r1", Documents: map[string]string{}}
}

// with says that the documents of these policies exist, with that content.
func with(a history.Audit, content string, names ...string) history.Audit {
	for _, name := range names {
		a.Documents[history.SubjectKey(account, found(name).Subject.ID)] = content
	}
	return a
}

func TestExceptionsComeAndGo(t *testing.T) {
	l := life{t: t, now: start}
	excepted := sweep()
	excepted.Suppressed = []finding.Finding{found("a"), found("b")}
	l.tells(sweep(found("a")), "a NEW 1 OPEN")
	l.tells(excepted, "a EXCEPTED 2 SUPPRESSED", "b EXCEPTED 1 SUPPRESSED")
	l.tells(excepted)
	l.tells(sweep(found("a")), "a EXCEPTION_EXPIRED 3 OPEN", "b RESOLVED gone 2 RESOLVED")
	l.tells(excepted, "a EXCEPTED 4 SUPPRESSED", "b EXCEPTED 3 SUPPRESSED")
}

func TestChangeOpensAndDoesNothingElse(t *testing.T) {
	l := life{t: t, now: start}
	excepted := sweep(found("open"))
	excepted.Suppressed = []finding.Finding{found("excepted")}
	l.tells(excepted, "open NEW 1 OPEN", "excepted EXCEPTED 1 SUPPRESSED")
	worse := found("open")
	worse.Severity = finding.Critical
	change := history.Audit{Provisional: true, Findings: []finding.Finding{worse, found("excepted"), found("new")}, Suppressed: []finding.Finding{found("other")}}
	l.tells(change, "new NEW provisional 1 OPEN")
	l.tells(history.Audit{Provisional: true}) // and resolves nothing
}

func TestProvisionalEnds(t *testing.T) {
	opening := with(history.Audit{Provisional: true, Findings: []finding.Finding{found("p")}, Documents: map[string]string{}}, "wide", "p")
	for _, c := range []struct {
		name  string
		sweep history.Audit
		want  string
	}{
		{"confirmed", with(sweep(found("p")), "wide", "p"), "p CHANGED 2 OPEN"},
		{"document gone", sweep(), "p TRANSIENT 2 RESOLVED"},
		{"document replaced", with(sweep(), "narrow", "p"), "p TRANSIENT 2 RESOLVED"},
		{"refuted by something else", with(sweep(), "wide", "p"), "p RESOLVED not-confirmed 2 RESOLVED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := life{t: t, now: start}
			l.tells(opening, "p NEW provisional 1 OPEN")
			l.tells(c.sweep, c.want)
		})
	}
}

func TestCauses(t *testing.T) {
	for _, c := range []struct {
		name  string
		sweep history.Audit
		want  []string
	}{
		{"fixed", with(sweep(), "narrow", "f"), []string{"f RESOLVED fixed 2 RESOLVED"}},
		{"gone", sweep(), []string{"f RESOLVED gone 2 RESOLVED"}},
		{"not looked at", history.Audit{Ruleset: "r1"}, nil},
		{"incomplete", history.Audit{Ruleset: "r1", Complete: func(finding.Finding) bool { return false }}, nil},
		{"new rules, same document", with(history.Audit{Ruleset: "r2", Complete: everywhere, Documents: map[string]string{}}, "wide", "f"), []string{"f RESOLVED rules-changed 2 RESOLVED"}},
		{"new rules, other document", with(history.Audit{Ruleset: "r2", Complete: everywhere, Documents: map[string]string{}}, "narrow", "f"), []string{"f RESOLVED fixed 2 RESOLVED"}},
		{"seen earlier", history.Audit{Observed: start, Ruleset: "r1", Complete: everywhere}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := life{t: t, now: start}
			l.tells(with(sweep(found("f")), "wide", "f"), "f NEW 1 OPEN")
			l.tells(c.sweep, c.want...)
		})
	}
}

func TestWhatIsWorthTellingAgain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*finding.Finding)
		news   bool
	}{
		"severity":   {func(f *finding.Finding) { f.Severity = finding.Critical }, true},
		"confidence": {func(f *finding.Finding) { f.Confidence = finding.LowConfidence }, true},
		"message":    {func(f *finding.Finding) { f.Message = "else" }, true},
		"affected":   {func(f *finding.Finding) { f.Affected = []string{"arn:x"} }, true},
		"absorbed":   {func(f *finding.Finding) { f.Absorbed = []string{"a/b"} }, true},
		"grant":      {func(f *finding.Finding) { f.Grants = []finding.Grant{{Says: "more"}} }, true},
		"nothing":    {func(*finding.Finding) {}, false},
		"witness":    {func(f *finding.Finding) { f.Witness = []finding.Request{{Caller: "x"}} }, false},
		"help":       {func(f *finding.Finding) { f.Help = "elsewhere" }, false},
	} {
		l := life{t: t, now: start}
		l.audit(sweep(found("f")))
		f := found("f")
		c.change(&f)
		writes := l.audit(sweep(f))
		if len(writes) != 1 || writes[0].IsEdge() != c.news {
			t.Errorf("%s: edge %t (expected %t)", name, writes[0].IsEdge(), c.news)
		}
	}
}

func TestTimesAndTriggers(t *testing.T) {
	l := life{t: t, now: start}
	byChange := history.Audit{Provisional: true, Findings: []finding.Finding{found("p")}, Trigger: finding.Trigger{Kind: finding.ByChange}}
	l.audit(byChange)
	first := sweep(found("old"))
	first.Trigger = finding.Trigger{Kind: finding.BySchedule, EventID: "s"}
	kinds := map[string]finding.TriggerKind{}
	for _, w := range l.audit(first) {
		kinds[w.Edge.Finding.ID] = w.Trigger.Kind
	}
	// What a change opened is news, even if the first sweep ends it.
	if diff := cmp.Diff(map[string]finding.TriggerKind{"old": finding.Initially, "p": finding.BySchedule}, kinds); diff != "" {
		t.Error(diff)
	}
	l.audit(sweep(found("old")))
	gone := l.audit(sweep())[0].Edge
	if gone.FirstSeen != start.Add(2*time.Minute) || gone.LastSeen != start.Add(3*time.Minute) {
		t.Errorf("first seen %s, last seen %s", gone.FirstSeen, gone.LastSeen)
	}
	back := l.audit(sweep(found("old")))[0].Edge
	if back.FirstSeen != gone.FirstSeen || back.LastSeen != start.Add(5*time.Minute) || back.Number != 3 {
		t.Errorf("reopened: %+v", back)
	}
}

func TestWhatWasSeenLaterStands(t *testing.T) {
	l := life{t: t, now: start}
	l.audit(sweep(found("f")))
	l.tells(sweep(), "f RESOLVED gone 2 RESOLVED")
	early := history.Audit{Provisional: true, Observed: start, Findings: []finding.Finding{found("f")}}
	l.tells(early)
	early.Provisional, early.Findings, early.Suppressed = false, nil, []finding.Finding{found("f")}
	l.tells(early)
}

func TestUpgradeDoesNotHideWhatAChangeOpened(t *testing.T) {
	l := life{t: t, now: start}
	l.audit(sweep())
	l.audit(history.Audit{Provisional: true, Findings: []finding.Finding{found("p")}})
	upgraded := sweep(found("new"))
	upgraded.Ruleset, upgraded.Trigger = "r2", finding.Trigger{Kind: finding.BySchedule}
	kinds := map[string]finding.TriggerKind{}
	for _, w := range l.audit(upgraded) {
		kinds[w.Edge.Finding.ID] = w.Trigger.Kind
	}
	if diff := cmp.Diff(map[string]finding.TriggerKind{"new": finding.ByUpgrade, "p": finding.BySchedule}, kinds); diff != "" {
		t.Error(diff)
	}
}

func TestSubjectKeyIsBlindToPaths(t *testing.T) {
	a := history.SubjectKey(account, "arn:aws:iam::111122223333:role/ci/build#inline/p")
	if a != history.SubjectKey(account, "arn:aws:iam::111122223333:role/build#inline/p") {
		t.Error("a path makes another subject")
	}
	if a == history.SubjectKey(account, "arn:aws:iam::111122223333:role/build#inline/q") || a == history.SubjectKey("444455556666", "arn:aws:iam::111122223333:role/ci/build#inline/p") {
		t.Error("two subjects have one key")
	}
}

func TestSaveLeavesConflictsAlone(t *testing.T) {
	ctx := context.Background()
	var m history.Memory
	mine := history.Compare(history.State{}, sweep(found("a"), found("b")))
	theirs := history.Compare(history.State{}, sweep(found("a")))
	if err := m.Save(ctx, history.Update{Account: account, Writes: theirs, Swept: start, Ruleset: "theirs"}); err != nil {
		t.Fatal(err)
	}
	err := m.Save(ctx, history.Update{Account: account, Writes: mine, Swept: start.Add(time.Hour), Ruleset: "mine"})
	var conflict *history.ConflictError
	if !errors.As(err, &conflict) || !slices.Equal(conflict.Findings, []string{"a"}) {
		t.Fatalf("error %v", err)
	}
	state, err := m.Load(ctx, account)
	if err != nil || len(state.Items) != 2 || state.Ruleset != "theirs" || state.Swept != start {
		t.Errorf("state %+v, %v", state, err)
	}
	// An old receipt does not clear a newer edge.
	if err := m.Sent(ctx, account, []history.SentEdge{{Finding: "a", Number: 7}, {Finding: "b", Number: 1}, {Finding: "nobody", Number: 1}}); err != nil {
		t.Fatal(err)
	}
	state, _ = m.Load(ctx, account)
	if got := state.Pending(); len(got) != 1 || got[0].Edge.Finding.ID != "a" {
		t.Errorf("pending %+v", got)
	}
	if len(state.AllSent().Pending()) != 0 || len(state.Pending()) != 1 {
		t.Error("AllSent changed the state it was asked of, or nothing")
	}
	delete(state.Items, "a")
	if again, _ := m.Load(ctx, account); len(again.Items) != 2 {
		t.Error("what was loaded is what is stored")
	}
}

// Whatever happens to a finding: a complete sweep leaves open exactly what it
// reports, telling it again tells nothing, and edges count without a gap.
func TestLaws(t *testing.T) {
	names := []string{"a", "b", "c"}
	rapid.Check(t, func(r *rapid.T) {
		l := life{t: t, now: start}
		numbers := map[string]int{}
		for range rapid.IntRange(1, 12).Draw(r, "audits") {
			var a history.Audit
			open := map[string]bool{}
			for _, name := range names {
				switch rapid.IntRange(0, 2).Draw(r, name) {
				case 1:
					a.Findings, open[name] = append(a.Findings, found(name)), true
				case 2:
					a.Suppressed = append(a.Suppressed, found(name))
				}
			}
			a.Provisional = rapid.Bool().Draw(r, "provisional")
			a.Ruleset = rapid.SampledFrom([]string{"r1", "r2"}).Draw(r, "rules")
			a.Complete = everywhere
			a = with(withDocuments(a), rapid.SampledFrom([]string{"x", "y"}).Draw(r, "content"), names...)
			for _, w := range l.audit(a) {
				id := w.Edge.Finding.ID
				if w.Previous != numbers[id] || w.IsEdge() && w.Edge.Number != numbers[id]+1 {
					r.Fatalf("%s: edge %d after %d", id, w.Edge.Number, numbers[id])
				}
				if w.IsEdge() && (w.Edge.Cause != "") != (w.Edge.Change == finding.Resolved) {
					r.Fatalf("%s: %s with cause %q", id, w.Edge.Change, w.Edge.Cause)
				}
				numbers[id] = w.Edge.Number
			}
			for _, w := range l.audit(a) {
				if w.IsEdge() {
					r.Fatalf("%s told twice", w.Edge.Finding.ID)
				}
			}
			if a.Provisional {
				continue
			}
			state, _ := l.store.Load(context.Background(), account)
			for _, name := range slices.Sorted(maps.Keys(state.Items)) {
				if edge := state.Items[name].Edge; (edge.Status == finding.Open) != open[name] || edge.Status == finding.Open && edge.Provisional {
					r.Fatalf("%s: %s, provisional %t, reported %t", name, edge.Status, edge.Provisional, open[name])
				}
			}
		}
	})
}

func withDocuments(a history.Audit) history.Audit {
	a.Documents = map[string]string{}
	return a
}

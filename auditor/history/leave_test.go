package history_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

// TestLeaving: what is open, excepted or provisional is resolved once; what is
// resolved already, or was seen later, is left alone; and what comes back opens.
func TestLeaving(t *testing.T) {
	l := life{t: t, now: start}
	excepted := sweep(found("open"), found("gone"))
	excepted.Suppressed = []finding.Finding{found("excepted")}
	l.tells(excepted, "open NEW 1 OPEN", "gone NEW 1 OPEN", "excepted EXCEPTED 1 SUPPRESSED")
	rest := sweep(found("open"))
	rest.Suppressed = excepted.Suppressed
	l.tells(rest, "gone RESOLVED gone 2 RESOLVED")

	leave := func(at time.Time) map[string]string {
		state, err := l.store.Load(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		writes := history.Leave(state, history.Audit{Account: account, Observed: at, Trigger: finding.Trigger{Kind: finding.BySchedule}})
		told := map[string]string{}
		for _, w := range writes {
			if !w.IsEdge() || !w.Pending || w.Trigger.Kind != finding.BySchedule {
				t.Errorf("%+v is no news", w)
			}
			told[w.Edge.Finding.ID] = string(w.Edge.Change) + " " + string(w.Edge.Cause)
		}
		if err := l.store.Save(t.Context(), history.Update{Account: account, Writes: writes}); err != nil {
			t.Fatal(err)
		}
		return told
	}
	if told := leave(start); len(told) != 0 {
		t.Errorf("seen later than the leave, and told %v", told)
	}
	want := map[string]string{"open": "RESOLVED account-left", "excepted": "RESOLVED account-left"}
	if diff := cmp.Diff(want, leave(start.Add(time.Hour))); diff != "" {
		t.Error(diff)
	}
	if told := leave(start.Add(2 * time.Hour)); len(told) != 0 {
		t.Errorf("told twice: %v", told)
	}
	l.now = start.Add(3 * time.Hour)
	l.tells(sweep(found("open")), "open REOPENED 3 OPEN")
}

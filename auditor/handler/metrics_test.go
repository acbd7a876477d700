package handler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// figures keeps what it is told, in words.
type figures struct{ told, swept []string }

func (f *figures) Pending(_ context.Context, _ string, count int, oldest time.Time) {
	if count > 0 {
		f.told = append(f.told, fmt.Sprintf("%d pending since %s", count, oldest.Format(time.TimeOnly)))
	}
}

func (f *figures) Published(_ context.Context, _ string, edges []handler.Published) {
	for _, p := range edges {
		f.told = append(f.told, fmt.Sprintf("%s after %s", p.Edge.Change, p.Lag))
	}
}

func (f *figures) Swept(_ context.Context, _ string, sweep handler.Swept) {
	word := "incomplete"
	if sweep.Complete {
		word = "complete"
	}
	f.swept = append(f.swept, fmt.Sprintf("%s, %d policies, %d not evaluated", word, sweep.Policies, sweep.NotEvaluated))
}

func (f *figures) ChangesWithoutEvent(_ context.Context, _ string, count int) {
	if count > 0 {
		f.told = append(f.told, fmt.Sprintf("%d without event", count))
	}
}

func (f *figures) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(f.told, want) {
		t.Errorf("told %q (expected %q)", f.told, want)
	}
	f.told = nil
}

func TestFigures(t *testing.T) {
	s := newStage(t)
	var f figures
	s.scan.Metrics, s.change.Metrics = &f, &f
	s.sweep(bearing)
	f.expect(t)
	s.put("NEW provisional")
	f.expect(t, "NEW after 0s")
	// An event announced it; the next change nobody did.
	s.sweep(everything, "CHANGED")
	s.now = s.now.Add(time.Hour)
	s.sweep(everything)
	f.expect(t, "CHANGED after 0s")
	s.sweep(bearing, "RESOLVED fixed")
	s.now = s.now.Add(time.Hour)
	s.sweep(bearing)
	f.expect(t, "RESOLVED after 0s", "1 without event")

	s.sink.refuse = func(publish.Event) error { return errors.New("down") }
	payload := bridge(t, func(_, detail, _ map[string]any) { detail["eventTime"] = s.now.Format(time.RFC3339) })
	if _, err := s.change.Handle(context.Background(), payload); err == nil {
		t.Fatal("no error although nothing got out")
	}
	f.expect(t)
	since := s.now
	s.sink.refuse, s.now = nil, s.now.Add(5*time.Minute)
	if _, err := s.change.Handle(context.Background(), payload); err != nil {
		t.Fatal(err)
	}
	f.expect(t, "1 pending since "+since.Format(time.TimeOnly), "REOPENED after 5m0s")
}

func TestFiguresOfSweeps(t *testing.T) {
	request := `{"account":"111122223333"}`
	for name, c := range map[string]struct {
		read    *inventory.Inventory // nil: reading fails
		request string
		before  func(*stage)
		want    []string
	}{
		"everything read":             {read: roleWith(t, everything), want: []string{"complete, 1 policies, 0 not evaluated"}},
		"a document cut off":          {read: roleWith(t, `{"Statement":[{"Effect":"Al`), want: []string{"complete, 1 policies, 1 not evaluated"}},
		"CodeArtifact was refused":    {read: scoped(t, "codeartifact", "denied"), want: []string{"incomplete, 1 policies, 0 not evaluated"}},
		"IAM was refused":             {read: scoped(t, "iam", "denied"), want: []string{"incomplete, 1 policies, 0 not evaluated"}},
		"a Region that is shut":       {read: scoped(t, "codeartifact", "blocked"), want: []string{"complete, 1 policies, 0 not evaluated"}},
		"suspended":                   {read: roleWith(t, everything), request: `{"account":"111122223333","state":"SUSPENDED"}`},
		"throttled, so it runs again": {},
		"state of a later version": {
			read: roleWith(t, everything), want: []string{"incomplete, 1 policies, 0 not evaluated"},
			before: func(s *stage) { s.scan.Store = new(later) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			var f figures
			s.scan.Metrics = &f
			s.reader[account] = c.read
			if c.before != nil {
				c.before(s)
			}
			text := c.request
			if text == "" {
				text = request
			}
			if _, err := s.scan.Handle(context.Background(), []byte(text)); (err != nil) != (c.read == nil) {
				t.Fatal(err)
			}
			if !slices.Equal(f.swept, c.want) {
				t.Errorf("swept %q (expected %q)", f.swept, c.want)
			}
		})
	}
}

// scoped is an account that was read but for what the scope says.
func scoped(t *testing.T, source, state string) *inventory.Inventory {
	inv := roleWith(t, everything)
	inv.Accounts[0].Scopes = append(inv.Accounts[0].Scopes, inventory.Scope{
		Account: account, Source: source, Region: "eu-west-1", State: state, Reason: "AccessDenied",
	})
	return inv
}

package handler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// figures keeps what it is told, in words.
type figures struct{ told []string }

func (f *figures) Pending(_ context.Context, _ string, count int, oldest time.Time) {
	if count > 0 {
		f.told = append(f.told, fmt.Sprintf("%d pending since %s", count, oldest.Format(time.TimeOnly)))
	}
}

func (f *figures) Published(_ context.Context, _ string, edge finding.Edge, lag time.Duration) {
	f.told = append(f.told, fmt.Sprintf("%s after %s", edge.Change, lag))
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

package history_test

import (
	"slices"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

func TestChangesThatNoEventAnnounced(t *testing.T) {
	const entity = "role/ci"
	type step struct {
		after  time.Duration
		print  string
		events map[string]time.Duration // since the start; what is known when the sweep ends
		want   []string
	}
	hour := time.Hour
	for name, steps := range map[string][]step{
		"first sweep":                 {{after: 0, print: "a"}, {after: hour, print: "a"}},
		"announced":                   {{after: 0, print: "a"}, {after: hour, print: "b", events: map[string]time.Duration{entity: hour / 2}}, {after: 2 * hour, print: "b"}},
		"announced by something":      {{after: 0, print: "a"}, {after: hour, print: "b", events: map[string]time.Duration{history.Anything: hour / 2}}, {after: 2 * hour, print: "b"}},
		"announced late":              {{after: 0, print: "a"}, {after: hour, print: "b"}, {after: 2 * hour, print: "b", events: map[string]time.Duration{entity: hour / 2}}, {after: 3 * hour, print: "b"}},
		"not announced":               {{after: 0, print: "a"}, {after: hour, print: "b"}, {after: 2 * hour, print: "b", want: []string{entity}}, {after: 3 * hour, print: "b"}},
		"another was":                 {{after: 0, print: "a"}, {after: hour, print: "b", events: map[string]time.Duration{"role/other": hour / 2}}, {after: 2 * hour, print: "b", want: []string{entity}}},
		"an earlier change was":       {{after: hour, print: "a"}, {after: 2 * hour, print: "b", events: map[string]time.Duration{entity: hour / 2}}, {after: 3 * hour, print: "b", want: []string{entity}}},
		"the event may be on its way": {{after: 0, print: "a"}, {after: hour, print: "b"}, {after: hour + history.Grace - 1, print: "b"}, {after: hour + history.Grace, print: "b", want: []string{entity}}},
		"new":                         {{after: 0}, {after: hour, print: "b"}, {after: 2 * hour, print: "b", want: []string{entity}}},
	} {
		state := history.State{}
		for i, s := range steps {
			prints := map[string]string{"role/else": "x"}
			if s.print != "" {
				prints[entity] = s.print
			}
			state.Announced = map[string]time.Time{}
			for e, at := range s.events {
				state.Announced[e] = start.Add(at)
			}
			watch, got := state.Watched(prints, start.Add(s.after))
			if !slices.Equal(got, s.want) {
				t.Errorf("%s: sweep %d: %v (expected %v)", name, i+1, got, s.want)
			}
			state = history.State{Swept: start.Add(s.after), Watch: watch}
		}
	}
}

package chaos

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// scenario is something that happens to a deployment. Before is what was before,
// undisturbed; each step is followed by everything that comes of it.
type scenario struct {
	name   string
	before func(*world)
	steps  []func(*world)
}

func swept(w *world) { w.daily() }

var scenarios = []scenario{
	{"first sweep", nil, []func(*world){
		func(w *world) { w.put(own, "build", full); w.share(own, public) },
		(*world).daily,
	}},
	{"opened, confirmed, fixed", swept, []func(*world){
		func(w *world) { w.put(own, "build", full) },
		func(w *world) { w.put(own, "build", token) },
		func(w *world) { w.take(own, "build") },
	}},
	{"opened and closed before the sweep, and opened again", swept, []func(*world){
		func(w *world) { w.put(own, "build", full); w.put(own, "build", harmless) },
		func(w *world) { w.put(own, "build", full) },
	}},
	{"a burst of changes, some of them nobody's business", swept, []func(*world){
		func(w *world) {
			for i := range 12 {
				w.put(own, fmt.Sprint("job-", i), harmless)
			}
			w.put(own, "job-3", full)
			w.share(own, public)
			w.put(own, "job-7", token)
		},
		func(w *world) { w.share(own, private); w.take(own, "job-3") },
	}},
	{"changes that no event told of", swept, []func(*world){
		func(w *world) { w.truths[own].roles["build"] = full; w.daily() },
		func(w *world) { w.truths[own].roles["build"] = harmless; w.daily() },
	}},
	{"excepted for a while", func(w *world) { w.put(own, "build", full); w.daily() }, []func(*world){
		func(w *world) {
			w.configure("version: 1\nexceptions:\n  - rules: [grant/full-access]\n    match: {principal: \"arn:aws:iam::111122223333:role/build\"}\n" +
				"    reason: while we move\n    owner: team@example.com\n    expires: " + w.now.Add(48*time.Hour).Format(time.DateOnly) + "\n")
			w.daily()
		},
		func(w *world) { w.now = w.now.Add(96 * time.Hour); w.daily() },
	}},
	{"a new version", func(w *world) { w.put(own, "build", full); w.daily() }, []func(*world){
		func(w *world) { w.version = "v1.1.0"; w.put(own, "build", token); w.daily() },
	}},
	{"accounts join and leave", swept, []func(*world){
		func(w *world) { w.join(second); w.join(third); w.put(third, "build", full); w.daily() },
		func(w *world) { w.leave(second); w.daily() },
		(*world).daily,
	}},
	{"an account is suspended and comes back", func(w *world) { w.join(second); w.daily() }, []func(*world){
		func(w *world) { w.members[1].State = "SUSPENDED"; w.daily() },
		func(w *world) { w.members[1].State = "ACTIVE"; w.put(second, "build", token); w.daily() },
	}},
}

// play runs a scenario and what comes after it: everything is mended, and the
// schedule comes three times, since an account has left after two listings.
// It returns the world and what was wrong.
func play(t *testing.T, s scenario, plan broken) (*world, []string) {
	w := newWorld(t, plan)
	w.peacefully(func() {
		if s.before != nil {
			s.before(w)
			w.settle()
			w.note()
		}
	})
	for _, step := range s.steps {
		step(w)
		w.settle()
		w.note()
	}
	wrong := w.silent()
	made := w.calls
	w.mend()
	for range 3 {
		w.daily()
	}
	w.calls = made
	return w, append(wrong, w.wrong()...)
}

// trial is a scenario with what is broken in it.
type trial struct {
	scenario scenario
	name     string
	plan     broken
	opened   map[string]string // by an event alone, when nothing is broken
}

func trials(t *testing.T) []trial {
	var all []trial
	for _, s := range scenarios {
		w, wrong := play(t, s, broken{})
		if len(wrong) > 0 {
			t.Fatalf("%s, with nothing broken: %s", s.name, strings.Join(wrong, "\n"))
		}
		if len(w.bus.events) == 0 || len(w.changes.dead)+len(w.sweeps.dead)+len(w.dead) > 0 {
			t.Fatalf("%s, with nothing broken: %d events, dead letters", s.name, len(w.bus.events))
		}
		opened := w.opened(true)
		names := map[string]bool{}
		for _, c := range w.calls {
			faults := single
			if c.several {
				faults = append(slices.Clone(single), partly)
			}
			for _, f := range faults {
				all = append(all, trial{s, fmt.Sprintf("%s: %s", c, f), broken{at: map[place]fault{c.place: f}}, opened})
			}
			names[c.call] = true
		}
		for name := range names {
			for _, f := range []fault{refused, lost, throttled, killed} {
				all = append(all, trial{s, fmt.Sprintf("%s, every one until it is mended: %s", name, f), broken{until: map[string]fault{name: f}}, opened})
			}
		}
	}
	return all
}

// TestChaos breaks each call of each scenario in each way. Whatever happens, in
// the end what is true was told, nothing that is true was told to be gone, no
// edge is missing, a repeat has the id of the original; and before everything is
// mended, what is not told is at least said to be missing.
func TestChaos(t *testing.T) {
	all := trials(t)
	distinct := map[string]bool{}
	var mu sync.Mutex
	losses, idle := 0, 0
	var running sync.WaitGroup
	next := make(chan trial)
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for trial := range next {
				w, wrong := play(t, trial.scenario, trial.plan)
				wrong = append(wrong, w.never(trial.opened)...)
				mu.Lock()
				if len(w.met) == 0 {
					idle++
				}
				distinct[trial.scenario.name+": "+trial.name] = true
				if len(wrong) > 0 {
					losses++
					if losses <= 20 {
						t.Errorf("%s: %s:\n\t%s", trial.scenario.name, trial.name, strings.Join(wrong, "\n\t"))
					}
				}
				mu.Unlock()
			}
		})
	}
	for _, trial := range all {
		next <- trial
	}
	close(next)
	running.Wait()
	t.Logf("%d distinct calls and faults in %d scenarios, %d losses", len(distinct), len(scenarios), losses)
	if len(distinct) < 2000 || len(distinct) != len(all) {
		t.Errorf("%d distinct calls and faults of %d (expected 2000)", len(distinct), len(all))
	}
	if idle > 0 {
		t.Errorf("%d faults were never met", idle)
	}
	if losses > 0 {
		t.Errorf("%d losses", losses)
	}
}

package chaos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// What TestLoad sends: bursts of changes to the roles of an organization.
const (
	loadAccounts = 20
	loadRoles    = 100 // an account
	loadBursts   = 20
	loadEvents   = 500 // a burst
)

// TestLoad sends 10,000 changes of 2,000 roles in 20 accounts through the queues
// and the functions, with nothing broken, and lets nothing get lost. It prints
// what that came to.
func TestLoad(t *testing.T) {
	w := newWorld(t, broken{})
	w.roles, w.table.pageOf = 1000, 1000
	accounts := []string{own}
	for i := range loadAccounts - 1 {
		accounts = append(accounts, fmt.Sprintf("2222%08d", i))
		w.join(accounts[i+1])
	}
	random := rand.New(rand.NewPCG(1, 2))
	documents := []string{harmless, full, token, publishes}
	for _, account := range accounts {
		for i := range loadRoles {
			w.truths[account].roles[fmt.Sprintf("job-%d", i)] = harmless
		}
	}
	w.peacefully(w.daily)

	began, from := time.Now(), len(w.bus.events)
	touched := map[string]bool{}
	for range loadBursts {
		for range loadEvents {
			account, role := accounts[random.IntN(len(accounts))], fmt.Sprintf("job-%d", random.IntN(loadRoles))
			touched[account+role] = true
			w.put(account, role, documents[random.IntN(len(documents))])
		}
		w.settle()
	}
	took := time.Since(began)

	if wrong := w.wrong(); len(wrong) > 0 {
		t.Errorf("%d things are wrong:\n%s", len(wrong), strings.Join(wrong[:min(20, len(wrong))], "\n"))
	}
	if n := len(w.changes.dead) + len(w.sweeps.dead) + len(w.dead); n > 0 {
		t.Errorf("%d dead letters", n)
	}
	kinds, calls := map[string]int{}, map[string]int{}
	for _, e := range w.bus.events[from:] {
		kinds[e.kind]++
	}
	for _, c := range w.calls {
		call, _, _ := strings.Cut(c.call, " ")
		calls[call]++
	}
	sweeps := kinds["CodeArtifact Audit Completed"]
	if sweeps == 0 || sweeps >= loadBursts*loadEvents/4 {
		t.Errorf("%d sweeps: a burst is more than one sweep an account, or none", sweeps)
	}
	t.Logf("%d changes of %d roles in %d accounts: %d sweeps, %d events about findings, %d calls, %.1f s",
		loadBursts*loadEvents, len(touched), loadAccounts, sweeps, kinds["CodeArtifact Audit Finding"], len(w.calls), took.Seconds())
	for _, call := range slices.Sorted(maps.Keys(calls)) {
		t.Logf("%7d %s", calls[call], call)
	}
}

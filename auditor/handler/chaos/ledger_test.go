package chaos

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ledger is what the bus says of each finding: its edges by their numbers.
type ledger map[string]map[int]detail

func (w *world) ledger() (ledger, []string) {
	all, wrong := ledger{}, []string(nil)
	names := map[string]string{} // what an event's id stands for
	for _, e := range w.bus.events {
		data := e.detail.Data
		if data.Finding.ID == "" {
			continue
		}
		what := fmt.Sprintf("%s, edge %d, %s %s", data.Finding.ID, data.Edge, data.Status, data.Change)
		if other, known := names[e.detail.Metadata.ID]; known && other != what {
			wrong = append(wrong, fmt.Sprintf("one id for two: %q and %q", other, what))
		}
		names[e.detail.Metadata.ID] = what
		if all[data.Finding.ID] == nil {
			all[data.Finding.ID] = map[int]detail{}
		}
		if was, repeated := all[data.Finding.ID][data.Edge]; repeated && was.Metadata.ID != e.detail.Metadata.ID {
			wrong = append(wrong, fmt.Sprintf("%s is told again under another id", what))
		}
		all[data.Finding.ID][data.Edge] = e.detail
	}
	return all, wrong
}

// open returns the findings of which the last edge says that they are open.
func (l ledger) open() map[string]string {
	is := map[string]string{}
	for id, edges := range l {
		if last := edges[slices.Max(slices.Collect(maps.Keys(edges)))]; last.Data.Status == "OPEN" {
			is[id] = last.Data.Finding.Rule
		}
	}
	return is
}

// wrong returns what was lost or is not true, once everything has come to rest.
func (w *world) wrong() []string {
	l, wrong := w.ledger()
	is, told := w.actual(true), l.open()
	for id, rule := range is {
		if _, ok := told[id]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s is true and not told: %s", rule, id))
		}
	}
	for id, rule := range told {
		if _, ok := is[id]; !ok && !w.neverListed(l[id][1].Metadata.Account) {
			wrong = append(wrong, fmt.Sprintf("%s is told and not true: %s", rule, id))
		}
	}
	for id, edges := range l {
		for n := 1; n <= len(edges); n++ {
			if _, ok := edges[n]; !ok {
				wrong = append(wrong, fmt.Sprintf("edge %d of %s is lost: %v", n, id, slices.Sorted(maps.Keys(edges))))
			}
		}
	}
	for key, item := range w.table.items {
		if pending, ok := item["pending"].(*types.AttributeValueMemberBOOL); ok && pending.Value {
			wrong = append(wrong, "still pending: "+key)
		}
	}
	wrong = append(wrong, w.closedWhileTrue()...)
	for _, m := range w.members {
		if end := w.end(m.Account); end.kind != "CodeArtifact Audit Completed" || len(end.detail.Data.Gaps) > 0 {
			wrong = append(wrong, fmt.Sprintf("the last sweep of %s ended with %q", m.Account, end.kind))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// neverListed reports whether the account came and went while the roll could not
// be kept, and the dead letters of dispatch say so. Then nobody knows that it
// left; its findings stay, and `caudit findings` calls it stale.
func (w *world) neverListed(account string) bool {
	_, listed := w.table.items["organization account#"+account]
	_, there := w.truths[account]
	for _, m := range w.members {
		there = there && m.Account != account
	}
	return !listed && there && len(w.dead) > 0
}

// closedWhileTrue returns findings that were told to be gone although they were
// true all the time since they first were.
func (w *world) closedWhileTrue() []string {
	var wrong []string
	for i, e := range w.bus.events {
		id := e.detail.Data.Finding.ID
		if w.always[id] && i >= w.since[id] && e.detail.Data.Status == "RESOLVED" {
			wrong = append(wrong, fmt.Sprintf("%s of %s was told to be gone and was not", e.detail.Data.Finding.Rule, e.detail.Data.Finding.Subject.ID))
		}
	}
	return wrong
}

// end is the event that ended the last sweep of an account.
func (w *world) end(account string) published {
	for _, e := range slices.Backward(w.bus.events) {
		if e.detail.Metadata.Account == account && e.detail.Data.Finding.ID == "" {
			return e
		}
	}
	return published{}
}

// silent returns what is true and was not told, or was told and is not true, with
// nothing to say so: no dead letter, no sweep that failed or has gaps.
func (w *world) silent() []string {
	l, _ := w.ledger()
	is, told := w.actual(false), l.open()
	said := len(w.changes.dead) + len(w.sweeps.dead) + len(w.dead)
	for _, e := range w.bus.events {
		if e.kind == "CodeArtifact Audit Failed" || len(e.detail.Data.Gaps) > 0 {
			said++
		}
	}
	silent := w.closedWhileTrue()
	if said > 0 {
		return silent
	}
	for id, rule := range is {
		if _, ok := told[id]; !ok {
			silent = append(silent, fmt.Sprintf("%s is true, not told, and nothing says so: %s", rule, id))
		}
	}
	for id, rule := range told {
		if _, ok := is[id]; !ok {
			silent = append(silent, fmt.Sprintf("%s is told, not true, and nothing says so: %s", rule, id))
		}
	}
	return silent
}

// opened returns the findings that were ever told to be open, or those that the
// document of an event was enough for.
func (w *world) opened(alone bool) map[string]string {
	ever := map[string]string{}
	for _, e := range w.bus.events {
		if e.detail.Data.Status == "OPEN" && (e.detail.Data.Alone || !alone) {
			ever[e.detail.Data.Finding.ID] = e.detail.Data.Finding.Rule
		}
	}
	return ever
}

// never returns findings of which nobody heard, not even that they came and
// went, and whose event is no dead letter.
func (w *world) never(undisturbed map[string]string) []string {
	if len(w.changes.dead) > 0 {
		return nil
	}
	var never []string
	ever := w.opened(false)
	for id, rule := range undisturbed {
		if _, ok := ever[id]; !ok {
			never = append(never, fmt.Sprintf("%s came and went, and was never told: %s", rule, id))
		}
	}
	return never
}

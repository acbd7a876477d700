package history

import (
	"maps"
	"slices"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Roll is what is remembered of the accounts that were listed, and of the
// control policies above them.
type Roll struct {
	Organization string    // o-…, empty for a list that somebody wrote
	Management   string    // its management account
	Listed       time.Time // when accounts were last listed
	Read         time.Time // when the control policies were last read; zero for never
	Entries      map[string]Entry
	Policies     map[string]inventory.ControlPolicy // by id
}

// Entry is an account on the roll.
type Entry struct {
	State string // as it was last listed
	// Missing counts the listings in a row without the account, Missed tells the
	// last of them, and Listed the last listing with it. They are zero while it is
	// listed, so that an account of which there is no news costs no write.
	Missing        int
	Missed, Listed time.Time
	// Guards are the ids of the control policies from the root down to the
	// account, one list a level; nil when they are not known.
	Guards [][]string
}

// An account has left after two listings without it: one may be wrong. Listings
// less than an hour apart count as one, so that a dispatch that is run again
// after an error does not count twice. That an account left is told by three
// dispatches, should one of them fail; then it is forgotten.
const (
	listingsApart = time.Hour
	leftAfter     = 2
	toldUntil     = leftAfter + 2
)

// Call takes up a listing and returns the roll after it, and the accounts that
// have left, sorted. Where the listing brings no control policies those that are
// known stand. An account that comes back is on the roll like any other.
func (r Roll) Call(listed inventory.Organization, now time.Time) (after Roll, left []string) {
	after = Roll{
		Organization: listed.ID, Management: listed.Management, Listed: now, Read: r.Read,
		Entries: make(map[string]Entry, len(listed.Members)), Policies: r.Policies,
	}
	if listed.Policies != nil {
		after.Read, after.Policies = now, make(map[string]inventory.ControlPolicy, len(listed.Policies))
		for _, p := range listed.Policies {
			after.Policies[p.ID] = p
		}
	}
	for _, m := range listed.Members {
		entry := Entry{State: m.State, Guards: m.Guards}
		if listed.Policies == nil {
			entry.Guards = r.Entries[m.Account].Guards
		}
		after.Entries[m.Account] = entry
	}
	for _, account := range slices.Sorted(maps.Keys(r.Entries)) {
		if _, here := after.Entries[account]; here {
			continue
		}
		entry := r.Entries[account].miss(r.Listed, now)
		if entry.Missing >= toldUntil {
			continue
		}
		after.Entries[account] = entry
		if entry.Left() {
			left = append(left, account)
		}
	}
	return after, left
}

// miss returns the entry after a listing without the account; before is when
// accounts were listed the last time.
func (e Entry) miss(before, now time.Time) Entry {
	if e.Missing == 0 {
		e.Listed = before
	}
	if e.Missing == 0 || now.Sub(e.Missed) >= listingsApart {
		e.Missing, e.Missed = e.Missing+1, now
	}
	e.Guards = nil
	return e
}

// Left reports whether the account has left.
func (e Entry) Left() bool { return e.Missing >= leftAfter }

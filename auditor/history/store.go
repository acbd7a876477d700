// Package history remembers: it compares what an audit found with what was
// known before and yields the edges, the news. What it remembers lies in a
// store of three methods.
package history

import (
	"context"
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Schema is the number of the form in which items are stored. A state with a
// higher number was written by a later version and must not be written over.
const Schema = 1

// Store keeps the state of accounts. An edge is saved as pending, published,
// and then marked as sent; an edge that stays pending is published again by
// the next run. So every edge is published at least once.
type Store interface {
	// Load returns what is known of the account, or only of these findings of
	// it; for an account that was never saved, a state without items.
	Load(ctx context.Context, account string, findings ...string) (State, error)
	// Save writes the update: each item on condition that the stored number of
	// its edge is still Previous. An item that another run wrote in between is
	// left as it is and named by the *ConflictError returned; all others are
	// written. The account's own record is written only without conflict, and
	// never set back to an earlier sweep.
	Save(ctx context.Context, update Update) error
	// Sent clears the pending flag of the findings whose stored edge still has
	// that number.
	Sent(ctx context.Context, account string, sent []SentEdge) error
}

// State is what is known of one account.
type State struct {
	Schema  int
	Account string
	Swept   time.Time // when the last sweep began to read; zero before the first
	Ruleset string    // the rules and data of that sweep
	Seen    Seen      // by that sweep
	Items   map[string]Item
	// Watch is that of the last sweep; Announced tells the last event that named an
	// entity. Both are left out where only some findings were asked for.
	Watch     Watch
	Announced map[string]time.Time
}

// Seen is what a sweep's findings are out of, and what it could not judge.
type Seen struct {
	Coverage auditor.Coverage `json:"coverage"`
	Gaps     []inventory.Gap  `json:"gaps"`
}

// Item is what is known of one finding.
type Item struct {
	Edge finding.Edge // the last one
	// Pending: the edge was saved and not yet seen to be published.
	Pending bool
	Trigger finding.Trigger // of the edge
	// Observed is when what the item says was seen: when the sweep began to
	// read, or when the change happened.
	Observed time.Time
	// Document is the fingerprint of the subject's document at that time.
	Document string
	// Told is the fingerprint of what was last told of the finding: while it
	// stays, there is no news.
	Told string
}

// Update is what one run writes.
type Update struct {
	Account string
	Writes  []Write
	Swept   time.Time // zero: the account's own record is not written
	Ruleset string
	Seen    Seen
	Watch   Watch
	// Announced is when events named entities. It is written whatever becomes of
	// the rest.
	Announced map[string]time.Time
}

// Write is an item to be written if the stored edge has the number Previous;
// 0 means that there is none.
type Write struct {
	Item
	Previous int
}

// IsEdge reports whether the write is news; otherwise it refreshes what is known.
func (w Write) IsEdge() bool { return w.Edge.Number != w.Previous }

// SentEdge names an edge.
type SentEdge struct {
	Finding string
	Number  int
}

// ConflictError names findings that another run wrote in between. A retry
// from Load settles it.
type ConflictError struct {
	Account  string
	Findings []string
}

// Error names the account and the findings.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("account %s: written by another run in between: findings %v", e.Account, e.Findings)
}

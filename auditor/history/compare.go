package history

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// Audit is the outcome of an audit as history sees it.
type Audit struct {
	Account string
	// Observed is when the reading began, or when the change happened.
	Observed   time.Time
	Findings   []finding.Finding
	Suppressed []finding.Finding
	Ruleset    string // differs when rules or data differ
	Trigger    finding.Trigger
	// Provisional: only the document of one change was judged. Such an audit
	// opens findings and does nothing else.
	Provisional bool
	// Complete reports whether everything that could make the finding again
	// was read, so that its absence is news. Nil: never.
	Complete func(finding.Finding) bool
	// Documents holds a fingerprint of the document of each subject that
	// exists, by SubjectKey.
	Documents map[string]string
}

// SubjectKey names a subject in Audit.Documents. Like ids of findings, it is
// blind to the paths of users, roles and groups.
func SubjectKey(account, id string) string {
	return finding.Identify("", finding.Subject{Account: account, ID: id}, "")
}

// Compare returns what to write, and with it the news: a write for each
// finding whose state moved (IsEdge) or was seen again, in the order of the
// audit, then those no longer seen by id. It is pure. Items observed later than the audit are left alone: order is by
// time of observation, not of arrival.
func Compare(state State, audit Audit) []Write {
	c := comparison{state: state, audit: audit}
	c.upgrade = !audit.Provisional && !state.Swept.IsZero() && state.Ruleset != audit.Ruleset
	seen := make(map[string]bool)
	for _, f := range audit.Findings {
		seen[f.ID] = true
		c.open(f)
	}
	for _, f := range audit.Suppressed {
		seen[f.ID] = true
		c.suppress(f)
	}
	if !audit.Provisional {
		for _, id := range slices.Sorted(maps.Keys(state.Items)) {
			if !seen[id] {
				c.miss(state.Items[id])
			}
		}
	}
	return c.writes
}

type comparison struct {
	state   State
	audit   Audit
	upgrade bool
	writes  []Write
}

// stale reports whether the item says something newer than the audit saw.
func (c *comparison) stale(item Item) bool { return item.Observed.After(c.audit.Observed) }

// open: the audit reports the finding.
func (c *comparison) open(f finding.Finding) {
	item, known := c.state.Items[f.ID]
	switch {
	case known && c.stale(item) && c.audit.Provisional && item.Edge.Provisional && item.Edge.Status == finding.Open:
		c.earlier(item)
	case known && c.stale(item):
	case !known:
		c.edge(Item{}, f, finding.Open, finding.New, "")
	case item.Edge.Status == finding.Closed:
		c.edge(item, f, finding.Open, finding.Reopened, "")
	case c.audit.Provisional && item.Edge.Provisional:
		c.again(item, f)
	case c.audit.Provisional: // a sweep has seen more than this one document
	case item.Edge.Status == finding.Suppressed:
		c.edge(item, f, finding.Open, finding.ExceptionExpired, "")
	case item.Edge.Provisional || item.Told != told(f):
		c.edge(item, f, finding.Open, finding.Changed, "")
	default:
		c.refresh(item, f)
	}
}

// suppress: the audit reports the finding as excepted.
func (c *comparison) suppress(f finding.Finding) {
	item, known := c.state.Items[f.ID]
	switch {
	case c.audit.Provisional || known && c.stale(item):
	case known && item.Edge.Status == finding.Suppressed:
		c.refresh(item, f)
	default:
		c.edge(item, f, finding.Suppressed, finding.Excepted, "")
	}
}

// miss: the audit does not report what is known. That is news only where it
// looked.
func (c *comparison) miss(item Item) {
	if item.Edge.Status == finding.Closed || c.stale(item) || c.audit.Complete == nil || !c.audit.Complete(item.Edge.Finding) {
		return
	}
	subject := item.Edge.Finding.Subject
	document, exists := c.audit.Documents[SubjectKey(subject.Account, subject.ID)]
	same := exists && document == item.Document
	switch {
	case item.Edge.Provisional && same:
		c.edge(item, item.Edge.Finding, finding.Closed, finding.Resolved, finding.NotConfirmed)
	case item.Edge.Provisional:
		c.edge(item, item.Edge.Finding, finding.Closed, finding.Transient, "")
	case c.upgrade && same:
		c.edge(item, item.Edge.Finding, finding.Closed, finding.Resolved, finding.RulesChanged)
	case exists:
		c.edge(item, item.Edge.Finding, finding.Closed, finding.Resolved, finding.Fixed)
	default:
		c.edge(item, item.Edge.Finding, finding.Closed, finding.Resolved, finding.Gone)
	}
}

func (c *comparison) edge(from Item, f finding.Finding, status finding.Status, change finding.Change, cause finding.Cause) {
	edge := finding.Edge{
		Finding: f, Status: status, Change: change, Cause: cause, Number: from.Edge.Number + 1,
		Provisional: c.audit.Provisional, FirstSeen: from.Edge.FirstSeen, LastSeen: c.audit.Observed,
	}
	if from.Edge.Number == 0 {
		edge.FirstSeen = c.audit.Observed
	}
	if status == finding.Closed {
		edge.LastSeen = from.Edge.LastSeen
	}
	c.writes = append(c.writes, Write{Previous: from.Edge.Number, Item: Item{
		Edge: edge, Pending: true, Trigger: c.trigger(from), Observed: c.audit.Observed,
		Document: c.audit.Documents[SubjectKey(f.Subject.Account, f.Subject.ID)], Told: told(f),
	}})
}

// again: one more change says what an earlier one said, and no sweep has looked
// since. The sweep compares with the last document.
func (c *comparison) again(item Item, f finding.Finding) {
	item.Edge.Finding, item.Edge.LastSeen, item.Told = f, c.audit.Observed, told(f)
	item.Observed, item.Document = c.audit.Observed, c.audit.Documents[SubjectKey(f.Subject.Account, f.Subject.ID)]
	c.writes = append(c.writes, Write{Previous: item.Edge.Number, Item: item})
}

// earlier: the change that was first arrives after another.
func (c *comparison) earlier(item Item) {
	if c.audit.Observed.Before(item.Edge.FirstSeen) && item.Edge.Change == finding.New {
		item.Edge.FirstSeen = c.audit.Observed
		c.writes = append(c.writes, Write{Previous: item.Edge.Number, Item: item})
	}
}

func (c *comparison) refresh(item Item, f finding.Finding) {
	number := item.Edge.Number
	item.Edge.Finding, item.Edge.LastSeen = f, c.audit.Observed
	item.Observed, item.Document = c.audit.Observed, c.audit.Documents[SubjectKey(f.Subject.Account, f.Subject.ID)]
	c.writes = append(c.writes, Write{Previous: number, Item: item})
}

// trigger returns why an edge is told. What the first sweep of an account
// finds was there before us, and what new rules find was there before them;
// a finding opened by a change is news whenever the sweep comes.
func (c *comparison) trigger(from Item) finding.Trigger {
	trigger := c.audit.Trigger
	switch {
	case c.audit.Provisional || from.Edge.Provisional:
	case c.state.Swept.IsZero() && from.Edge.Number == 0:
		trigger.Kind = finding.Initially
	case c.upgrade:
		trigger.Kind = finding.ByUpgrade
	}
	return trigger
}

// told returns the fingerprint of what a reader would want to hear again.
// Positions, versions and witnesses move with every edit of a policy and say
// nothing new.
func told(f finding.Finding) string {
	hash := sha256.New()
	say := func(words ...string) {
		fmt.Fprintf(hash, "%d\x00", len(words))
		for _, word := range words {
			fmt.Fprintf(hash, "%d\x00%s", len(word), word)
		}
	}
	say(f.Severity.String(), f.Confidence.String(), f.Message)
	say(f.Affected...)
	say(f.Absorbed...)
	for _, g := range f.Grants {
		say(g.Policy.ID, g.Says)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// Pending returns the items whose edge was saved and not seen to be published,
// sorted by finding id: the next run publishes them again before it looks.
func (s State) Pending() []Item {
	var pending []Item
	for _, id := range slices.Sorted(maps.Keys(s.Items)) {
		if s.Items[id].Pending {
			pending = append(pending, s.Items[id])
		}
	}
	return pending
}

// AllSent returns the state after every pending edge was published.
func (s State) AllSent() State {
	items := make(map[string]Item, len(s.Items))
	for id, item := range s.Items {
		item.Pending = false
		items[id] = item
	}
	s.Items = items
	return s
}

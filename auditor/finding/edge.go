package finding

import (
	"strconv"
	"time"
)

// Edge is a step in the life of a finding: what an event tells.
type Edge struct {
	Finding Finding
	Status  Status // after the step
	Change  Change
	// Number counts the edges of one finding from 1, so that a repeat of an
	// edge is told from a second one of its kind.
	Number int
	Cause  Cause // of RESOLVED, else empty
	// Provisional: judged from the document of one event alone; the next
	// sweep confirms or refutes it.
	Provisional         bool
	FirstSeen, LastSeen time.Time
}

// ID returns the id of the event that tells the edge: the hash of finding id
// and edge number. A repeat of the event has the same id.
func (e Edge) ID() string { return digest("caudit/edge/1", e.Finding.ID, strconv.Itoa(e.Number)) }

// Status is where a finding stands.
type Status string

// The statuses of the contract.
const (
	Open       Status = "OPEN"
	Closed     Status = "RESOLVED"
	Suppressed Status = "SUPPRESSED"
)

// Change is the kind of an edge.
type Change string

// The changes of the contract.
const (
	New              Change = "NEW"
	Changed          Change = "CHANGED"
	Reopened         Change = "REOPENED"
	Resolved         Change = "RESOLVED"
	Excepted         Change = "EXCEPTED"
	ExceptionExpired Change = "EXCEPTION_EXPIRED"
	Transient        Change = "TRANSIENT"
)

// Cause says why a finding is resolved.
type Cause string

// The causes of the contract.
const (
	Fixed        Cause = "fixed"
	Gone         Cause = "gone"
	NotConfirmed Cause = "not-confirmed"
	AccountLeft  Cause = "account-left"
	RulesChanged Cause = "rules-changed"
)

// Trigger says what made the auditor look.
type Trigger struct {
	Kind      TriggerKind `json:"kind"`
	EventID   string      `json:"eventId,omitempty"`
	EventName string      `json:"eventName,omitempty"`
	EventTime time.Time   `json:"eventTime,omitzero"`
	Actor     string      `json:"actor,omitempty"` // ARN of who made the change, or the service
}

// TriggerKind is the kind of a trigger.
type TriggerKind string

// The triggers of the contract.
const (
	ByChange   TriggerKind = "change"
	BySchedule TriggerKind = "schedule"
	ByHand     TriggerKind = "manual"
	Initially  TriggerKind = "initial"
	ByUpgrade  TriggerKind = "upgrade"
)

package publish

import (
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// An event lists no more than this; the counts beside the lists are complete.
const (
	maxAffected = 50
	maxGrants   = 20
)

// MaxEntry is the size below which every entry stays, as EventBridge counts
// it. SQS, SNS and chat tools downstream take no more than 256 KB, and a
// consumer that wraps the event needs room.
const MaxEntry = 64 << 10

// FindingData is the data of a finding's event.
type FindingData struct {
	Status      finding.Status `json:"status"`
	Change      finding.Change `json:"change"`
	Edge        int            `json:"edge"`
	Cause       finding.Cause  `json:"cause,omitempty"` // of a resolved finding
	Provisional bool           `json:"provisional"`
	Finding     Body           `json:"finding"`
	FirstSeen   time.Time      `json:"firstSeen"`
	LastSeen    time.Time      `json:"lastSeen"`
}

// Body is a finding cut to what an event can carry.
type Body struct {
	finding.Finding
	AffectedCount int  `json:"affectedCount"` // how many there are, listed or not
	Truncated     bool `json:"truncated"`     // something was left out; the audit's result has it all
}

// Finding returns the event that tells an edge, cut so that its entry stays
// below 64 KB. It reports an error when the edge cannot be written as JSON or
// not be cut enough; the error names the finding.
func Finding(envelope Envelope, edge finding.Edge) (Event, error) {
	event := Event{
		Source: Source, DetailType: FindingEvent, Time: envelope.Time.UTC(),
		Resources: []string{edge.Finding.Subject.ID},
	}
	data := FindingData{
		Status: edge.Status, Change: edge.Change, Edge: edge.Number, Cause: edge.Cause, Provisional: edge.Provisional,
		FirstSeen: edge.FirstSeen.UTC(), LastSeen: edge.LastSeen.UTC(),
		Finding: Body{Finding: neverNull(edge.Finding), AffectedCount: len(edge.Finding.Affected)},
	}
	if edge.Finding.Subject.Account != "" {
		envelope.Account = edge.Finding.Subject.Account
	}
	event.Detail.Metadata = envelope.metadata(edge.ID(), regionOf(edge.Finding.Subject.ID))

	for _, cut := range cuts {
		data.Finding = cut(data.Finding)
		event.Detail.Data = data
		_, size, err := event.Entry()
		if err != nil {
			return Event{}, fmt.Errorf("finding %s: write event: %w", edge.Finding.ID, err)
		}
		if size < MaxEntry {
			return event, nil
		}
	}
	return Event{}, fmt.Errorf("finding %s: its event is %d KB or more however it is cut", edge.Finding.ID, MaxEntry>>10)
}

// cuts make a body smaller, the mildest first. What says what is wrong and
// where (message, subject, the first grant) goes last.
var cuts = []func(Body) Body{
	func(b Body) Body { return b.limit(maxAffected, maxGrants) },
	func(b Body) Body {
		b.Truncated = b.Truncated || len(b.Fixes) > 0
		b.Fixes = []finding.Fix{}
		return b.limit(maxAffected, maxGrants/2)
	},
	func(b Body) Body {
		b.Truncated = b.Truncated || len(b.Witness) > 1
		b.Witness = b.Witness[:min(1, len(b.Witness))]
		return b.limit(maxAffected/5, 1)
	},
	func(b Body) Body {
		b.Truncated = true
		b.Witness = []finding.Request{}
		b.Message = prefix(b.Message, 2000)
		b.Grants = clip(b.Grants)
		return b
	},
}

func (b Body) limit(affected, grants int) Body {
	b.Truncated = b.Truncated || len(b.Affected) > affected || len(b.Grants) > grants
	b.Affected = b.Affected[:min(affected, len(b.Affected))]
	b.Grants = b.Grants[:min(grants, len(b.Grants))]
	return b
}

// clip shortens the texts of grants that come from a document.
func clip(grants []finding.Grant) []finding.Grant {
	short := make([]finding.Grant, len(grants))
	for i, g := range grants {
		g.Says, g.Sid, g.Pointer = prefix(g.Says, 500), prefix(g.Sid, 200), prefix(g.Pointer, 500)
		short[i] = g
	}
	return short
}

// prefix returns at most the first n characters of text.
func prefix(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// neverNull makes an empty list of every missing one, as the contract says.
func neverNull(f finding.Finding) finding.Finding {
	f.Affected = append([]string{}, f.Affected...)
	f.Grants = append([]finding.Grant{}, f.Grants...)
	f.Witness = append([]finding.Request{}, f.Witness...)
	f.Fixes = append([]finding.Fix{}, f.Fixes...)
	f.Absorbed = append([]string{}, f.Absorbed...)
	for i := range f.Witness {
		if f.Witness[i].Context == nil {
			f.Witness[i].Context = map[string][]string{}
		}
	}
	for i := range f.Fixes {
		f.Fixes[i].Edits = append([]finding.Edit{}, f.Fixes[i].Edits...)
	}
	return f
}

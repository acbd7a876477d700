package publish

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Summary is the data of Completed and Failed: the heartbeat with its
// denominators, and what could not be read.
type Summary struct {
	Coverage  auditor.Coverage `json:"coverage"`
	Counts    map[string]int   `json:"counts"` // findings by severity, every severity present
	Gaps      []inventory.Gap  `json:"gaps"`
	GapCount  int              `json:"gapCount"`  // how many there are, listed or not
	Truncated bool             `json:"truncated"` // lists were cut
}

// Completed returns the event of a sweep that ended, cut below 64 KB. It
// reports an error when that is not enough.
func Completed(envelope Envelope, report *auditor.Report) (Event, error) {
	return summary(CompletedEvent, envelope, report)
}

// Failed returns the event of a sweep that could not see what it was for, cut
// like Completed.
func Failed(envelope Envelope, report *auditor.Report) (Event, error) {
	return summary(FailedEvent, envelope, report)
}

func summary(kind DetailType, envelope Envelope, report *auditor.Report) (Event, error) {
	data := Summary{Coverage: report.Coverage, Counts: counts(report.Findings), Gaps: report.Gaps, GapCount: len(report.Gaps)}
	event := Event{
		Source: Source, DetailType: kind, Time: envelope.Time.UTC(),
		Resources: []string{"arn:aws:iam::" + envelope.Account + ":root"},
	}
	event.Detail.Metadata = envelope.metadata(summaryID(kind, envelope), homeRegion)

	for limit := 100; ; limit /= 4 {
		event.Detail.Data = data.limit(limit)
		_, size, err := event.Entry()
		if err != nil {
			return Event{}, fmt.Errorf("account %s: write %q: %w", envelope.Account, kind, err)
		}
		if size < MaxEntry {
			return event, nil
		}
		if limit == 0 {
			return Event{}, fmt.Errorf("account %s: %q is %d KB or more however it is cut", envelope.Account, kind, MaxEntry>>10)
		}
	}
}

// limit cuts the lists to n entries each. Scopes that are not complete come
// before the others, since they are what a reader must know.
func (s Summary) limit(n int) Summary {
	scopes := append([]inventory.Scope{}, s.Coverage.Scopes...)
	if len(scopes) > n {
		scopes = incompleteFirst(scopes)
	}
	s.Truncated = len(s.Gaps) > n || len(scopes) > n || len(s.Coverage.Assumptions) > n
	s.Gaps = append([]inventory.Gap{}, s.Gaps[:min(n, len(s.Gaps))]...)
	s.Coverage.Scopes = scopes[:min(n, len(scopes))]
	s.Coverage.Assumptions = append([]string{}, s.Coverage.Assumptions[:min(n, len(s.Coverage.Assumptions))]...)
	return s
}

func incompleteFirst(scopes []inventory.Scope) []inventory.Scope {
	var incomplete, complete []inventory.Scope
	for _, scope := range scopes {
		if scope.State == "complete" {
			complete = append(complete, scope)
		} else {
			incomplete = append(incomplete, scope)
		}
	}
	return append(incomplete, complete...)
}

func counts(findings []finding.Finding) map[string]int {
	count := make(map[string]int)
	for severity := finding.Info; severity <= finding.Critical; severity++ {
		count[severity.String()] = 0
	}
	for _, f := range findings {
		count[f.Severity.String()]++
	}
	return count
}

// summaryID tells one run of one account from every other, and a repeat of it
// from neither.
func summaryID(kind DetailType, envelope Envelope) string {
	parts := []string{"caudit/summary/1", string(kind), envelope.Account, envelope.Time.UTC().Format(time.RFC3339Nano), envelope.Trigger.EventID}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

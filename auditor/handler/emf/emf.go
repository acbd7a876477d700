// Package emf writes the figures of the functions as lines of their logs, from
// which CloudWatch makes metrics. That costs no call, and no permission.
package emf

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
)

// Namespace is that of every metric. Each has the dimension Stack, with the name
// of the stack; Findings has Severity as well.
const Namespace = "CodeArtifactAuditor"

// The metrics. Times are seconds, all else are counts.
const (
	CompleteSweeps       = "CompleteSweeps"       // sweeps that read everything they may
	IncompleteSweeps     = "IncompleteSweeps"     // sweeps that ended without a part, and are not run again for it
	Findings             = "Findings"             // findings published because they are there: new, back, or no longer excepted
	PoliciesRead         = "PoliciesRead"         // policies that a sweep judged
	NotEvaluated         = "NotEvaluated"         // parts of them that could not be judged
	PublishLagSeconds    = "PublishLagSeconds"    // from the change to the news of it
	PendingEdges         = "PendingEdges"         // news that an earlier run saved and was not seen to publish
	OldestPendingSeconds = "OldestPendingSeconds" // how long the oldest of them has waited
	ChangesWithoutEvent  = "ChangesWithoutEvent"  // documents that changed, and no event said so
)

// Metrics writes one line for each thing it is told, in the embedded metric
// format. The account is a property of the line, to be found in the logs, and no
// dimension: each value of one is a metric that costs money.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type Metrics struct {
	stack string
	now   func() time.Time

	mu sync.Mutex // a line is written whole
	to io.Writer
}

var _ handler.Metrics = (*Metrics)(nil)

// New returns the metrics of the stack with that name, written to to.
func New(to io.Writer, stack string, now func() time.Time) *Metrics {
	return &Metrics{to: to, stack: stack, now: now}
}

// Pending writes PendingEdges and OldestPendingSeconds, unless there are none.
func (m *Metrics) Pending(_ context.Context, account string, count int, oldest time.Time) {
	if count == 0 {
		return
	}
	age := max(0, m.now().Sub(oldest))
	m.write(account, "", figure{PendingEdges, "Count", count}, figure{OldestPendingSeconds, "Seconds", age.Seconds()})
}

// Published writes Findings of each severity and PublishLagSeconds.
func (m *Metrics) Published(_ context.Context, account string, published []handler.Published) {
	opened := make(map[finding.Severity]int)
	var lags []float64
	for _, p := range published {
		if opens(p.Edge.Change) {
			opened[p.Edge.Finding.Severity]++
		}
		if p.Lag > 0 {
			lags = append(lags, p.Lag.Seconds())
		}
	}
	for _, severity := range slices.Sorted(maps.Keys(opened)) {
		m.write(account, severity.String(), figure{Findings, "Count", opened[severity]})
	}
	for len(lags) > 0 {
		n := min(len(lags), maxValues)
		m.write(account, "", figure{PublishLagSeconds, "Seconds", lags[:n]})
		lags = lags[n:]
	}
}

// maxValues is how many values a metric may have in one line.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const maxValues = 100

// opens reports whether the change says that a finding is there to be looked at.
func opens(change finding.Change) bool {
	switch change {
	case finding.New, finding.Reopened, finding.Transient, finding.ExceptionExpired:
		return true
	default:
		return false
	}
}

// ChangesWithoutEvent writes the figure of that name, also when it is 0: that
// shows that somebody looked.
func (m *Metrics) ChangesWithoutEvent(_ context.Context, account string, count int) {
	m.write(account, "", figure{ChangesWithoutEvent, "Count", count})
}

// Swept writes CompleteSweeps and IncompleteSweeps, one of which is 1, and what
// was read.
func (m *Metrics) Swept(_ context.Context, account string, sweep handler.Swept) {
	complete, incomplete := 0, 1
	if sweep.Complete {
		complete, incomplete = 1, 0
	}
	m.write(account, "",
		figure{CompleteSweeps, "Count", complete}, figure{IncompleteSweeps, "Count", incomplete},
		figure{PoliciesRead, "Count", sweep.Policies}, figure{NotEvaluated, "Count", sweep.NotEvaluated},
	)
}

// figure is a metric's value: a number or several.
type figure struct {
	name, unit string
	value      any
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct{ Name, Unit string }

func (m *Metrics) write(account, severity string, figures ...figure) {
	dimensions := []string{"Stack"}
	line := map[string]any{"Stack": m.stack, "account": account}
	if severity != "" {
		dimensions = append(dimensions, "Severity")
		line["Severity"] = severity
	}
	d := directive{Namespace: Namespace, Dimensions: [][]string{dimensions}}
	for _, f := range figures {
		d.Metrics = append(d.Metrics, definition{f.name, f.unit})
		line[f.name] = f.value
	}
	line["_aws"] = map[string]any{"Timestamp": m.now().UnixMilli(), "CloudWatchMetrics": []directive{d}}
	text, err := json.Marshal(line)
	if err != nil {
		panic(err) // strings and numbers only
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// A run is worth more than its figures: without them the alarms say that
	// nothing is heard of it.
	_, _ = fmt.Fprintf(m.to, "%s\n", text)
}

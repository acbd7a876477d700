package emf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler/emf"
)

const account = "111122223333"

var noon = time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)

// written returns the lines that tell writes, each held against the format, as
// "Metric[dimensions]=value Unit".
func written(t *testing.T, tell func(*emf.Metrics)) []string {
	t.Helper()
	var text bytes.Buffer
	tell(emf.New(&text, "audit", func() time.Time { return noon }))
	var all []string
	decoder := json.NewDecoder(&text)
	for decoder.More() {
		var line map[string]any
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, figures(t, line)...)
		if line["account"] != account {
			t.Errorf("account %v", line["account"])
		}
	}
	return all
}

// figures holds a line against the specification and returns its metrics.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func figures(t *testing.T, line map[string]any) []string {
	t.Helper()
	head, _ := line["_aws"].(map[string]any)
	if head["Timestamp"] != float64(noon.UnixMilli()) {
		t.Errorf("timestamp %v (expected milliseconds)", head["Timestamp"])
	}
	directives, _ := head["CloudWatchMetrics"].([]any)
	if len(directives) != 1 {
		t.Fatalf("%d directives", len(directives))
	}
	directive, _ := directives[0].(map[string]any)
	if directive["Namespace"] != emf.Namespace {
		t.Errorf("namespace %v", directive["Namespace"])
	}
	sets, _ := directive["Dimensions"].([]any)
	if len(sets) != 1 {
		t.Fatalf("%d sets of dimensions", len(sets))
	}
	dimensions := ""
	for _, name := range sets[0].([]any) {
		value, ok := line[name.(string)].(string)
		if !ok || value == "" {
			t.Errorf("dimension %v has no text", name)
		}
		dimensions += "/" + value
	}
	var all []string
	for _, m := range directive["Metrics"].([]any) {
		metric := m.(map[string]any)
		unit := metric["Unit"].(string)
		if !slices.Contains([]string{"Count", "Seconds"}, unit) {
			t.Errorf("unit %q", unit)
		}
		value := line[metric["Name"].(string)]
		if list, ok := value.([]any); ok {
			if len(list) == 0 || len(list) > 100 {
				t.Errorf("%d values in one line", len(list))
			}
			value = fmt.Sprintf("%d values from %v", len(list), list[0])
		} else if _, ok := value.(float64); !ok {
			t.Errorf("%v has no number", metric["Name"])
		}
		all = append(all, fmt.Sprintf("%s%s=%v %s", metric["Name"], dimensions, value, unit))
	}
	return all
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSweeps(t *testing.T) {
	ctx := context.Background()
	expect(t, written(t, func(m *emf.Metrics) {
		m.Swept(ctx, account, handler.Swept{Complete: true, Policies: 40})
		m.Swept(ctx, account, handler.Swept{Policies: 12, NotEvaluated: 3})
		m.ChangesWithoutEvent(ctx, account, 0)
	}),
		"CompleteSweeps/audit=1 Count", "IncompleteSweeps/audit=0 Count", "PoliciesRead/audit=40 Count", "NotEvaluated/audit=0 Count",
		"CompleteSweeps/audit=0 Count", "IncompleteSweeps/audit=1 Count", "PoliciesRead/audit=12 Count", "NotEvaluated/audit=3 Count",
		"ChangesWithoutEvent/audit=0 Count")
}

func TestPending(t *testing.T) {
	ctx := context.Background()
	expect(t, written(t, func(m *emf.Metrics) {
		m.Pending(ctx, account, 0, time.Time{})
		m.Pending(ctx, account, 4, noon.Add(-time.Hour))
		m.Pending(ctx, account, 1, noon.Add(time.Second)) // another machine's clock
	}),
		"PendingEdges/audit=4 Count", "OldestPendingSeconds/audit=3600 Seconds",
		"PendingEdges/audit=1 Count", "OldestPendingSeconds/audit=0 Seconds")
}

func TestPublished(t *testing.T) {
	edge := func(change finding.Change, severity finding.Severity, lag time.Duration) handler.Published {
		return handler.Published{Edge: finding.Edge{Change: change, Finding: finding.Finding{Severity: severity}}, Lag: lag}
	}
	expect(t, written(t, func(m *emf.Metrics) {
		m.Published(context.Background(), account, []handler.Published{
			edge(finding.New, finding.High, 90*time.Second), edge(finding.Reopened, finding.High, 0),
			edge(finding.Transient, finding.Critical, 0), edge(finding.ExceptionExpired, finding.Low, 0),
			edge(finding.Resolved, finding.Critical, 0), edge(finding.Changed, finding.Low, 0), edge(finding.Excepted, finding.Info, 0),
		})
	}),
		"Findings/audit/low=1 Count", "Findings/audit/high=2 Count", "Findings/audit/critical=1 Count",
		"PublishLagSeconds/audit=1 values from 90 Seconds")
	expect(t, written(t, func(m *emf.Metrics) {
		m.Published(context.Background(), account, slices.Repeat([]handler.Published{edge(finding.Resolved, finding.Low, time.Second)}, 201))
	}),
		"PublishLagSeconds/audit=100 values from 1 Seconds", "PublishLagSeconds/audit=100 values from 1 Seconds", "PublishLagSeconds/audit=1 values from 1 Seconds")
}

package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

var eventsPage = filepath.Join("..", "..", "docs", "events.md")

// marked is a block of JSON of the page and the comment above it that says what
// it is.
var marked = regexp.MustCompile("(?s)<!-- (sample|pattern): (\\w+) -->\n```json\n(.*?)```\n")

func eventsPageText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(eventsPage)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The samples of docs/events.md are what the functions publish.
func TestEventsPageShowsWhatIsPublished(t *testing.T) {
	samples := map[string]string{"finding": publishedFinding(t), "completed": publishedEnd(t)}
	text := eventsPageText(t)
	shown := 0
	now := marked.ReplaceAllStringFunc(text, func(block string) string {
		part := marked.FindStringSubmatch(block)
		if part[1] != "sample" {
			return block
		}
		sample, known := samples[part[2]]
		if !known {
			t.Fatalf("no sample %s", part[2])
		}
		shown++
		return fmt.Sprintf("<!-- sample: %s -->\n```json\n%s\n```\n", part[2], sample)
	})
	if shown != len(samples) {
		t.Errorf("%d samples on the page", shown)
	}
	if now == text {
		return
	}
	if !*update {
		t.Fatal("docs/events.md shows other events than are published (go test ./auditor/handler -run EventsPage -update writes them anew)")
	}
	if err := os.WriteFile(eventsPage, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}

// publishedFinding is the smallest event of a finding among the golden ones that
// has a fix.
func publishedFinding(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "golden", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	smallest := ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, `"fixes":[{`) && (smallest == "" || len(line) < len(smallest)) {
				smallest = line
			}
		}
	}
	if smallest == "" {
		t.Fatal("no golden event has a fix")
	}
	return indented(t, smallest)
}

// publishedEnd is the event that ends a sweep of an account with one finding.
func publishedEnd(t *testing.T) string {
	t.Helper()
	var events sink
	scan := &handler.Scan{Auditor: desk(&events), Reader: reader{account: roleWith(t, everything)}}
	if _, err := scan.Handle(context.Background(), []byte(`{"account":"111122223333","trigger":{"kind":"schedule"}}`)); err != nil {
		t.Fatal(err)
	}
	last := events.events[len(events.events)-1]
	if last.DetailType != completed {
		t.Fatalf("%s", last.DetailType)
	}

	var line strings.Builder
	if err := publish.NewLines(&line).Publish(context.Background(), []publish.Event{last}); err != nil {
		t.Fatal(err)
	}
	return indented(t, line.String())
}

func indented(t *testing.T, event string) string {
	t.Helper()
	var text bytes.Buffer
	if err := json.Indent(&text, []byte(strings.TrimSpace(event)), "", "  "); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// The patterns of docs/events.md pass what the page says of them.
func TestEventsPagePatternsPassWhatItSays(t *testing.T) {
	const finding = "CodeArtifact Audit Finding"
	type told struct {
		detailType, kind, change, status, rule, account string
		provisional                                     bool
	}
	opening := []string{"NEW", "REOPENED", "EXCEPTION_EXPIRED", "TRANSIENT"}
	says := map[string]func(told) bool{
		"opened": func(e told) bool {
			return e.detailType == finding && e.kind != "initial" && e.kind != "upgrade" && slices.Contains(opening, e.change)
		},
		"tickets":  func(e told) bool { return e.detailType == finding && !e.provisional && e.change != "TRANSIENT" },
		"exposure": func(e told) bool { return e.detailType == finding && e.status == "OPEN" && e.rule == "exposure/public" },
		"account":  func(e told) bool { return e.account == account },
		"failed":   func(e told) bool { return e.detailType == failedSweep },
	}
	patterns := make(map[string]map[string]any)
	for _, part := range marked.FindAllStringSubmatch(eventsPageText(t), -1) {
		if part[1] == "pattern" {
			patterns[part[2]] = object(t, part[3])
		}
	}
	if len(patterns) != len(says) {
		t.Fatalf("%d patterns on the page, %d of them known", len(patterns), len(says))
	}
	passed := make(map[string]int)
	try := func(e told) {
		for name, pattern := range patterns {
			event := map[string]any{"source": "codeartifact-auditor", "detail-type": e.detailType, "detail": map[string]any{
				"metadata": map[string]any{"account": e.account, "trigger": map[string]any{"kind": e.kind}},
				"data":     map[string]any{},
			}}
			if e.detailType == finding {
				event["detail"].(map[string]any)["data"] = map[string]any{
					"change": e.change, "status": e.status, "provisional": e.provisional, "finding": map[string]any{"rule": e.rule},
				}
			}
			got, err := matches(pattern, event)
			if want := says[name](e); err != nil || got != want {
				t.Errorf("pattern %s: %+v: passes %t, %v", name, e, got, err)
			}
			if got {
				passed[name]++
			}
			event["source"] = "aws.codeartifact"
			if got, err := matches(pattern, event); err != nil || got {
				t.Errorf("pattern %s passes an event that is none of ours, %v", name, err)
			}
		}
	}
	for _, id := range []string{account, "444455556666"} {
		for _, kind := range []string{"change", "schedule", "manual", "initial", "upgrade"} {
			for _, end := range []string{completed, failedSweep} {
				try(told{detailType: end, kind: kind, account: id})
			}
			for change, status := range map[string]string{
				"NEW": "OPEN", "CHANGED": "OPEN", "REOPENED": "OPEN", "RESOLVED": "RESOLVED",
				"EXCEPTED": "SUPPRESSED", "EXCEPTION_EXPIRED": "OPEN", "TRANSIENT": "RESOLVED",
			} {
				for _, rule := range []string{"exposure/public", "grant/full-access"} {
					for _, provisional := range []bool{true, false} {
						try(told{finding, kind, change, status, rule, id, provisional})
					}
				}
			}
		}
	}
	for name := range says {
		if passed[name] == 0 {
			t.Errorf("pattern %s passes nothing", name)
		}
	}
}

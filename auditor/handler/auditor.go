// Package handler is what the Lambda functions and `caudit invoke` both run: a
// payload comes in, the steps that it asks for are taken.
package handler

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// Auditor judges inventories and publishes what is news.
type Auditor struct {
	Config  *config.Config // nil for the default
	Version string         // of the tool
	Now     func() time.Time
	// Store remembers between runs. Nil: no state, everything is NEW.
	Store history.Store
	Sink  publish.Sink
	Log   *slog.Logger

	// Audit judges; nil for auditor.Audit.
	Audit func(*inventory.Inventory, auditor.Options) *auditor.Report
	// Reported, if set, is handed every report that is made.
	Reported func(*auditor.Report)
}

// sight is what an auditor is shown: an inventory of one account, why and when.
type sight struct {
	account     string
	inventory   *inventory.Inventory
	trigger     finding.Trigger
	observed    time.Time
	provisional bool
	left        bool // the account is no longer listed, so nothing of it was read
}

func (a *Auditor) judge(inv *inventory.Inventory) *auditor.Report {
	audit := a.Audit
	if audit == nil {
		audit = auditor.Audit
	}
	report := audit(inv, auditor.Options{Config: a.Config, Now: a.Now().UTC(), Version: a.Version})
	if a.Reported != nil {
		a.Reported(report)
	}
	return report
}

// tell judges what it is shown and publishes the news. Edges are saved as
// pending before they are published and marked as sent after, and what an
// earlier run left pending is published first; so nothing is lost, and a
// repeat has the id of the original.
func (a *Auditor) tell(ctx context.Context, s sight) (*auditor.Report, error) {
	report := a.judge(s.inventory)
	state, err := a.load(ctx, s, report)
	if err != nil {
		return report, err
	}
	if err := a.publish(ctx, s.account, report, state.Pending()); err != nil {
		return report, err
	}
	state = state.AllSent()

	compare := history.Compare
	if s.left {
		compare = history.Leave
	}
	writes := compare(state, history.Audit{
		Account: s.account, Observed: s.observed, Findings: report.Findings, Suppressed: suppressed(report),
		Ruleset: ruleset(report), Trigger: s.trigger, Provisional: s.provisional,
		Complete: complete(s, report), Documents: documents(s.inventory),
	})
	if err := a.save(ctx, s, report, writes); err != nil {
		return report, err
	}
	var news []history.Item
	for _, write := range writes {
		if write.IsEdge() {
			news = append(news, write.Item)
		}
	}
	return report, a.publish(ctx, s.account, report, news)
}

// load returns the state of the account. Without a store it is that of an
// account that was swept before and had no findings.
func (a *Auditor) load(ctx context.Context, s sight, report *auditor.Report) (history.State, error) {
	if a.Store == nil {
		return history.State{Schema: history.Schema, Account: s.account, Swept: s.observed, Ruleset: ruleset(report)}, nil
	}
	state, err := a.Store.Load(ctx, s.account)
	if err != nil {
		return history.State{}, fmt.Errorf("account %s: load state: %w", s.account, err)
	}
	if state.Schema > history.Schema {
		return history.State{}, &newerStateError{account: s.account, schema: state.Schema}
	}
	return state, nil
}

// newerStateError: a later version of the auditor wrote the state. What this
// one knows is not enough to write over it.
type newerStateError struct {
	account string
	schema  int
}

func (e *newerStateError) Error() string {
	return fmt.Sprintf("account %s: its state has schema %d (expected at most %d): a later version of the auditor wrote it",
		e.account, e.schema, history.Schema)
}

func (a *Auditor) save(ctx context.Context, s sight, report *auditor.Report, writes []history.Write) error {
	if a.Store == nil {
		return nil
	}
	update := history.Update{Account: s.account, Writes: writes}
	if !s.provisional {
		update.Swept, update.Ruleset = s.observed, ruleset(report)
	}
	if len(writes) == 0 && s.provisional {
		return nil
	}
	if err := a.Store.Save(ctx, update); err != nil {
		return fmt.Errorf("account %s: save state: %w", s.account, err)
	}
	return nil
}

// publish sends the edges and marks those that got through as sent.
func (a *Auditor) publish(ctx context.Context, account string, report *auditor.Report, items []history.Item) error {
	if len(items) == 0 {
		return nil
	}
	var events []publish.Event
	for _, item := range items {
		envelope := publish.Envelope{Time: a.Now(), Account: account, Tool: report.Tool, Trigger: item.Trigger}
		event, err := publish.Finding(envelope, item.Edge)
		if err != nil {
			return fmt.Errorf("account %s: %w", account, err)
		}
		events = append(events, event)
	}
	failure := a.Sink.Publish(ctx, events)
	if failure != nil {
		failure = fmt.Errorf("account %s: publish: %w", account, failure)
	}
	if a.Store == nil {
		return failure
	}
	var sent []history.SentEdge
	for i, item := range items {
		if publish.Sent(failure, events[i].ID()) {
			sent = append(sent, history.SentEdge{Finding: item.Edge.Finding.ID, Number: item.Edge.Number})
		}
	}
	if err := a.Store.Sent(ctx, account, sent); err != nil && failure == nil {
		failure = fmt.Errorf("account %s: mark as sent: %w", account, err)
	}
	return failure
}

// ruleset names the rules and data that a report was made with.
func ruleset(report *auditor.Report) string { return report.Tool.Version + " " + report.Tool.Data }

func suppressed(report *auditor.Report) []finding.Finding {
	findings := make([]finding.Finding, len(report.Suppressed))
	for i, s := range report.Suppressed {
		findings[i] = s.Finding
	}
	return findings
}

// complete returns whether the absence of a finding is news: the scope of its
// subject was read completely, and no gap touches the subject or a policy that
// took part.
func complete(s sight, report *auditor.Report) func(finding.Finding) bool {
	return func(f finding.Finding) bool {
		if !scopeComplete(s, f.Subject) {
			return false
		}
		ids := []string{f.Subject.ID}
		for _, grant := range f.Grants {
			ids = append(ids, grant.Policy.ID)
		}
		for _, gap := range report.Gaps {
			for _, id := range ids {
				entity, _, _ := strings.Cut(id, "#")
				if strings.Contains(gap.Where, entity) {
					return false
				}
			}
		}
		return true
	}
}

// scopeComplete reports whether the source and Region that the subject lives
// in was read completely.
func scopeComplete(s sight, subject finding.Subject) bool {
	source, region := "iam", ""
	if subject.Type == finding.DomainSubject || subject.Type == finding.RepositorySubject {
		source = "codeartifact"
		if parts := strings.SplitN(subject.ID, ":", 5); len(parts) == 5 {
			region = parts[3]
		}
	}
	for _, account := range s.inventory.Accounts {
		for _, scope := range account.Scopes {
			if scope.Account == s.account && scope.Source == source && scope.Region == region {
				return scope.State == "complete"
			}
		}
	}
	return false
}

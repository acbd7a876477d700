package handler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
)

// settlings is how often a run loads, compares and saves while others write in
// between. They are changes that were heard of while the sweep read: each writes
// a finding once.
const settlings = 5

// tell judges what it is shown and publishes the news. What another run writes in
// between is loaded and compared with again.
func (a *Auditor) tell(ctx context.Context, s sight) (*auditor.Report, error) {
	report, err := a.judge(ctx, s.account, s.inventory)
	if err != nil {
		return report, err
	}
	for attempt := 1; ; attempt++ {
		err := a.settle(ctx, s, report)
		var conflict *history.ConflictError
		if !errors.As(err, &conflict) || attempt == settlings {
			return report, err
		}
		a.Log.InfoContext(ctx, "another run wrote in between", "account", s.account, "findings", len(conflict.Findings), "attempt", attempt)
	}
}

// settle brings the state to what the report says. Edges are saved as pending
// before they are published and marked as sent after, and what an earlier run
// left pending is published first; so nothing is lost, and a repeat has the id of
// the original.
func (a *Auditor) settle(ctx context.Context, s sight, report *auditor.Report) error {
	state, err := a.load(ctx, s, report)
	if err != nil {
		return err
	}
	pending := state.Pending()
	a.countPending(ctx, s.account, pending)
	if err := a.publish(ctx, s.account, report, pending); err != nil {
		return err
	}
	state = state.AllSent()

	compare := history.Compare
	if s.left {
		compare = history.Leave
	}
	writes := compare(state, history.Audit{
		Account: s.account, Observed: s.observed, Findings: report.Findings, Suppressed: suppressed(report),
		Ruleset: Ruleset(report.Tool), Trigger: s.trigger, Provisional: s.provisional,
		Complete: complete(s, report), Documents: documents(s.inventory),
	})
	if err := a.save(ctx, s, report, state, writes); err != nil {
		return err
	}
	var news []history.Item
	for _, write := range writes {
		if write.IsEdge() {
			news = append(news, write.Item)
		}
	}
	return a.publish(ctx, s.account, report, news)
}

// load returns the state of the account; of a change, which resolves nothing,
// only of what it found. Without a store it is that of an account that was swept
// before and had no findings.
func (a *Auditor) load(ctx context.Context, s sight, report *auditor.Report) (history.State, error) {
	var ids []string
	if s.provisional {
		for _, f := range report.Findings {
			ids = append(ids, f.ID)
		}
	}
	if a.Store == nil || s.provisional && len(ids) == 0 {
		return history.State{Schema: history.Schema, Account: s.account, Swept: s.observed, Ruleset: Ruleset(report.Tool)}, nil
	}
	state, err := a.Store.Load(ctx, s.account, ids...)
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

// save writes what a run came to. A sweep that saw IAM notes that it was there:
// what the next one finds is then not the account's first news.
func (a *Auditor) save(ctx context.Context, s sight, report *auditor.Report, state history.State, writes []history.Write) error {
	if a.Store == nil {
		return nil
	}
	update := history.Update{Account: s.account, Writes: writes}
	var unannounced []string
	if !s.provisional && scopeComplete(s, "") {
		update.Swept, update.Ruleset = s.observed, Ruleset(report.Tool)
		update.Seen = history.Seen{Coverage: report.Coverage, Gaps: report.Gaps}
		update.Watch, unannounced = state.Watched(watched(s.inventory, s.account), s.observed)
	}
	if len(writes) == 0 && update.Swept.IsZero() {
		return nil
	}
	if err := a.Store.Save(ctx, update); err != nil {
		return fmt.Errorf("account %s: save state: %w", s.account, err)
	}
	if len(unannounced) > 0 {
		a.Log.WarnContext(ctx, "changes that no event announced", "account", s.account, "count", len(unannounced), "entities", unannounced[:min(10, len(unannounced))])
	}
	if a.Metrics != nil && !update.Swept.IsZero() {
		a.Metrics.ChangesWithoutEvent(ctx, s.account, len(unannounced))
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
	var sent []history.SentEdge
	var published []Published
	for i, item := range items {
		if publish.Sent(failure, events[i].ID()) {
			sent = append(sent, history.SentEdge{Finding: item.Edge.Finding.ID, Number: item.Edge.Number})
			published = append(published, Published{Edge: item.Edge, Lag: a.lag(item.Trigger)})
		}
	}
	if a.Metrics != nil && len(published) > 0 {
		a.Metrics.Published(ctx, account, published)
	}
	if a.Store == nil {
		return failure
	}
	if err := a.Store.Sent(ctx, account, sent); err != nil && failure == nil {
		failure = fmt.Errorf("account %s: mark as sent: %w", account, err)
	}
	return failure
}

func (a *Auditor) countPending(ctx context.Context, account string, pending []history.Item) {
	if a.Metrics == nil {
		return
	}
	var oldest time.Time
	for _, item := range pending {
		if oldest.IsZero() || item.Observed.Before(oldest) {
			oldest = item.Observed
		}
	}
	a.Metrics.Pending(ctx, account, len(pending), oldest)
}

// lag is how long ago the change was that the trigger tells of; 0 when it tells
// of none, or of one that another clock says is yet to come.
func (a *Auditor) lag(t finding.Trigger) time.Duration {
	if t.Kind != finding.ByChange || t.EventTime.IsZero() {
		return 0
	}
	return max(0, a.Now().Sub(t.EventTime))
}

// Ruleset returns the hash, 32 hex digits, of the rules and data that a tool judges
// by. Their code has no hash of its own, so the version stands for it.
// Configuration takes no part: who changes it wants to hear what comes of it.
func Ruleset(tool auditor.Tool) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "caudit/ruleset/1\x00%s\x00%s", tool.Version, tool.Data)
	for _, rule := range rules.All() {
		fmt.Fprintf(hash, "\x00%s\x00%s\x00%s", rule.ID, rule.Severity, rule.Title)
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

func suppressed(report *auditor.Report) []finding.Finding {
	findings := make([]finding.Finding, len(report.Suppressed))
	for i, s := range report.Suppressed {
		findings[i] = s.Finding
	}
	return findings
}

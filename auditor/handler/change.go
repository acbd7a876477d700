package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// Sweeps takes requests for sweeps.
type Sweeps interface {
	Request(ctx context.Context, request publish.SweepRequest) error
}

// Change judges the document that a change event carries, at once and alone,
// and asks for a sweep of the account. It reads nothing.
type Change struct {
	Auditor
	Sweeps Sweeps
}

// Handle takes an SQS batch of EventBridge events, a bare EventBridge event or
// a bare CloudTrail record. What is none of our business is passed over and
// logged with its reason. What cannot be read, published or requested fails:
// as a message of its batch, or as the error of a payload without a queue.
func (c *Change) Handle(ctx context.Context, payload json.RawMessage) (Response, error) {
	all, err := messages(payload)
	if err != nil {
		c.Log.ErrorContext(ctx, "payload refused", "error", err)
		return Response{BatchItemFailures: []BatchItemFailure{}}, err
	}
	var failed failures
	for _, m := range all {
		if err := c.one(ctx, m.body); err != nil {
			c.Log.ErrorContext(ctx, "event failed", "message", m.id, "error", err)
			failed.add(m, err)
		}
	}
	return failed.result()
}

func (c *Change) one(ctx context.Context, body []byte) error {
	r, ignored, err := readEvent(body)
	if err != nil {
		return err
	}
	if ignored == "" {
		ignored = irrelevant(r)
	}
	log := c.Log.With("event", r.id, "name", r.name, "account", r.account, "subject", announced(r))
	if ignored != "" {
		log.InfoContext(ctx, "event passed over", "reason", ignored)
		return nil
	}

	// The sweep is asked for first: what judging costs is up to whoever wrote the
	// document, and the sweep tells the same news again.
	trigger := r.trigger()
	noted := c.note(ctx, r)
	asked := c.Sweeps.Request(ctx, publish.SweepRequest{Account: r.account, Trigger: &trigger})

	var told error
	inv, why := exhibited(r)
	switch {
	case why == nil:
		report, err := c.tell(ctx, sight{
			account: r.account, inventory: inv, trigger: r.trigger(), observed: r.time, provisional: true,
		})
		for _, gap := range report.Gaps {
			log.WarnContext(ctx, "not judged", "where", gap.Where)
			// A reason quotes the word that was not understood, and a log is read by
			// people who may not read policies. The sweep's event has it.
			log.DebugContext(ctx, "not judged because", "where", gap.Where, "reason", gap.Reason)
		}
		log.InfoContext(ctx, "document judged", "findings", len(report.Findings))
		told = err
	case errors.Is(why, errNoDocument):
		log.InfoContext(ctx, "nothing to judge before the sweep", "reason", why)
	default:
		log.WarnContext(ctx, "no verdict before the sweep", "reason", why)
	}

	if err := errors.Join(told, asked, noted); err != nil {
		return fmt.Errorf("event %q: %w", r.id, err)
	}
	return nil
}

// note keeps that the entity was named by an event: a change that none names
// shows that events do not arrive.
func (c *Change) note(ctx context.Context, r record) error {
	entity := announced(r)
	if c.Store == nil || entity == "" {
		return nil
	}
	update := history.Update{Account: r.account, Announced: map[string]time.Time{entity: r.time}}
	if err := c.Store.Save(ctx, update); err != nil {
		return fmt.Errorf("account %s: note the event: %w", r.account, err)
	}
	return nil
}

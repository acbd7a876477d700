package handler

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// scheduledEvent is the detail type of what EventBridge Scheduler and scheduled
// rules send.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
const scheduledEvent = "Scheduled Event"

// Dispatch asks for one sweep an account.
type Dispatch struct {
	// Accounts returns the accounts to sweep when the payload names none.
	Accounts func(ctx context.Context) ([]string, error)
	Sweeps   Sweeps
	Log      *slog.Logger
}

// Handle takes a schedule event, {} or {"accounts": […]}. Nothing is requested
// unless every account named is one. Requests that fail do not keep the others
// back.
func (d *Dispatch) Handle(ctx context.Context, payload json.RawMessage) error {
	accounts, trigger, err := d.order(ctx, payload)
	if err != nil {
		d.Log.ErrorContext(ctx, "payload refused", "error", err)
		return err
	}
	var failed []error
	for _, account := range accounts {
		if err := d.Sweeps.Request(ctx, publish.SweepRequest{Account: account, Trigger: &trigger}); err != nil {
			d.Log.ErrorContext(ctx, "sweep not requested", "account", account, "error", err)
			failed = append(failed, err)
		}
	}
	d.Log.InfoContext(ctx, "sweeps requested", "accounts", len(accounts)-len(failed), "failed", len(failed))
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d sweeps not requested: %w", len(failed), len(accounts), failed[0])
	}
	return nil
}

func (d *Dispatch) order(ctx context.Context, payload []byte) ([]string, finding.Trigger, error) {
	o, err := decodeObject("payload", payload)
	if err != nil {
		return nil, finding.Trigger{}, err
	}
	trigger := finding.Trigger{Kind: finding.ByHand}
	switch {
	case o.has("accounts"):
		accounts, err := named(o["accounts"])
		return accounts, trigger, err
	case o.has("detail-type"):
		kind, err := o.text("detail-type")
		if err != nil || kind != scheduledEvent {
			return nil, trigger, fmt.Errorf("payload: detail-type %q (expected %q)", kind, scheduledEvent)
		}
		trigger.Kind = finding.BySchedule
		trigger.EventID, _ = o.text("id")
		if when, err := o.text("time"); err == nil {
			trigger.EventTime, _ = time.Parse(time.RFC3339, when)
		}
	case len(o) > 0:
		return nil, trigger, fmt.Errorf(`payload for another function (expected a schedule event, {} or {"accounts": […]})`)
	}
	accounts, err := d.Accounts(ctx)
	if err != nil {
		return nil, trigger, fmt.Errorf("which accounts to sweep: %w", err)
	}
	return accounts, trigger, nil
}

// named reads the accounts of a payload, each once.
func named(raw json.RawMessage) ([]string, error) {
	var accounts []string
	if err := json.Unmarshal(raw, &accounts); err != nil {
		return nil, fmt.Errorf("payload: accounts is no list of account ids: %w", err)
	}
	if len(accounts) == 0 {
		return nil, fmt.Errorf("payload: accounts is empty (expected account ids, or {} for the default)")
	}
	for _, account := range accounts {
		if !arn.IsAccountID(account) {
			return nil, fmt.Errorf("payload: %q is no account id", account)
		}
	}
	slices.Sort(accounts)
	return slices.Compact(accounts), nil
}

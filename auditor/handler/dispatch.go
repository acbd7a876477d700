package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// scheduledEvent is the detail type of what EventBridge Scheduler and scheduled
// rules send.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
const scheduledEvent = "Scheduled Event"

// Dispatch asks for one sweep an account.
type Dispatch struct {
	// Accounts returns the accounts to sweep when the payload names none and there
	// is no organization.
	Accounts func(ctx context.Context) ([]string, error)
	// Organization, if set, lists them instead.
	Organization Organization
	// Rolls remembers who was listed. Nil: nobody is missed.
	Rolls  Rolls
	Sweeps SweepBatches
	Now    func() time.Time
	Log    *slog.Logger
}

// Organization lists the accounts of an organization and reads the control
// policies above them.
type Organization interface {
	// Accounts returns all accounts, or an error.
	Accounts(ctx context.Context) (inventory.Organization, error)
	// Guards returns the organization with its control policies. The error says
	// why they are not known.
	Guards(ctx context.Context, of inventory.Organization) (inventory.Organization, error)
}

// Rolls keeps the roll of accounts.
type Rolls interface {
	Load(ctx context.Context) (history.Roll, error)
	// Save writes what differs from the roll as it was loaded.
	Save(ctx context.Context, before, after history.Roll) error
}

// SweepBatches takes requests for sweeps, many at a time. An error that is a
// *publish.UnaskedError names those that were not taken.
type SweepBatches interface {
	RequestAll(ctx context.Context, requests []publish.SweepRequest) error
}

// Handle takes a schedule event, {} or {"accounts": […]}. Nothing is requested
// unless every account named is one, and none of a list that is not whole.
// Requests that fail do not keep the others back; neither does a roll that
// cannot be kept.
func (d *Dispatch) Handle(ctx context.Context, payload json.RawMessage) error {
	named, trigger, err := order(payload)
	if err != nil {
		d.Log.ErrorContext(ctx, "payload refused", "error", err)
		return err
	}
	var requests []publish.SweepRequest
	var forgotten error
	if named != nil {
		for _, account := range named {
			requests = append(requests, publish.SweepRequest{Account: account})
		}
	} else {
		listed, err := d.list(ctx)
		if err != nil {
			d.Log.ErrorContext(ctx, "no account listed", "error", err)
			return fmt.Errorf("which accounts to sweep: %w", err)
		}
		left, err := d.call(ctx, listed)
		if err != nil {
			d.Log.ErrorContext(ctx, "roll not kept: accounts that left are not noticed, control policies not renewed", "error", err)
			forgotten = err
		}
		requests = d.requests(ctx, listed, left)
	}
	for i := range requests {
		requests[i].Trigger = &trigger
	}
	return errors.Join(d.ask(ctx, requests), forgotten)
}

// order reads the payload: the accounts that it names, nil for none, and what
// triggered it.
func order(payload []byte) ([]string, finding.Trigger, error) {
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
	return nil, trigger, nil
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

// list returns the accounts and, of an organization, the control policies if
// they can be read: without them they are assumed to allow everything, as they
// could only narrow.
func (d *Dispatch) list(ctx context.Context) (inventory.Organization, error) {
	if d.Organization == nil {
		accounts, err := d.Accounts(ctx)
		var listed inventory.Organization
		for _, account := range accounts {
			listed.Members = append(listed.Members, inventory.Member{Account: account, State: inventory.Active})
		}
		return listed, err
	}
	listed, err := d.Organization.Accounts(ctx)
	if err != nil || d.Rolls == nil {
		return listed, err
	}
	within, end := d.withinTwoThirds(ctx)
	defer end()
	guarded, err := d.Organization.Guards(within, listed)
	if err != nil {
		d.Log.WarnContext(ctx, "control policies not read: the last ones hold for a day, and then they are assumed to allow everything", "error", err)
		return listed, nil
	}
	return guarded, nil
}

// withinTwoThirds returns a context that leaves a third of what remains for the
// requests: sweeps without control policies are better than none.
func (d *Dispatch) withinTwoThirds(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-deadline.Sub(d.Now())/3))
}

// call calls the roll and returns the accounts that have left.
func (d *Dispatch) call(ctx context.Context, listed inventory.Organization) ([]string, error) {
	if d.Rolls == nil {
		return nil, nil
	}
	before, err := d.Rolls.Load(ctx)
	if err != nil {
		return nil, err
	}
	after, left := before.Call(listed, d.Now().UTC())
	if err := d.Rolls.Save(ctx, before, after); err != nil {
		return nil, err // scan would not find on the roll that they left
	}
	return left, nil
}

// shown is how many accounts a line of the log names.
const shown = 20

// requests returns a request for each account. What became of an account that
// is not active, or left, is for scan to tell, in order with its sweeps.
func (d *Dispatch) requests(ctx context.Context, listed inventory.Organization, left []string) []publish.SweepRequest {
	var all []publish.SweepRequest
	var idle []string
	for _, m := range listed.Members {
		request := publish.SweepRequest{Account: m.Account}
		if m.State != "" && m.State != inventory.Active {
			request.State = m.State
			idle = append(idle, m.Account)
		}
		all = append(all, request)
	}
	for _, account := range left {
		all = append(all, publish.SweepRequest{Account: account, State: publish.Left})
	}
	if len(idle) > 0 {
		d.Log.InfoContext(ctx, "accounts that are not active", "count", len(idle), "accounts", idle[:min(shown, len(idle))])
	}
	if len(left) > 0 {
		d.Log.InfoContext(ctx, "accounts that left", "count", len(left), "accounts", left[:min(shown, len(left))])
	}
	return all
}

// ask sends the requests.
func (d *Dispatch) ask(ctx context.Context, requests []publish.SweepRequest) error {
	err := d.Sweeps.RequestAll(ctx, requests)
	failed := 0
	if unasked, some := errors.AsType[*publish.UnaskedError](err); some {
		failed = len(unasked.Unasked)
		for _, u := range unasked.Unasked[:min(shown, failed)] {
			d.Log.ErrorContext(ctx, "sweep not requested", "account", u.Account, "error", u.Err)
		}
	} else if err != nil {
		failed = len(requests)
	}
	d.Log.InfoContext(ctx, "sweeps requested", "accounts", len(requests)-failed, "failed", failed)
	return err
}

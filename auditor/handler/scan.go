package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// Reader reads an account. What it was denied is a scope of the inventory; an
// error means that nothing useful was read and that a retry may help.
type Reader interface {
	Read(ctx context.Context, account string) (*inventory.Inventory, error)
}

// Scan sweeps accounts: it reads everything, judges it, and publishes what
// changed. It alone reads, and it alone resolves.
type Scan struct {
	Auditor
	Reader Reader
	// Roll, if set, confirms that an account left before its findings are resolved.
	Roll Roll
}

// Roll says what is remembered of an account, and whether anything is.
type Roll interface {
	Entry(ctx context.Context, account string) (history.Entry, bool, error)
}

// Handle takes an SQS batch of sweep requests or a bare one. Requests for one
// account in one batch are one sweep. A sweep that fails publishes Failed and
// fails: as the messages that asked for it, or as the error of a payload
// without a queue.
func (s *Scan) Handle(ctx context.Context, payload json.RawMessage) (Response, error) {
	all, err := messages(payload)
	if err != nil {
		s.Log.ErrorContext(ctx, "payload refused", "error", err)
		return Response{BatchItemFailures: []BatchItemFailure{}}, err
	}
	var failed failures
	asking := make(map[string][]message)
	var requests []publish.SweepRequest
	for _, m := range all {
		request, err := readSweepRequest(m.body)
		if err != nil {
			s.Log.ErrorContext(ctx, "sweep request refused", "message", m.id, "error", err)
			failed.add(m, err)
			continue
		}
		if asking[request.Account] == nil {
			requests = append(requests, request)
		}
		asking[request.Account] = append(asking[request.Account], m)
	}
	for _, request := range requests {
		if err := s.Sweep(ctx, request); err != nil {
			s.Log.ErrorContext(ctx, "sweep failed", "account", request.Account, "error", err)
			for _, m := range asking[request.Account] {
				failed.add(m, err)
			}
		}
	}
	return failed.result()
}

// readSweepRequest reads {"account": "…", "trigger": {…}, "state": "…"}.
func readSweepRequest(body []byte) (publish.SweepRequest, error) {
	o, err := decodeObject("sweep request", body)
	if err != nil {
		return publish.SweepRequest{}, err
	}
	account, err := o.text("account")
	if err != nil || !arn.IsAccountID(account) {
		return publish.SweepRequest{}, fmt.Errorf("sweep request: account %q is no account id", account)
	}
	request := publish.SweepRequest{Account: account}
	if request.State, err = o.text("state"); err != nil || !stateWord.MatchString(request.State) {
		return publish.SweepRequest{}, fmt.Errorf("sweep request for account %s: state %q is no state of an account", account, request.State)
	}
	if !o.has("trigger") {
		return request, nil
	}
	request.Trigger = new(finding.Trigger)
	if err := json.Unmarshal(o["trigger"], request.Trigger); err != nil {
		return publish.SweepRequest{}, fmt.Errorf("sweep request for account %s: trigger: %w", account, err)
	}
	if err := check(request.Trigger); err != nil {
		return publish.SweepRequest{}, fmt.Errorf("sweep request for account %s: trigger: %w", account, err)
	}
	return request, nil
}

// stateWord is a state of an account, of which there may be more one day.
var stateWord = regexp.MustCompile(`^[A-Z_]{0,40}$`)

// maxWord is the longest text of a trigger: it goes into every event of the
// sweep, and no ARN, id or name is longer.
const maxWord = 2048

func check(t *finding.Trigger) error {
	switch t.Kind {
	case finding.ByChange, finding.BySchedule, finding.ByHand, finding.Initially, finding.ByUpgrade:
	default:
		return fmt.Errorf("unknown kind %q", t.Kind)
	}
	for _, word := range []string{t.EventID, t.EventName, t.Actor} {
		if len(word) > maxWord {
			return fmt.Errorf("a text of %d bytes (expected at most %d)", len(word), maxWord)
		}
	}
	t.EventTime = t.EventTime.UTC()
	if t.EventTime.Year() > 9999 {
		return fmt.Errorf("eventTime lies in the year %d", t.EventTime.Year())
	}
	return nil
}

// Sweep reads and judges one account. It ends with Completed, or with Failed
// when the account could not be seen.
func (s *Scan) Sweep(ctx context.Context, request publish.SweepRequest) error {
	trigger := finding.Trigger{Kind: finding.ByHand}
	if request.Trigger != nil {
		trigger = *request.Trigger
	}
	began := s.Now().UTC()
	request, err := s.confirmed(ctx, request)
	if err != nil {
		return err
	}
	reading, stop := s.untilLate(ctx)
	inv, failure := s.read(reading, request)
	var late error
	if reading.Err() != nil && ctx.Err() == nil {
		late = fmt.Errorf("account %s: %w", request.Account, errLate)
	}
	stop()
	if failure != nil {
		failure = errors.Join(failure, late)
		return errors.Join(failure, s.close(ctx, publish.Failed, request.Account, trigger, s.blind(request.Account, failure)))
	}

	report, err := s.tell(ctx, sight{
		account: request.Account, inventory: inv, trigger: trigger, observed: began, left: request.State == publish.Left,
	})
	if newer := (*newerStateError)(nil); errors.As(err, &newer) {
		// No retry helps, and nothing may be written.
		report.Gaps = append(report.Gaps, inventory.Gap{Where: "account " + request.Account, Reason: err.Error()})
		s.count(ctx, request, report, false)
		return s.close(ctx, publish.Failed, request.Account, trigger, report)
	}
	if unset := (*configError)(nil); errors.As(err, &unset) {
		return errors.Join(err, s.close(ctx, publish.Failed, request.Account, trigger, report))
	}
	if err != nil {
		return err
	}
	if late != nil {
		report.Gaps = append(report.Gaps, inventory.Gap{Where: "account " + request.Account, Reason: errLate.Error()})
		return errors.Join(late, s.close(ctx, publish.Failed, request.Account, trigger, report))
	}
	end := publish.Completed
	if !seen(inv) {
		end = publish.Failed
	}
	s.Log.InfoContext(ctx, "sweep ended", "account", request.Account, "findings", len(report.Findings), "gaps", len(report.Gaps))
	s.count(ctx, request, report, whole(inv))
	return s.close(ctx, end, request.Account, trigger, report)
}

var errLate = errors.New("reading was stopped before the function's time was up")

// untilLate returns the context to read in. It ends before the function does, by
// a quarter of the time that is left and at most two minutes, so that what was
// read is still judged, kept and told.
func (s *Scan) untilLate(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	reserve := min(deadline.Sub(s.Now())/4, 2*time.Minute)
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// confirmed returns the request, or one for a sweep when it says that an account
// left of which the roll says otherwise: it may be back, and whoever can send
// messages must not be able to silence an account.
func (s *Scan) confirmed(ctx context.Context, request publish.SweepRequest) (publish.SweepRequest, error) {
	if request.State != publish.Left || s.Roll == nil {
		return request, nil
	}
	entry, _, err := s.Roll.Entry(ctx, request.Account)
	if err != nil {
		return request, err
	}
	if !entry.Left() {
		s.Log.WarnContext(ctx, "account did not leave, so it is swept", "account", request.Account, "missing", entry.Missing)
		request.State = ""
	}
	return request, nil
}

// read reads the account, unless there is nothing to read.
func (s *Scan) read(ctx context.Context, request publish.SweepRequest) (*inventory.Inventory, error) {
	if request.State != "" {
		s.Log.InfoContext(ctx, "account is not active, so nothing was read", "account", request.Account, "state", request.State)
		return idle(request.Account, request.State), nil
	}
	return s.Reader.Read(ctx, request.Account)
}

// idle is the inventory of an account that nobody can use: nothing was read, its
// findings stand, and it is no gap.
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
func idle(account, state string) *inventory.Inventory {
	var b inventory.Builder
	b.AddAccount(&inventory.Account{ID: account, Scopes: []inventory.Scope{
		{Account: account, Source: "iam", State: "blocked", Reason: "the account is " + state},
	}})
	return b.Inventory()
}

// close publishes the event that ends a sweep.
func (s *Scan) close(
	ctx context.Context, end func(publish.Envelope, *auditor.Report) (publish.Event, error),
	account string, trigger finding.Trigger, report *auditor.Report,
) error {
	event, err := end(publish.Envelope{Time: s.Now(), Account: account, Tool: report.Tool, Trigger: trigger}, report)
	if err != nil {
		return err
	}
	if err := s.Sink.Publish(ctx, []publish.Event{event}); err != nil {
		return fmt.Errorf("account %s: publish: %w", account, err)
	}
	return nil
}

// unseen is the inventory of an account that could not be read.
func unseen(account string, failure error) *inventory.Inventory {
	scope := inventory.Scope{Account: account, Source: "iam", State: "failed", Reason: failure.Error()}
	return &inventory.Inventory{
		Accounts: []*inventory.Account{{ID: account, Scopes: []inventory.Scope{scope}}},
		Gaps:     []inventory.Gap{{Where: "account " + account, Reason: failure.Error()}},
	}
}

// count tells how a sweep of an active account ended. One that fails is run
// again, and counts when it ends.
func (s *Scan) count(ctx context.Context, request publish.SweepRequest, report *auditor.Report, complete bool) {
	if s.Metrics == nil || request.State != "" {
		return
	}
	s.Metrics.Swept(ctx, request.Account, Swept{
		Complete: complete, Policies: report.Coverage.Policies, NotEvaluated: report.Coverage.NotEvaluated,
	})
}

// whole reports whether no scope was refused or failed.
func whole(inv *inventory.Inventory) bool {
	for _, account := range inv.Accounts {
		for _, scope := range account.Scopes {
			if unread(scope) {
				return false
			}
		}
	}
	return true
}

func unread(scope inventory.Scope) bool { return scope.State == "denied" || scope.State == "failed" }

// seen reports whether IAM, without which there is no audit, was not refused.
func seen(inv *inventory.Inventory) bool {
	for _, account := range inv.Accounts {
		for _, scope := range account.Scopes {
			if scope.Source == "iam" && unread(scope) {
				return false
			}
		}
	}
	return true
}

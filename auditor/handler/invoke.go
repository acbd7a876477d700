package handler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// InvokeOptions say how a function is run here instead of in the cloud.
type InvokeOptions struct {
	Payload []byte
	// Inventory stands for the accounts that scan reads; nil for none. With
	// it, the sweeps that change and dispatch ask for are run too.
	Inventory *inventory.Inventory
	// Account is swept by a dispatch that names none; empty for the accounts
	// of the inventory.
	Account string
	Config  *config.Config // nil for the default
	Version string
	Now     time.Time
	Stdout  io.Writer // events, one line of JSON each
	Stderr  io.Writer // sweep requests, one line of JSON each
	Log     *slog.Logger
}

// Invoked is what came of it.
type Invoked struct {
	Function Function
	// Reports are those of the audits that were made, in order: of the
	// document in a change event, of the sweeps.
	Reports []*auditor.Report
	// Response names the messages of an SQS batch that failed.
	Response Response
}

// Invoke runs the handler of the function that the payload is for, the way the
// function runs without TABLE_NAME, BUS_NAME and SWEEP_QUEUE_URL: everything is
// NEW, events go to Stdout and sweep requests to Stderr. It needs no AWS
// account. The error is the handler's, also when only messages of a batch
// failed.
func Invoke(ctx context.Context, o InvokeOptions) (Invoked, error) {
	o.Payload = bytes.TrimPrefix(o.Payload, []byte("\ufeff"))
	function, err := Recognize(o.Payload)
	if err != nil {
		return Invoked{}, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	result := Invoked{Function: function}
	sweeps := &recorder{next: publish.NewSweepLines(o.Stderr)}
	bench := Auditor{
		Config: o.Config, Version: o.Version, Now: func() time.Time { return o.Now }, Sink: publish.NewLines(o.Stdout), Log: o.Log,
		Reported: func(r *auditor.Report) { result.Reports = append(result.Reports, r) },
	}
	scan := &Scan{Auditor: bench, Reader: shelf{o.Inventory}}
	switch function {
	case ChangeFunction:
		result.Response, err = (&Change{Auditor: bench, Sweeps: sweeps}).Handle(ctx, o.Payload)
	case ScanFunction:
		result.Response, err = scan.Handle(ctx, o.Payload)
	case DispatchFunction:
		err = (&Dispatch{Accounts: o.accounts, Sweeps: sweeps, Now: bench.Now, Log: o.Log}).Handle(ctx, o.Payload)
	}
	if err == nil && len(result.Response.BatchItemFailures) > 0 {
		err = fmt.Errorf("%s: %d messages of the batch failed, the first is %q",
			function, len(result.Response.BatchItemFailures), result.Response.BatchItemFailures[0].ItemIdentifier)
	}
	if o.Inventory != nil {
		for _, request := range sweeps.distinct() {
			err = errors.Join(err, scan.Sweep(ctx, request))
		}
	}
	return result, err
}

func (o InvokeOptions) accounts(context.Context) ([]string, error) {
	if o.Account != "" {
		return []string{o.Account}, nil
	}
	if o.Inventory == nil {
		return nil, errors.New("no account is known here (expected accounts in the payload, or an inventory)")
	}
	var ids []string
	for _, account := range o.Inventory.Accounts {
		ids = append(ids, account.ID)
	}
	return ids, nil
}

// recorder hands requests on and keeps them.
type recorder struct {
	next     *publish.SweepLines
	requests []publish.SweepRequest
}

func (r *recorder) Request(ctx context.Context, request publish.SweepRequest) error {
	r.requests = append(r.requests, request)
	return r.next.Request(ctx, request)
}

func (r *recorder) RequestAll(ctx context.Context, requests []publish.SweepRequest) error {
	r.requests = append(r.requests, requests...)
	return r.next.RequestAll(ctx, requests)
}

// distinct returns the first request of each account, as the queue would.
func (r *recorder) distinct() []publish.SweepRequest {
	seen := make(map[string]bool)
	var first []publish.SweepRequest
	for _, request := range r.requests {
		if !seen[request.Account] {
			first = append(first, request)
		}
		seen[request.Account] = true
	}
	return first
}

// shelf is a Reader of accounts that were collected before.
type shelf struct{ inventory *inventory.Inventory }

// Read returns the account as an inventory of its own. Gaps and inputs are the
// whole inventory's: they do not say whose they are.
func (s shelf) Read(_ context.Context, id string) (*inventory.Inventory, error) {
	if s.inventory == nil {
		return nil, fmt.Errorf("account %s: nothing to read it from (expected an inventory)", id)
	}
	for _, account := range s.inventory.Accounts {
		if account.ID == id {
			return &inventory.Inventory{
				Accounts: []*inventory.Account{account}, Inputs: s.inventory.Inputs, Gaps: s.inventory.Gaps,
			}, nil
		}
	}
	return nil, fmt.Errorf("account %s: not in the inventory", id)
}

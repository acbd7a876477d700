package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func (p *program) findings() *cobra.Command {
	var f flags
	var d deployed
	var accounts []string
	cmd := &cobra.Command{
		Use:   "findings",
		Short: "Print what a deployment's table says is open now",
		Example: `  caudit findings --table codeartifact-auditor
  caudit findings --account 111122223333 --format json -o open.json
  TABLE_NAME=codeartifact-auditor caudit findings --severity high`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Long: `It prints what the functions last found, as a result. Findings that are
excepted are listed as such, resolved ones are not. What one event alone says is
assumed, until a sweep confirms or refutes it. An account whose last complete
sweep is more than 26 hours old is a gap.

Exit status: as of scan.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			s, err := f.settings(p)
			if err != nil {
				return err
			}
			for _, account := range accounts {
				if !arn.IsAccountID(account) {
					return wrongUsage(fmt.Sprintf("--account %q is no account id", account), "expected 12 digits")
				}
			}
			r, err := d.open(accounts, s.now)
			if err != nil {
				return err
			}
			kept, notes := narrow(r, s)
			if err := p.show(kept, notes, s); err != nil {
				return err
			}
			p.status = verdict(kept, s, false)
			return nil
		},
	}
	f.registerShape(cmd.Flags())
	f.registerVerdict(cmd.Flags())
	d.register(cmd.Flags())
	cmd.Flags().StringVar(&f.now, "now", "", "say as of `TIME` (RFC 3339) in place of the clock's what is too old")
	cmd.Flags().StringSliceVar(&accounts, "account", nil, "print these `ACCOUNTS` alone")
	return cmd
}

// open returns what the table says as a report.
func (d *deployed) open(accounts []string, now time.Time) (*auditor.Report, error) {
	c, ctx, stop, err := d.connect()
	defer stop()
	if err != nil {
		return nil, err
	}
	table := dynamo.New(c.client, c.name)
	var states []history.State
	if len(accounts) == 0 {
		states, err = dynamo.Accounts(ctx, c.client, c.name)
	}
	for _, account := range accounts {
		state, failed := table.Load(ctx, account)
		if failed != nil {
			err = failed
			break
		}
		states = append(states, state)
	}
	if err != nil {
		return nil, c.explain(err, "dynamodb:Query, Scan and GetItem")
	}
	cfg, err := table.Configure(ctx)
	if err != nil {
		return nil, c.explain(err, "dynamodb:Query, Scan and GetItem")
	}
	nothing := auditor.Audit(&inventory.Inventory{}, auditor.Options{Now: now, Version: buildVersion()})
	nothing.Inputs = []inventory.Input{{Path: "table " + c.name, Kind: "live"}}
	for _, state := range states {
		if state.Schema > history.Schema {
			return nil, fmt.Errorf("table %s: account %s has schema %d (expected at most %d): a later version of the auditor wrote it", c.name, state.Account, state.Schema, history.Schema)
		}
		add(nothing, state, cfg)
	}
	slices.SortFunc(nothing.Findings, inOrder)
	slices.SortFunc(nothing.Suppressed, func(a, b auditor.Suppressed) int { return inOrder(a.Finding, b.Finding) })
	return nothing, nil
}

// stale is how old an account's last complete sweep may be: a day, and time to
// run.
const stale = 26 * time.Hour

// add puts what is known of an account into the report.
func add(r *auditor.Report, state history.State, cfg *config.Config) {
	accounts := r.Coverage.Accounts + 1
	r.Coverage = plus(r.Coverage, state.Seen.Coverage)
	r.Coverage.Accounts = accounts
	where := "account " + state.Account
	switch age := r.Now.Sub(state.Swept); {
	case state.Swept.IsZero():
		r.Gaps = append(r.Gaps, inventory.Gap{Where: where, Reason: "no sweep has read it yet"})
	case age > stale:
		r.Gaps = append(r.Gaps, inventory.Gap{Where: where, Reason: "the last sweep that read it began at " + state.Swept.Format(time.RFC3339)})
	}
	r.Gaps = append(r.Gaps, state.Seen.Gaps...)
	for _, id := range slices.Sorted(maps.Keys(state.Items)) {
		item := state.Items[id]
		f := item.Edge.Finding
		switch item.Edge.Status {
		case finding.Open:
			r.Findings = append(r.Findings, f)
		case finding.Suppressed:
			r.Suppressed = append(r.Suppressed, auditor.Suppressed{Finding: f, Exception: excepting(cfg, f, r.Now)})
		case finding.Closed:
		}
		if item.Edge.Status == finding.Open && item.Edge.Provisional {
			r.Coverage.Assumptions = append(r.Coverage.Assumptions, "provisional until a sweep confirms it: "+f.Rule+" of "+f.Subject.ID)
		}
	}
	if n := len(state.Pending()); n > 0 {
		r.Coverage.Assumptions = append(r.Coverage.Assumptions, fmt.Sprintf("%s: events of %d findings not published yet: the next run publishes them", where, n))
	}
}

// excepting returns the exception that covers a suppressed finding. The
// configuration may have moved since.
func excepting(cfg *config.Config, f finding.Finding, now time.Time) auditor.Exception {
	e, ok := cfg.Except(config.Target{
		Rule: f.Rule, ID: f.ID, Account: f.Subject.Account, Subject: f.Subject.ID, Path: f.Subject.Path, Principals: f.Affected,
	}, now)
	if !ok {
		return auditor.Exception{Reason: "no exception of the current configuration: the next sweep opens it", Owner: "nobody", Expires: now.Format(time.DateOnly)}
	}
	return auditor.Exception{Reason: e.Reason, Owner: e.Owner, Expires: e.Expires.Format(time.DateOnly), Ticket: e.Ticket}
}

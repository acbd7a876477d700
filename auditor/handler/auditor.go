// Package handler is what the Lambda functions and `caudit invoke` both run: a
// payload comes in, the steps that it asks for are taken.
package handler

import (
	"context"
	"log/slog"
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
	Config *config.Config // nil for the default
	// Configure, if set, is asked for the configuration before each audit, in place
	// of Config. Without its answer nothing is judged: it may hold exceptions.
	Configure func(context.Context) (*config.Config, error)
	Version   string // of the tool
	Now       func() time.Time
	// Store remembers between runs. Nil: no state, everything is NEW.
	Store history.Store
	Sink  publish.Sink
	Log   *slog.Logger
	// Metrics, if set, is told what runs come to.
	Metrics Metrics

	// Audit judges; nil for auditor.Audit.
	Audit func(*inventory.Inventory, auditor.Options) *auditor.Report
	// Reported, if set, is handed every report that is made.
	Reported func(*auditor.Report)
}

// Metrics takes the figures by which operators see that news gets through.
type Metrics interface {
	// Pending says how many edges of the account a run found that were saved and
	// not seen to be published, and when the oldest of them was observed.
	Pending(ctx context.Context, account string, count int, oldest time.Time)
	// Published says which edges got through.
	Published(ctx context.Context, account string, edges []Published)
	// ChangesWithoutEvent says how many documents a sweep found changed that no
	// event announced: above 0, the fast lane is broken.
	ChangesWithoutEvent(ctx context.Context, account string, count int)
	// Swept says how a sweep of an active account ended that is not run again.
	Swept(ctx context.Context, account string, sweep Swept)
}

// Published is an edge that got through, and how long after the change that it
// tells of; 0 when no event told of one.
type Published struct {
	Edge finding.Edge
	Lag  time.Duration
}

// Swept is what a sweep came to.
type Swept struct {
	Complete     bool // everything was read, but for what nobody may read
	Policies     int  // that were judged
	NotEvaluated int  // parts that could not be
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

// judge audits the inventory of one account. The error is the configuration's;
// the report then says of the account that it was not judged.
func (a *Auditor) judge(ctx context.Context, account string, inv *inventory.Inventory) (*auditor.Report, error) {
	cfg := a.Config
	if a.Configure != nil {
		var err error
		if cfg, err = a.Configure(ctx); err != nil {
			err = &configError{err}
			return a.blind(account, err), err
		}
	}
	audit := a.Audit
	if audit == nil {
		audit = auditor.Audit
	}
	report := audit(inv, auditor.Options{Config: cfg, Now: a.Now().UTC(), Version: a.Version})
	if a.Reported != nil {
		a.Reported(report)
	}
	return report, nil
}

// configError: the configuration could not be had.
type configError struct{ err error }

func (e *configError) Error() string { return "configuration: " + e.err.Error() }

func (e *configError) Unwrap() error { return e.err }

// blind is the report of an account of which nothing was seen, and why.
func (a *Auditor) blind(account string, why error) *auditor.Report {
	report := auditor.Audit(unseen(account, why), auditor.Options{Now: a.Now().UTC(), Version: a.Version})
	if a.Reported != nil {
		a.Reported(report)
	}
	return report
}

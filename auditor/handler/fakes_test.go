package handler_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

const account = "111122223333"

var noon = time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)

// sink keeps events, and refuses those it is told to.
type sink struct {
	events []publish.Event
	refuse func(publish.Event) error
}

func (s *sink) Publish(_ context.Context, events []publish.Event) error {
	var lost []publish.Unsent
	for _, event := range events {
		if s.refuse != nil {
			if err := s.refuse(event); err != nil {
				lost = append(lost, publish.Unsent{ID: event.ID(), Err: err})
				continue
			}
		}
		s.events = append(s.events, event)
	}
	if lost != nil {
		return &publish.UnsentError{Bus: "fake", Unsent: lost}
	}
	return nil
}

// told returns the changes that were published, in order, and forgets them.
// Summaries are told by their detail type.
func (s *sink) told() []string {
	var told []string
	for _, event := range s.events {
		switch data := event.Detail.Data.(type) {
		case publish.FindingData:
			word := string(data.Change)
			if data.Provisional {
				word += " provisional"
			}
			if data.Cause != "" {
				word += " " + string(data.Cause)
			}
			told = append(told, word)
		default:
			told = append(told, string(event.DetailType))
		}
	}
	s.events = nil
	return told
}

// sweeps keeps requests, or refuses them all.
type sweeps struct {
	requests []publish.SweepRequest
	refuse   error
}

func (s *sweeps) Request(_ context.Context, request publish.SweepRequest) error {
	if s.refuse != nil {
		return s.refuse
	}
	s.requests = append(s.requests, request)
	return nil
}

func (s *sweeps) RequestAll(ctx context.Context, requests []publish.SweepRequest) error {
	var unasked []publish.Unasked
	for _, request := range requests {
		if err := s.Request(ctx, request); err != nil {
			unasked = append(unasked, publish.Unasked{Account: request.Account, Err: err})
		}
	}
	if unasked != nil {
		return &publish.UnaskedError{Of: len(requests), Unasked: unasked}
	}
	return nil
}

// reader hands out what it was given; nil means that reading fails.
type reader map[string]*inventory.Inventory

var errThrottled = errors.New("throttling: rate exceeded")

func (r reader) Read(_ context.Context, id string) (*inventory.Inventory, error) {
	if r[id] == nil {
		return nil, errThrottled
	}
	return r[id], nil
}

// quiet is a log that tests do not read; logged returns one that they do.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func logged() (*slog.Logger, *bytes.Buffer) {
	var text bytes.Buffer
	return slog.New(slog.NewTextHandler(&text, nil)), &text
}

// desk is an auditor at noon that publishes to s.
func desk(s *sink) handler.Auditor {
	return handler.Auditor{Version: "v0.0.0", Now: func() time.Time { return noon }, Sink: s, Log: quiet()}
}

// roleWith is what a sweep reads of an account with one role and one inline
// policy of that text; empty text is no policy.
func roleWith(t *testing.T, text string) *inventory.Inventory {
	t.Helper()
	var b inventory.Builder
	role := &inventory.Role{ARN: "arn:aws:iam::111122223333:role/ci/ci-build", Name: "ci-build", Path: "/ci/"}
	if text != "" {
		role.Inline = []inventory.InlinePolicy{{Name: "artifact-access", Document: b.Intern(text)}}
	}
	b.AddAccount(&inventory.Account{ID: account, Roles: []*inventory.Role{role}, Scopes: []inventory.Scope{
		{Account: account, Source: "iam", State: "complete"},
	}})
	return b.Inventory()
}

// nothing is an audit that finds nothing.
func nothing(inv *inventory.Inventory, opt auditor.Options) *auditor.Report {
	report := auditor.Audit(inv, opt)
	report.Findings = []finding.Finding{}
	return report
}

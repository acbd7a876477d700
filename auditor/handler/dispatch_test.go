package handler_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

func own(context.Context) ([]string, error) { return []string{account}, nil }

func TestDispatch(t *testing.T) {
	for _, c := range []struct {
		payload string
		want    []string
		trigger finding.Trigger
	}{
		{`{}`, []string{account}, finding.Trigger{Kind: finding.ByHand}},
		{`{"accounts":["444455556666","111122223333","444455556666"]}`, []string{account, "444455556666"}, finding.Trigger{Kind: finding.ByHand}},
		{
			string(payloads(t)["schedule"]),
			[]string{account},
			finding.Trigger{Kind: finding.BySchedule, EventID: object(t, string(payloads(t)["schedule"]))["id"].(string), EventTime: time.Date(2026, 9, 25, 4, 0, 0, 0, time.UTC)},
		},
	} {
		var asked sweeps
		dispatch := &handler.Dispatch{Accounts: own, Sweeps: &asked, Log: quiet()}
		if err := dispatch.Handle(context.Background(), []byte(c.payload)); err != nil {
			t.Errorf("%s: %v", c.payload, err)
		}
		var got []string
		for _, request := range asked.requests {
			got = append(got, request.Account)
			if *request.Trigger != c.trigger {
				t.Errorf("%s: trigger %+v (expected %+v)", c.payload, *request.Trigger, c.trigger)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v (expected %v)", c.payload, got, c.want)
		}
	}
}

func TestHostileDispatch(t *testing.T) {
	for payload, want := range map[string]string{
		``: "no JSON object", `[]`: "no JSON object", `null`: "null", `{"accounts":[]}`: "empty", `{"accounts":"111122223333"}`: "no list",
		`{"accounts":[111122223333]}`: "no list", `{"accounts":["111122223333","x"]}`: `"x"`, `{"account":"111122223333"}`: "another function",
		`{"detail-type":"AWS API Call via CloudTrail"}`: "AWS API Call", `{"detail-type":7}`: "detail-type", `{"Records":[]}`: "another function",
	} {
		var asked sweeps
		err := (&handler.Dispatch{Accounts: own, Sweeps: &asked, Log: quiet()}).Handle(context.Background(), []byte(payload))
		if err == nil || !strings.Contains(err.Error(), want) || len(asked.requests) != 0 {
			t.Errorf("%s: %v, %d sweeps", payload, err, len(asked.requests))
		}
	}
}

// picky refuses one account.
type picky struct{ asked []string }

var errDenied = errors.New("AccessDenied")

func (p *picky) RequestAll(_ context.Context, requests []publish.SweepRequest) error {
	refused := &publish.UnaskedError{Of: len(requests)}
	for _, request := range requests {
		if request.Account == account {
			refused.Unasked = append(refused.Unasked, publish.Unasked{Account: account, Err: errDenied})
			continue
		}
		p.asked = append(p.asked, request.Account)
	}
	if len(refused.Unasked) > 0 {
		return refused
	}
	return nil
}

func TestOneRefusedRequestDoesNotKeepTheOthersBack(t *testing.T) {
	var p picky
	log, text := logged()
	err := (&handler.Dispatch{Accounts: own, Sweeps: &p, Log: log}).Handle(context.Background(), []byte(`{"accounts":["111122223333","444455556666"]}`))
	if !errors.Is(err, errDenied) || !strings.Contains(err.Error(), "1 of 2") || !slices.Equal(p.asked, []string{"444455556666"}) {
		t.Errorf("error %v, asked %v", err, p.asked)
	}
	if !strings.Contains(text.String(), "accounts=1 failed=1") || !strings.Contains(text.String(), "account="+account) {
		t.Errorf("log %s", text)
	}
	lost := func(context.Context) ([]string, error) { return nil, errDenied }
	if err := (&handler.Dispatch{Accounts: lost, Sweeps: &p, Log: quiet()}).Handle(context.Background(), []byte(`{}`)); !errors.Is(err, errDenied) {
		t.Errorf("error %v", err)
	}
}

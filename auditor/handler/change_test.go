package handler_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

func failedItems(r handler.Response) []string {
	ids := []string{}
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

func TestOneBadRecordFailsAlone(t *testing.T) {
	var published sink
	var asked sweeps
	change := &handler.Change{Auditor: desk(&published), Sweeps: &asked}
	response, err := change.Handle(context.Background(), batch(t, bridge(t, nil), []byte("{"), payloads(t)["failed-put-role-policy"], payloads(t)["attach-role-policy"]))
	if err != nil {
		t.Fatal(err)
	}
	if got := failedItems(response); !slices.Equal(got, []string{"m-1"}) {
		t.Errorf("failed %v", got)
	}
	if got := published.told(); !slices.Equal(got, []string{"NEW provisional"}) {
		t.Errorf("told %v", got)
	}
	if len(asked.requests) != 2 {
		t.Errorf("%d sweeps requested", len(asked.requests))
	}
}

func TestFindingOfAChangeSaysWhoseItIs(t *testing.T) {
	var published sink
	var asked sweeps
	change := &handler.Change{Auditor: desk(&published), Sweeps: &asked}
	if _, err := change.Handle(context.Background(), bridge(t, nil)); err != nil {
		t.Fatal(err)
	}
	event := published.events[0]
	data := event.Detail.Data.(publish.FindingData)
	if want := "arn:aws:iam::111122223333:role/ci-build#inline/artifact-access"; data.Finding.Subject.ID != want || event.Resources[0] != want {
		t.Errorf("subject %q, resources %v", data.Finding.Subject.ID, event.Resources)
	}
	want := finding.Trigger{Kind: finding.ByChange, EventID: "e-1", EventName: "PutRolePolicy", EventTime: noon, Actor: "arn:aws:iam::111122223333:user/bob"}
	if event.Detail.Metadata.Trigger != want || *asked.requests[0].Trigger != want {
		t.Errorf("trigger %+v, sweep's %+v", event.Detail.Metadata.Trigger, asked.requests[0].Trigger)
	}
}

// Finding ids of a change are those of the sweep, although the event does not
// tell the role's path.
func TestChangeAndSweepAgreeOnIDs(t *testing.T) {
	var early, late sink
	change := &handler.Change{Auditor: desk(&early), Sweeps: &sweeps{}}
	if _, err := change.Handle(context.Background(), bridge(t, nil)); err != nil {
		t.Fatal(err)
	}
	scan := &handler.Scan{Auditor: desk(&late), Reader: reader{account: roleWith(t, everything)}}
	if _, err := scan.Handle(context.Background(), []byte(`{"account":"111122223333"}`)); err != nil {
		t.Fatal(err)
	}
	a, b := early.events[0].Detail.Data.(publish.FindingData), late.events[0].Detail.Data.(publish.FindingData)
	if a.Finding.ID != b.Finding.ID || a.Finding.Rule != b.Finding.Rule {
		t.Errorf("%s %s in the change, %s %s in the sweep", a.Finding.Rule, a.Finding.ID, b.Finding.Rule, b.Finding.ID)
	}
	if a.Finding.Subject.ID == b.Finding.Subject.ID {
		t.Errorf("the sweep does not know the path: %s", b.Finding.Subject.ID)
	}
	if !a.Provisional || b.Provisional {
		t.Errorf("provisional: change %t, sweep %t", a.Provisional, b.Provisional)
	}
}

func TestSweepIsAskedForEvenIfTheNewsDidNotGetOut(t *testing.T) {
	down := errors.New("InternalFailureException")
	published := sink{refuse: func(publish.Event) error { return down }}
	var asked sweeps
	change := &handler.Change{Auditor: desk(&published), Sweeps: &asked}
	response, err := change.Handle(context.Background(), batch(t, bridge(t, nil)))
	if err != nil || len(response.BatchItemFailures) != 1 || len(asked.requests) != 1 {
		t.Errorf("%+v, %v, %d sweeps", response, err, len(asked.requests))
	}
	if _, err := change.Handle(context.Background(), bridge(t, nil)); !errors.Is(err, down) {
		t.Errorf("bare event: error %v", err)
	}
}

func TestSweepThatCannotBeRequestedFailsTheEvent(t *testing.T) {
	var published sink
	denied := errors.New("AccessDenied")
	change := &handler.Change{Auditor: desk(&published), Sweeps: &sweeps{refuse: denied}}
	if _, err := change.Handle(context.Background(), payloads(t)["attach-role-policy"]); !errors.Is(err, denied) {
		t.Errorf("error %v", err)
	}
}

func TestChangeRemembersWhatItTold(t *testing.T) {
	var published sink
	change := &handler.Change{Auditor: desk(&published), Sweeps: &sweeps{}}
	change.Store = new(history.Memory)
	for range 2 { // SQS delivers at least once
		if _, err := change.Handle(context.Background(), bridge(t, nil)); err != nil {
			t.Fatal(err)
		}
	}
	if got := published.told(); !slices.Equal(got, []string{"NEW provisional"}) {
		t.Errorf("told %v", got)
	}
}

package handler_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

const completed, failedSweep = "CodeArtifact Audit Completed", "CodeArtifact Audit Failed"

const bearing = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`

func TestWithoutStateEverySweepTellsEverything(t *testing.T) {
	var published sink
	scan := &handler.Scan{Auditor: desk(&published), Reader: reader{account: roleWith(t, everything)}}
	for range 2 {
		if _, err := scan.Handle(context.Background(), []byte(`{"account":"111122223333","trigger":{"kind":"schedule"}}`)); err != nil {
			t.Fatal(err)
		}
		if kind := published.events[0].Detail.Metadata.Trigger.Kind; kind != finding.BySchedule {
			t.Errorf("trigger %q", kind)
		}
		if got := published.told(); !slices.Equal(got, []string{"NEW", completed}) {
			t.Errorf("told %v", got)
		}
	}
}

// stage runs change and scan over one store and one clock, as the deployment does.
type stage struct {
	t      *testing.T
	now    time.Time
	sink   sink
	change *handler.Change
	scan   *handler.Scan
	reader reader
	store  *history.Memory
}

func newStage(t *testing.T) *stage {
	s := &stage{t: t, now: noon, reader: reader{}, store: new(history.Memory)}
	auditor := desk(&s.sink)
	auditor.Now, auditor.Store = func() time.Time { return s.now }, s.store
	s.change = &handler.Change{Auditor: auditor, Sweeps: &sweeps{}}
	s.scan = &handler.Scan{Auditor: auditor, Reader: s.reader}
	return s
}

// sweep sweeps the account with that inline policy a minute later.
func (s *stage) sweep(text string, want ...string) {
	s.t.Helper()
	s.see(roleWith(s.t, text), want...)
}

func (s *stage) see(inv *inventory.Inventory, want ...string) {
	s.t.Helper()
	s.now = s.now.Add(time.Minute)
	s.reader[account] = inv
	if _, err := s.scan.Handle(context.Background(), []byte(`{"account":"111122223333"}`)); err != nil {
		s.t.Fatal(err)
	}
	if got := s.sink.told(); !slices.Equal(got, append(want, completed)) {
		s.t.Errorf("sweep told %v (expected %v)", got, append(want, completed))
	}
}

// put is the event of putting the too wide policy, now.
func (s *stage) put(want ...string) {
	s.t.Helper()
	s.now = s.now.Add(time.Minute)
	payload := bridge(s.t, func(_, detail, _ map[string]any) { detail["eventTime"] = s.now.Format(time.RFC3339) })
	if _, err := s.change.Handle(context.Background(), payload); err != nil {
		s.t.Fatal(err)
	}
	if got := s.sink.told(); !slices.Equal(got, want) {
		s.t.Errorf("change told %v (expected %v)", got, want)
	}
}

func TestLifeOfAFinding(t *testing.T) {
	s := newStage(t)
	s.sweep(bearing)
	s.put("NEW provisional")
	s.put() // told already
	s.sweep(everything, "CHANGED")
	s.sweep(everything)
	s.sweep(bearing, "RESOLVED fixed")
	s.sweep(bearing)
	s.put("REOPENED provisional")
	s.sweep(bearing, "TRANSIENT")
	s.sweep(everything, "REOPENED")
	s.sweep("", "RESOLVED gone")
}

func TestOrderIsByObservation(t *testing.T) {
	s := newStage(t)
	late := bridge(t, func(_, detail, _ map[string]any) { detail["eventTime"] = s.now.Format(time.RFC3339) })
	s.sweep(everything, "NEW")
	s.sweep(bearing, "RESOLVED fixed")
	// The event of the opening arrives after the sweep that saw it closed.
	if _, err := s.change.Handle(context.Background(), late); err != nil {
		t.Fatal(err)
	}
	if got := s.sink.told(); len(got) != 0 {
		t.Errorf("a late event told %v", got)
	}
}

func TestProvisionalFindingThatTheSweepRefutes(t *testing.T) {
	s := newStage(t)
	s.sweep(bearing)
	s.put("NEW provisional")
	s.scan.Audit = nothing // the document is there, and something else refutes it
	s.sweep(everything, "RESOLVED not-confirmed")
}

func TestGapKeepsFindingsOpen(t *testing.T) {
	s := newStage(t)
	s.sweep(everything, "NEW")
	s.sweep(`{"Statement":`) // unreadable now: nobody knows
	s.sweep(everything)

	unread := roleWith(t, "")
	unread.Accounts[0].Scopes = nil
	s.see(unread)
	unread.Accounts[0].Scopes = []inventory.Scope{{Account: account, Source: "iam", State: "blocked"}}
	s.see(unread)
}

func TestFirstSweepIsInitial(t *testing.T) {
	s := newStage(t)
	s.reader[account] = roleWith(t, everything)
	if err := s.scan.Sweep(context.Background(), publish.SweepRequest{Account: account}); err != nil {
		t.Fatal(err)
	}
	if m := s.sink.events[0].Detail.Metadata; m.Trigger.Kind != finding.Initially {
		t.Errorf("trigger %q", m.Trigger.Kind)
	}
}

func TestUpgradeIsNoAlarm(t *testing.T) {
	s := newStage(t)
	s.scan.Audit = nothing
	s.sweep(everything)
	s.scan.Audit, s.scan.Version = nil, "v0.1.0"
	s.reader[account] = roleWith(t, everything)
	if err := s.scan.Sweep(context.Background(), publish.SweepRequest{Account: account}); err != nil {
		t.Fatal(err)
	}
	if m := s.sink.events[0].Detail.Metadata; m.Trigger.Kind != finding.ByUpgrade {
		t.Errorf("trigger %q", m.Trigger.Kind)
	}
	s.sink.events = nil
	s.scan.Audit, s.scan.Version = nothing, "v0.2.0"
	s.sweep(everything, "RESOLVED rules-changed")
}

func TestWhatWasNotPublishedIsPublishedByTheNextRun(t *testing.T) {
	s := newStage(t)
	s.sweep(bearing)
	s.sink.refuse = func(e publish.Event) error {
		if e.DetailType == publish.FindingEvent {
			return errors.New("ThrottlingException")
		}
		return nil
	}
	s.reader[account] = roleWith(t, everything)
	response, err := s.scan.Handle(context.Background(), batch(t, []byte(`{"account":"111122223333"}`)))
	if err != nil || len(response.BatchItemFailures) != 1 || len(s.sink.events) != 0 {
		t.Fatalf("%+v, %v, told %v", response, err, s.sink.told())
	}
	s.sink.refuse = nil
	s.sweep(everything, "NEW") // once, and before anything else
	s.sweep(everything)
}

func TestPendingEdgeIsToldBeforeItIsSuperseded(t *testing.T) {
	s := newStage(t)
	s.sink.refuse = func(publish.Event) error { return errors.New("down") }
	s.reader[account] = roleWith(t, everything)
	if err := s.scan.Sweep(context.Background(), publish.SweepRequest{Account: account}); err == nil {
		t.Fatal("no error although nothing got out")
	}
	s.sink.refuse = nil
	s.sweep(bearing, "NEW", "RESOLVED fixed")
}

func TestRequestsForOneAccountAreOneSweep(t *testing.T) {
	var published sink
	const other = "444455556666"
	scan := &handler.Scan{Auditor: desk(&published), Reader: reader{account: roleWith(t, bearing)}}
	response, err := scan.Handle(context.Background(), batch(t,
		[]byte(`{"account":"111122223333"}`), []byte(`{"account":"444455556666"}`), []byte(`{"account":"444455556666"}`),
		[]byte(`{"account":"111122223333","trigger":{"kind":"schedule"}}`), []byte(`{"account":"x"}`)))
	if err != nil {
		t.Fatal(err)
	}
	failed := failedItems(response)
	slices.Sort(failed)
	if !slices.Equal(failed, []string{"m-1", "m-2", "m-4"}) {
		t.Errorf("failed %v", failed)
	}
	accounts := map[string]string{}
	for _, event := range published.events {
		accounts[event.Detail.Metadata.Account] += string(event.DetailType)
	}
	if accounts[account] != completed || accounts[other] != failedSweep {
		t.Errorf("told %v", accounts)
	}
}

func TestSweepThatCannotReadSaysSo(t *testing.T) {
	var published sink
	scan := &handler.Scan{Auditor: desk(&published), Reader: reader{}}
	_, err := scan.Handle(context.Background(), []byte(`{"account":"111122223333"}`))
	if !errors.Is(err, errThrottled) {
		t.Errorf("error %v", err)
	}
	data := published.events[0].Detail.Data.(publish.Summary)
	if published.events[0].DetailType != publish.FailedEvent || data.GapCount == 0 || !strings.Contains(data.Gaps[0].Reason, "throttling") {
		t.Errorf("%s %+v", published.events[0].DetailType, data)
	}
}

func TestDeniedSweepIsNoRetry(t *testing.T) {
	var published sink
	denied := roleWith(t, "")
	denied.Accounts[0].Scopes = []inventory.Scope{{Account: account, Source: "iam", State: "denied", Reason: "AccessDenied"}}
	scan := &handler.Scan{Auditor: desk(&published), Reader: reader{account: denied}}
	if _, err := scan.Handle(context.Background(), []byte(`{"account":"111122223333"}`)); err != nil {
		t.Error(err)
	}
	if got := published.told(); !slices.Equal(got, []string{failedSweep}) {
		t.Errorf("told %v", got)
	}
}

// later is a store that a later version of the auditor wrote.
type later struct{ history.Memory }

func (l *later) Load(context.Context, string, ...string) (history.State, error) {
	return history.State{Schema: history.Schema + 1, Account: account}, nil
}

func (l *later) Save(context.Context, history.Update) error { return errors.New("written over") }

func TestStateOfALaterVersionIsLeftAlone(t *testing.T) {
	var published sink
	scan := &handler.Scan{Auditor: desk(&published), Reader: reader{account: roleWith(t, everything)}}
	scan.Store = new(later)
	if _, err := scan.Handle(context.Background(), []byte(`{"account":"111122223333"}`)); err != nil {
		t.Error(err)
	}
	data := published.events[0].Detail.Data.(publish.Summary)
	if got := published.told(); !slices.Equal(got, []string{failedSweep}) || !strings.Contains(data.Gaps[len(data.Gaps)-1].Reason, "schema 2") {
		t.Errorf("told %v, gaps %v", got, data.Gaps)
	}
}

// contested is a store into which another run writes between Load and Save, as
// often as it is told.
type contested struct {
	history.Memory
	times int
}

func (c *contested) Save(ctx context.Context, update history.Update) error {
	if c.times--; c.times >= 0 {
		theirs := update
		theirs.Writes = slices.Clone(update.Writes)
		for i := range theirs.Writes {
			w := &theirs.Writes[i]
			w.Edge.Number, w.Pending = w.Previous+1, true
		}
		if err := c.Memory.Save(ctx, theirs); err != nil {
			return err
		}
	}
	return c.Memory.Save(ctx, update)
}

// What another run writes in between is told, and compared with.
func TestConflictIsSettled(t *testing.T) {
	for times, want := range map[int][]string{
		0: {"NEW", completed}, 1: {"NEW", completed}, 4: {"NEW", "NEW", "NEW", "NEW", completed},
	} {
		var published sink
		scan := &handler.Scan{Auditor: desk(&published), Reader: reader{account: roleWith(t, everything)}}
		scan.Store = &contested{times: times}
		if _, err := scan.Handle(context.Background(), []byte(`{"account":"111122223333"}`)); err != nil {
			t.Fatal(err)
		}
		if got := published.told(); !slices.Equal(got, want) {
			t.Errorf("%d conflicts: told %v (expected %v)", times, got, want)
		}
	}
	var published sink
	scan := &handler.Scan{Auditor: desk(&published), Reader: reader{account: roleWith(t, everything)}}
	scan.Store = &contested{times: 100}
	_, err := scan.Handle(context.Background(), []byte(`{"account":"111122223333"}`))
	if conflict := (*history.ConflictError)(nil); !errors.As(err, &conflict) {
		t.Errorf("a conflict without end: %v", err)
	}
}

// A sweep that runs out of time tells what it read, resolves nothing, says Failed
// and is run again.
func TestSweepStopsBeforeItsTimeIsUp(t *testing.T) {
	s := newStage(t)
	s.sweep(everything, "NEW")
	s.scan.Now = time.Now
	s.scan.Reader = slow{t}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := s.scan.Handle(ctx, []byte(`{"account":"111122223333"}`))
	if err == nil || !strings.Contains(err.Error(), "stopped before the function's time was up") {
		t.Errorf("error %v", err)
	}
	data := s.sink.events[0].Detail.Data.(publish.Summary)
	if last := data.Gaps[len(data.Gaps)-1]; last.Where != "account "+account || !strings.Contains(last.Reason, "stopped") {
		t.Errorf("gaps %v", data.Gaps)
	}
	if got := s.sink.told(); !slices.Equal(got, []string{failedSweep}) {
		t.Errorf("told %v", got)
	}
	s.scan.Now, s.scan.Reader = func() time.Time { return s.now }, s.reader
	s.now = time.Now()
	s.sweep("", "RESOLVED gone")
}

// slow is a reader that is not done when its time is up.
type slow struct{ t *testing.T }

func (s slow) Read(ctx context.Context, _ string) (*inventory.Inventory, error) {
	<-ctx.Done()
	inv := roleWith(s.t, "")
	inv.Accounts[0].Scopes = []inventory.Scope{{Account: account, Source: "iam", State: "failed", Reason: "out of time"}}
	return inv, nil
}

func TestWithoutItsConfigurationNothingIsJudged(t *testing.T) {
	lost := errors.New("checksum")
	s := newStage(t)
	s.scan.Configure = func(context.Context) (*config.Config, error) { return nil, lost }
	s.change.Configure = s.scan.Configure
	s.reader[account] = roleWith(t, everything)
	if _, err := s.scan.Handle(context.Background(), []byte(`{"account":"111122223333"}`)); !errors.Is(err, lost) {
		t.Errorf("sweep: %v", err)
	}
	data := s.sink.events[0].Detail.Data.(publish.Summary)
	if got := s.sink.told(); !slices.Equal(got, []string{failedSweep}) || !strings.Contains(data.Gaps[0].Reason, "configuration: checksum") {
		t.Errorf("told %v, gaps %v", got, data.Gaps)
	}
	if _, err := s.change.Handle(context.Background(), bridge(t, nil)); !errors.Is(err, lost) || len(s.sink.events) != 0 {
		t.Errorf("change: %v, told %v", err, s.sink.told())
	}
	excepted := &config.Config{Exceptions: []config.Exception{{Rules: []string{"grant/*"}, Expires: noon.AddDate(1, 0, 0)}}}
	s.scan.Configure = func(context.Context) (*config.Config, error) { return excepted, nil }
	s.sweep(everything, "EXCEPTED")
	excepted.Exceptions[0].Expires = noon.AddDate(-1, 0, 0)
	s.sweep(everything, "EXCEPTION_EXPIRED")
}

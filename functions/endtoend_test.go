package functions

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	yaml "go.yaml.in/yaml/v4"

	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/runtimeapi"
)

// TestFromChangeToFinding follows one change of IAM through the whole stack.
// The rules are those of template.yaml; the functions are the compiled
// binaries; what lies between them is played by moto; and the test stands in
// for Lambda's poller.
func TestFromChangeToFinding(t *testing.T) {
	ctx := t.Context()
	s := startStack(ctx, t)

	// A role gets full access to CodeArtifact and an unpinned token.
	var recording struct {
		Source     string          `json:"source"`
		DetailType string          `json:"detail-type"`
		Detail     json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(recorded(t, "put-role-policy.json"), &recording); err != nil {
		t.Fatal(err)
	}
	role, policy := s.apply(ctx, t, recording.Detail)
	subject := fmt.Sprintf("arn:aws:iam::%s:role/%s#inline/%s", account, role, policy)

	s.announce(ctx, t, recording.Source, recording.DetailType, recording.Detail)
	// Of these the rules let nothing through: a failed call, one that only reads.
	for _, name := range []string{"failed-put-role-policy.json", "get-role-policy.json"} {
		if err := json.Unmarshal(recorded(t, name), &recording); err != nil {
			t.Fatal(err)
		}
		s.announce(ctx, t, recording.Source, recording.DetailType, recording.Detail)
	}
	changes := s.take(ctx, t, s.changes)
	if len(changes) != 1 {
		t.Fatalf("%d events reached the queue, want the one change", len(changes))
	}

	deliver(t, s.change, "changes", changes)
	provisional := findings(t, s.published(ctx, t))
	want := []string{"grant/full-access", "token/any-service"}
	if got := rules(provisional); !slices.Equal(got, want) {
		t.Fatalf("change published %q, want %q", got, want)
	}
	for _, e := range provisional {
		data := e.Detail.Data
		if !data.Provisional || data.Change != "NEW" || data.Finding.Subject.ID != subject || len(data.Finding.Witness) == 0 {
			t.Errorf("not a provisional, proven finding about %s: %s", subject, e)
		}
		if trigger := e.Detail.Metadata.Trigger; trigger.Kind != "change" || trigger.EventName != "PutRolePolicy" || !strings.HasPrefix(trigger.Actor, "arn:aws:sts::") {
			t.Errorf("the event does not say what led to it: %+v", trigger)
		}
	}

	// The sweep that the change asked for confirms them.
	sweeps := s.take(ctx, t, s.sweeps)
	if len(sweeps) != 1 {
		t.Fatalf("%d sweep requests, want one", len(sweeps))
	}
	deliver(t, s.scan, "sweeps.fifo", sweeps)
	events := s.published(ctx, t)
	confirmed := findings(t, events)
	if got := rules(about(confirmed, subject)); !slices.Equal(got, want) {
		t.Errorf("the sweep published %q about %s, want %q", got, subject, want)
	}
	for _, e := range about(confirmed, subject) {
		if e.Detail.Data.Provisional {
			t.Errorf("a finding of a sweep is provisional: %s", e)
		}
		if !slices.Equal(e.Detail.Data.Finding.Affected, []string{fmt.Sprintf("arn:aws:iam::%s:role/%s", account, role)}) {
			t.Errorf("affected %q, want the role", e.Detail.Data.Finding.Affected)
		}
	}
	for _, id := range ids(provisional) {
		if !slices.Contains(ids(confirmed), id) {
			t.Errorf("finding %s of the change is not among those of the sweep %q", id, ids(confirmed))
		}
	}
	completed(t, events, map[string]int{"high": 1, "medium": 1})

	// The policy is taken away, and the next sweep, by schedule, is clean.
	if _, err := s.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &policy}); err != nil {
		t.Fatal(err)
	}
	invoke(t, s.dispatch, recorded(t, "schedule.json"))
	sweeps = s.take(ctx, t, s.sweeps)
	if len(sweeps) != 1 {
		t.Fatalf("%d sweep requests by schedule, want one", len(sweeps))
	}
	deliver(t, s.scan, "sweeps.fifo", sweeps)
	events = s.published(ctx, t)
	gone := about(findings(t, events), subject)
	if !slices.Equal(ids(gone), ids(provisional)) {
		t.Errorf("resolved %q, want %q", ids(gone), ids(provisional))
	}
	for _, e := range gone {
		if data := e.Detail.Data; data.Status != "RESOLVED" || data.Change != "RESOLVED" {
			t.Errorf("the policy is gone: %s", e)
		}
	}

	// One more has nothing to tell.
	invoke(t, s.dispatch, recorded(t, "schedule.json"))
	deliver(t, s.scan, "sweeps.fifo", s.take(ctx, t, s.sweeps))
	if again := findings(t, s.published(ctx, t)); len(again) != 0 {
		t.Errorf("told again: %s", again)
	}
	completed(t, events, map[string]int{"high": 0, "medium": 0})

	observed(t, s.change, map[string]float64{"Findings": 2})
	observed(t, s.scan, map[string]float64{"CompleteSweeps": 3, "IncompleteSweeps": 0, "NotEvaluated": 0, "ChangesWithoutEvent": 0})
}

// stack is what template.yaml deploys, in moto.
type stack struct {
	*cloud
	changes, sweeps, output string // queue URLs; output holds what reaches the bus
	change, scan, dispatch  *runtimeapi.Function
}

func startStack(ctx context.Context, t *testing.T) *stack {
	t.Helper()
	s := &stack{cloud: startCloud(t)}
	var changesARN, outputARN string
	s.changes, changesARN = s.queue(ctx, t, "changes", nil)
	s.sweeps, _ = s.queue(ctx, t, "sweeps.fifo", map[string]string{"FifoQueue": "true", "DelaySeconds": "0"})
	s.output, outputARN = s.queue(ctx, t, "output", nil)

	const bus = "codeartifact-auditor"
	if _, err := s.events.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: aws.String(bus)}); err != nil {
		t.Fatal(err)
	}
	s.rule(ctx, t, bus, "everything", `{"source":["codeartifact-auditor"]}`, outputARN)
	for name, pattern := range templatePatterns(t) {
		s.rule(ctx, t, "default", name, pattern, changesARN)
	}

	table := s.table(ctx, t)
	s.change = start(t, "change", s.environment(map[string]string{"BUS_NAME": bus, "SWEEP_QUEUE_URL": s.sweeps, "TABLE_NAME": table, "STACK_NAME": stackName}))
	s.scan = start(t, "scan", s.environment(map[string]string{"BUS_NAME": bus, "TABLE_NAME": table, "STACK_NAME": stackName}))
	s.dispatch = start(t, "dispatch", s.environment(map[string]string{"ACCOUNT": account, "SWEEP_QUEUE_URL": s.sweeps}))
	for _, f := range []*runtimeapi.Function{s.change, s.scan, s.dispatch} {
		if err := f.Ready(30 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// stackName is what the metrics are told apart by.
const stackName = "audit"

// wholeEvent delivers an event as EventBridge does without being asked. moto,
// unless asked, leaves out the account.
var wholeEvent = &types.InputTransformer{
	InputPathsMap: map[string]string{
		"id": "$.id", "type": "$.detail-type", "source": "$.source", "account": "$.account", "time": "$.time",
		"region": "$.region", "resources": "$.resources", "detail": "$.detail",
	},
	InputTemplate: aws.String(`{"version":"0","id":"<id>","detail-type":"<type>","source":"<source>","account":"<account>",` +
		`"time":<time>,"region":"<region>","resources":<resources>,"detail":<detail>}`),
}

// rule lets what matches the pattern through to a queue.
func (s *stack) rule(ctx context.Context, t *testing.T, bus, name, pattern, queueARN string) {
	t.Helper()
	if _, err := s.events.PutRule(ctx, &eventbridge.PutRuleInput{Name: &name, EventBusName: &bus, EventPattern: &pattern}); err != nil {
		t.Fatal(err)
	}
	target := types.Target{Id: aws.String("queue"), Arn: &queueARN, InputTransformer: wholeEvent}
	out, err := s.events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: &name, EventBusName: &bus, Targets: []types.Target{target}})
	if err != nil || out.FailedEntryCount > 0 {
		t.Fatalf("rule %s: %v, %v", name, err, out)
	}
}

// templatePatterns returns the patterns of the template's rules on the default
// bus, as JSON, by their logical ids.
func templatePatterns(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string         `yaml:"Type"`
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	patterns := map[string]string{}
	for id, resource := range template.Resources {
		if resource.Type != "AWS::Events::Rule" || resource.Properties["EventBusName"] != nil {
			continue
		}
		pattern, err := json.Marshal(resource.Properties["EventPattern"])
		if err != nil {
			t.Fatal(err)
		}
		patterns[id] = string(pattern)
	}
	if len(patterns) != 2 {
		t.Fatalf("rules of the template: %q", patterns)
	}
	return patterns
}

// apply makes in IAM the change that the record tells of: PutRolePolicy.
func (s *stack) apply(ctx context.Context, t *testing.T, record []byte) (role, policy string) {
	t.Helper()
	var call struct {
		EventName  string `json:"eventName"`
		Parameters struct {
			RoleName       string `json:"roleName"`
			PolicyName     string `json:"policyName"`
			PolicyDocument string `json:"policyDocument"`
		} `json:"requestParameters"`
	}
	if err := json.Unmarshal(record, &call); err != nil {
		t.Fatal(err)
	}
	if call.EventName != "PutRolePolicy" {
		t.Fatalf("recorded %s, want PutRolePolicy", call.EventName)
	}
	p := call.Parameters
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	if _, err := s.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &p.RoleName, AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: &p.RoleName, PolicyName: &p.PolicyName, PolicyDocument: &p.PolicyDocument,
	}); err != nil {
		t.Fatal(err)
	}
	return p.RoleName, p.PolicyName
}

// announce puts an event on the default bus, where AWS puts those of CloudTrail.
func (s *stack) announce(ctx context.Context, t *testing.T, source, detailType string, detail []byte) {
	t.Helper()
	out, err := s.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		{Source: &source, DetailType: &detailType, Detail: aws.String(string(detail))},
	}})
	if err != nil || out.FailedEntryCount > 0 {
		t.Fatalf("put event: %v, %v", err, out)
	}
}

// published takes what has reached the bus.
func (s *stack) published(ctx context.Context, t *testing.T) []event {
	t.Helper()
	var events []event
	for _, d := range s.take(ctx, t, s.output) {
		events = append(events, decodeEvent(t, d.Body))
	}
	return events
}

// delivery is a message on its way from a queue to a function.
type delivery struct{ ID, Body string }

// deliver hands messages to a function as Lambda's poller does; none may fail.
func deliver(t *testing.T, f *runtimeapi.Function, queue string, messages []delivery) {
	t.Helper()
	if got := string(invoke(t, f, lambdaBatch(t, queue, messages))); got != `{"batchItemFailures":[]}` {
		t.Fatalf("response %s", got)
	}
}

// lambdaBatch is the payload that Lambda makes of messages.
// See https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html.
func lambdaBatch(t *testing.T, queue string, messages []delivery) []byte {
	t.Helper()
	var records []map[string]any
	for _, m := range messages {
		records = append(records, map[string]any{
			"messageId":     m.ID,
			"receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
			"body":          m.Body,
			"attributes": map[string]string{
				"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183",
				"SenderId": "AIDAIENQZJOLO23YVJ4VO", "ApproximateFirstReceiveTimestamp": "1545082649185",
			},
			"messageAttributes": map[string]any{},
			"md5OfBody":         "e4e68fb7bd0e697a0ae8f1bb342846b3",
			"eventSource":       "aws:sqs",
			"eventSourceARN":    fmt.Sprintf("arn:aws:sqs:us-east-1:%s:%s", account, queue),
			"awsRegion":         "us-east-1",
		})
	}
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// findings returns the events that tell a finding.
func findings(t *testing.T, events []event) []event {
	t.Helper()
	var list []event
	for _, e := range events {
		switch e.DetailType {
		case "CodeArtifact Audit Finding":
			list = append(list, e)
		case "CodeArtifact Audit Failed":
			t.Errorf("the audit failed, gaps: %s", e.Detail.Data.Gaps)
		}
	}
	return list
}

// completed checks that one event ends the sweep, without a gap, and counts.
func completed(t *testing.T, events []event, counts map[string]int) {
	t.Helper()
	var ends []event
	for _, e := range events {
		if e.DetailType == "CodeArtifact Audit Completed" {
			ends = append(ends, e)
		}
	}
	if len(ends) != 1 {
		t.Errorf("%d events end the sweep, want one", len(ends))
		return
	}
	if gaps := ends[0].Detail.Data.Gaps; len(gaps) > 0 {
		t.Errorf("gaps: %s", gaps)
	}
	for severity, want := range counts {
		if got := ends[0].Detail.Data.Counts[severity]; got != want {
			t.Errorf("%d %s findings counted, want %d", got, severity, want)
		}
	}
}

func about(events []event, subject string) []event {
	return slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.Detail.Data.Finding.Subject.ID != subject })
}

// rules and ids return what the events are about, sorted.
func rules(events []event) []string {
	return collect(events, func(e event) string { return e.Detail.Data.Finding.Rule })
}

func ids(events []event) []string {
	return collect(events, func(e event) string { return e.Detail.Data.Finding.ID })
}

func collect(events []event, what func(event) string) []string {
	var list []string
	for _, e := range events {
		list = append(list, what(e))
	}
	slices.Sort(list)
	return list
}

package functions

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/collecttest"
	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/runtimeapi"
)

// open is the policy that the role of a trial gets and loses.
const open = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["codeartifact:*","sts:GetServiceBearerToken"],"Resource":"*"}]}`

// TestBinariesUnderFaults breaks the calls of the compiled functions, one a trial,
// between them and moto, so that what the SDK makes of a fault is part of it: it
// sends again what may have been done. Then it does what Lambda does, and holds
// what the bus accepted against what happened. Package chaos breaks every call,
// below the SDK's retries.
func TestBinariesUnderFaults(t *testing.T) {
	s := &site{moto: collecttest.StartMoto(t, account)}
	s.cloud = connect(s.moto)
	packages := httptest.NewServer(&collecttest.CodeArtifact{Account: account})
	t.Cleanup(packages.Close)
	s.packages = packages.URL
	if _, err := s.cloud.events.CreateEventBus(t.Context(), &eventbridge.CreateEventBusInput{Name: aws.String(s.bus())}); err != nil {
		t.Fatal(err)
	}

	whole := s.trial(t, "", "")
	if len(whole.wrong) > 0 {
		t.Fatalf("with nothing broken:\n%s", strings.Join(whole.wrong, "\n"))
	}
	type broken struct {
		at  string
		how fault
	}
	var all []broken
	for _, at := range whole.breaker.calls {
		for _, how := range faults(at) {
			all = append(all, broken{at, how})
		}
	}
	distinct := map[broken]bool{}
	losses, left := 0, make(chan broken)
	var mu sync.Mutex
	var running sync.WaitGroup
	for range 6 { // they wait more than they work
		running.Go(func() {
			for b := range left {
				trial := s.trial(t, b.at, b.how)
				mu.Lock()
				distinct[b] = true
				if len(trial.wrong) > 0 {
					losses++
					t.Errorf("%s, %s:\n\t%s", b.at, b.how, strings.Join(trial.wrong, "\n\t"))
				}
				mu.Unlock()
			}
		})
	}
	for _, b := range all {
		left <- b
	}
	close(left)
	running.Wait()
	t.Logf("%d distinct calls and faults of compiled functions, %d losses", len(distinct), losses)
	if len(distinct) < 150 {
		t.Errorf("%d distinct calls and faults (expected 150)", len(distinct))
	}
}

// faults are those that a call is broken with. The SDK tries ten times where a
// sweep would be lost, which takes minutes, so only the queue and the bus are down
// for good; of the Regions one speaks for all, and a later call of a name is not
// broken in every way again.
func faults(at string) []fault {
	words := strings.Fields(at)
	call, number := words[1], words[2]
	switch {
	case strings.HasPrefix(call, "codeartifact:") && number != "1":
		return nil
	case number != "1" && call != "PutEvents":
		return []fault{lost, killed, killedAfter}
	case call == "PutEvents":
		return []fault{denied, throttled, down, lost, lostForGood, killed, killedAfter, hangs, partly}
	case call == "SendMessage" || call == "SendMessageBatch":
		return []fault{denied, throttled, down, lost, lostForGood, killed, killedAfter, hangs}
	}
	return []fault{denied, throttled, lost, killed, killedAfter, hangs}
}

// site is where all trials take place.
type site struct {
	moto, packages string
	cloud          *cloud

	mu     sync.Mutex
	trials int
}

func (s *site) bus() string { return "codeartifact-auditor" }

// trial is a deployment of its own, from a change to its end.
type trial struct {
	t       *testing.T
	site    *site
	breaker *breaker
	own     map[string]string // environment
	running map[string]*runtimeapi.Function
	wrong   []string
}

func (s *site) trial(t *testing.T, at string, how fault) *trial {
	ctx := t.Context()
	s.mu.Lock()
	s.trials++
	name := fmt.Sprint("trial-", s.trials)
	s.mu.Unlock()
	b := &breaker{moto: s.moto, packages: s.packages, client: http.DefaultClient, breaks: at, how: how, seen: map[string]int{}}
	server := httptest.NewServer(b)
	defer server.Close()
	x := &trial{t: t, site: s, breaker: b, running: map[string]*runtimeapi.Function{}}
	defer x.stop()

	asked := x.queue(ctx, name+"-asked.fifo")
	x.table(ctx, name)
	x.own = credentials()
	maps.Copy(x.own, map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "BUS_NAME": s.bus(), "TABLE_NAME": name, "ACCOUNT": account, "SWEEP_QUEUE_URL": asked,
	})

	// A role gets a policy: change, and the sweep that it asks for.
	b.policy = open
	event := x.event("PutRolePolicy", map[string]any{"roleName": "ci", "policyName": "access", "policyDocument": open})
	x.until("change", lambdaBatch(t, "changes", []delivery{{"change-1", event}}))
	x.sweeps(ctx, asked)
	opened := len(b.accepted)
	// The policy is taken away, and no event tells of it: dispatch, and a sweep.
	b.policy = ""
	for day := 1; day == 1 || day == 2 && !complete(b.accepted); day++ {
		// The queue accepts an account once in a minute; a day later it is another.
		daily := x.queue(ctx, fmt.Sprint(name, "-day", day, ".fifo"))
		x.own["SWEEP_QUEUE_URL"] = daily
		x.forget("dispatch")
		x.until("dispatch", recorded(t, "schedule.json"))
		x.sweeps(ctx, daily)
	}

	x.hold(b.accepted, opened)
	if at != "" && !b.met {
		x.say("the call was never made")
	}
	return x
}

func (x *trial) say(format string, args ...any) {
	x.wrong = append(x.wrong, fmt.Sprintf(format, args...))
}

func (x *trial) must(err error) {
	if err != nil {
		x.say("%v", err)
	}
}

func (x *trial) queue(ctx context.Context, name string) string {
	out, err := x.site.cloud.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{"FifoQueue": "true"}})
	if err != nil {
		x.must(err)
		return ""
	}
	return *out.QueueUrl
}

func (x *trial) table(ctx context.Context, name string) {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: dynamotypes.BillingModePayPerRequest}
	for key, kind := range map[string]dynamotypes.KeyType{"pk": dynamotypes.KeyTypeHash, "sk": dynamotypes.KeyTypeRange} {
		in.KeySchema = append(in.KeySchema, dynamotypes.KeySchemaElement{AttributeName: &key, KeyType: kind})
		in.AttributeDefinitions = append(in.AttributeDefinitions, dynamotypes.AttributeDefinition{AttributeName: &key, AttributeType: dynamotypes.ScalarAttributeTypeS})
	}
	slices.SortFunc(in.KeySchema, func(a, b dynamotypes.KeySchemaElement) int {
		return strings.Compare(*a.AttributeName, *b.AttributeName)
	})
	_, err := x.site.cloud.dynamodb.CreateTable(ctx, in)
	x.must(err)
}

// event is the body of a message that tells of a change now.
func (x *trial) event(name string, parameters map[string]any) string {
	at := time.Now().UTC().Format(time.RFC3339)
	text, err := json.Marshal(map[string]any{
		"version": "0", "id": "e-1", "detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "account": account, "time": at,
		"region": "us-east-1", "resources": []string{}, "detail": map[string]any{
			"eventTime": at, "eventSource": "iam.amazonaws.com", "eventName": name, "awsRegion": "us-east-1", "eventID": "c-1",
			"recipientAccountId": account, "readOnly": false, "requestParameters": parameters,
			"userIdentity": map[string]any{"type": "IAMUser", "accountId": account, "arn": "arn:aws:iam::" + account + ":user/bob"},
		},
	})
	x.must(err)
	return string(text)
}

// received is how often Lambda is handed a message before it is a dead letter.
const received = 5

// until hands the payload to the function until it is done, as SQS does.
func (x *trial) until(function string, payload []byte) {
	for range received {
		if x.invoke(function, payload) {
			return
		}
	}
	x.say("%s failed %d times: a dead letter", function, received)
}

// invoke runs the function once, in a new process if the last one is gone, and
// reports whether it did what was asked.
func (x *trial) invoke(function string, payload []byte) bool {
	f, started := x.running[function], make(chan struct{})
	x.breaker.runs(function, func() { <-started; f.Kill() })
	defer x.breaker.runs("", nil)
	if f == nil {
		var err error
		if f, err = runtimeapi.Start(filepath.Join(binaries, function, "bootstrap"), x.own); err != nil {
			close(started)
			x.must(err)
			return false
		}
		x.running[function] = f
	}
	close(started)
	within := 30 * time.Second
	if x.breaker.how == hangs && !x.breaker.happened() {
		within = 4 * time.Second
	}
	out := f.Invoke(payload, within)
	if out.Err == nil {
		return !strings.Contains(string(out.Response), "itemIdentifier")
	}
	if strings.HasPrefix(out.Err.Type, "Runtime.") || strings.HasPrefix(out.Err.Type, "Sandbox.") {
		x.forget(function)
	}
	return false
}

// forget ends the function's process, if there is one.
func (x *trial) forget(function string) {
	if f := x.running[function]; f != nil {
		x.must(f.Close())
		delete(x.running, function)
	}
}

func (x *trial) stop() {
	for function := range x.running {
		x.forget(function)
	}
}

// sweeps hands scan what waits in the queue.
func (x *trial) sweeps(ctx context.Context, queue string) {
	out, err := x.site.cloud.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10})
	if err != nil {
		x.must(err)
		return
	}
	if len(out.Messages) == 0 {
		x.say("no sweep was asked for")
	}
	for _, m := range out.Messages {
		x.until("scan", lambdaBatch(x.t, "sweeps.fifo", []delivery{{*m.MessageId, *m.Body}}))
	}
}

// hold holds the events against what happened: two findings opened with the
// policy, among the first events, and were resolved without it.
func (x *trial) hold(events []event, opened int) {
	edges, rules := map[string]map[int]event{}, map[string]bool{}
	for i, e := range events {
		data := e.Detail.Data
		id := data.Finding.ID
		if id == "" {
			continue
		}
		rules[data.Finding.Rule] = true
		if edges[id] == nil {
			edges[id] = map[int]event{}
		}
		if was, repeated := edges[id][data.Edge]; repeated && (was.Detail.Metadata.ID != e.Detail.Metadata.ID || was.Detail.Data.Change != data.Change) {
			x.say("edge %d of %s is told again as another: %s", data.Edge, id, e)
		}
		edges[id][data.Edge] = e
		if i < opened && data.Status != "OPEN" {
			x.say("closed while true: %s", e)
		}
	}
	if got := slices.Sorted(maps.Keys(rules)); !slices.Equal(got, []string{"grant/full-access", "token/any-service"}) {
		x.say("findings of the rules %q", got)
	}
	for id, known := range edges {
		for n := 1; n <= len(known); n++ {
			if _, ok := known[n]; !ok {
				x.say("edge %d of %s is lost: %v", n, id, slices.Sorted(maps.Keys(known)))
			}
		}
		if last := known[len(known)]; known[1].Detail.Data.Change != "NEW" || last.Detail.Data.Status != "RESOLVED" {
			x.say("it ends with %s", last)
		}
	}
	if !complete(events) {
		x.say("the last sweep did not end complete")
	}
}

// complete reports whether the last sweep saw everything. One that was denied it
// says so and is no failure: the next schedule mends it.
func complete(events []event) bool {
	last := len(events) - 1
	return last >= 0 && events[last].DetailType == "CodeArtifact Audit Completed" && len(events[last].Detail.Data.Gaps) == 0
}

package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/member"
	orgreader "github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config/configfile"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo/roll"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/bus"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
)

// own is the account that the functions run in; others are its organization's.
const own, second, third = "111122223333", "222233334444", "333344445555"

// world is AWS with a deployment in it.
type world struct {
	t *testing.T
	*gate
	now     time.Time
	version string // of the deployment
	roles   int    // on a page of IAM

	truths  map[string]*truth
	members []inventory.Member
	guards  map[string]string // the control policy above an account
	table   *table
	bus     *eventBus
	changes mailbox
	sweeps  *sweepQueue
	dead    []string // payloads of dispatch that failed for good

	events int             // how many changes were told
	always map[string]bool // findings that have been true since they first were
	since  map[string]int  // how many events were published before
}

func newWorld(t *testing.T, plan broken) *world {
	g := &gate{plan: plan, seen: map[string]int{}, met: map[place]fault{}}
	w := &world{
		t: t, gate: g, now: time.Date(2026, 9, 24, 4, 0, 0, 0, time.UTC), version: "v1.0.0",
		truths: map[string]*truth{}, guards: map[string]string{}, always: map[string]bool{}, since: map[string]int{},
		table: &table{gate: g, items: map[string]attributes{}, pageOf: 3}, bus: &eventBus{gate: g}, roles: 1,
	}
	w.sweeps = &sweepQueue{gate: g, now: w.clock, sent: map[string]time.Time{}}
	w.join(own)
	return w
}

func (w *world) clock() time.Time { return w.now }

// join makes an account with two roles, one of which must never be called fixed:
// it may publish everywhere from the first to the last day.
func (w *world) join(account string) {
	w.truths[account] = &truth{roles: map[string]string{"build": harmless, "publisher": publishes}, bounds: map[string]string{}}
	w.members = append(w.members, inventory.Member{Account: account, State: inventory.Active})
}

func (w *world) leave(account string) {
	w.members = slices.DeleteFunc(w.members, func(m inventory.Member) bool { return m.Account == account })
}

const (
	harmless  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	publishes = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"codeartifact:PublishPackageVersion","Resource":"*"}]}`
	full      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"codeartifact:*","Resource":"*"},{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*"}]}`
	token     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*"}]}`
	public    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["codeartifact:ReadFromRepository","codeartifact:GetAuthorizationToken"],"Resource":"*"}]}`
	private   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"codeartifact:GetAuthorizationToken","Resource":"*"}]}`
)

// The functions, each as its main puts it together, but for the clients.

// auditor needs the bus, which a function asks for at its start.
func (w *world) auditor(ctx context.Context) (handler.Auditor, error) {
	sink, err := bus.New(ctx, w.bus, "audit", func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	state := dynamo.New(w.table, "state")
	return handler.Auditor{
		Version: w.version, Now: w.clock, Audit: audit, Store: state, Configure: state.Configure, Sink: sink, Log: slog.New(slog.DiscardHandler),
	}, err
}

func (w *world) queue() *queue.Queue {
	q := queue.New(w.sweeps, "sweeps", w.clock)
	q.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return q
}

func (w *world) rolls() *roll.Reader {
	reader := roll.NewReader(w.table, "state", w.clock)
	reader.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return reader
}

func (w *world) reader() handler.Reader {
	clients := func(account string) collect.Clients {
		return collect.Clients{
			IAM: identities{w.gate, account, w.truths[account], w.roles},
			CodeArtifact: func(region string) collect.CodeArtifactClient {
				return packages{w.gate, account, region, w.truths[account]}
			},
			Organization: w.rolls(),
		}
	}
	return &member.Reader{
		Own: own, Role: member.Role{Partition: "aws", Name: "reader", ExternalID: "x"}, Client: roles{w.gate},
		Options: collect.Options{Now: w.clock, Regions: []string{home, abroad}},
		Clients: func(credentials aws.CredentialsProvider) collect.Clients {
			if credentials == nil {
				return clients(own)
			}
			as, err := credentials.Retrieve(context.Background())
			if err != nil {
				w.t.Error(err)
			}
			return clients(as.AccessKeyID)
		},
	}
}

func (w *world) dispatch(ctx context.Context, payload string) error {
	keeper := roll.NewKeeper(w.table, "state")
	keeper.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	d := &handler.Dispatch{
		Organization: orgreader.NewWhole(organization{w.gate, &w.members, w.guards}), Rolls: keeper, Sweeps: w.queue(), Now: w.clock, Log: slog.New(slog.DiscardHandler),
	}
	return d.Handle(ctx, json.RawMessage(payload))
}

// What Lambda and SQS do.

// live runs a function until it answers or its process is gone.
func (w *world) live(run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l := &life{cancel: cancel}
	w.gate.mu.Lock()
	w.gate.life = l
	w.gate.mu.Unlock()
	err := run(ctx)
	w.gate.mu.Lock()
	defer w.gate.mu.Unlock()
	w.gate.life = nil
	w.now = w.now.Add(time.Second)
	if l.over {
		return errGone
	}
	return err
}

// handle gives messages to a function and returns which of them failed: those
// that it names, or all.
func (w *world) handle(messages []*message, run func(context.Context, json.RawMessage) (handler.Response, error)) map[string]bool {
	type record struct {
		MessageID   string `json:"messageId"`
		EventSource string `json:"eventSource"`
		Body        string `json:"body"`
	}
	batch := struct{ Records []record }{}
	all, failed := map[string]bool{}, map[string]bool{}
	for _, m := range messages {
		all[m.id] = true
		batch.Records = append(batch.Records, record{m.id, "aws:sqs", m.body})
	}
	payload, err := json.Marshal(batch)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.live(func(ctx context.Context) error {
		response, err := run(ctx, payload)
		for _, f := range response.BatchItemFailures {
			failed[f.ItemIdentifier] = true
		}
		return err
	})
	if err != nil {
		return all
	}
	return failed
}

// settle lets the queues be worked off.
func (w *world) settle() {
	for range 1000 {
		if batch := w.changes.ready(w.now, 10); batch != nil {
			failed := w.handle(batch, func(ctx context.Context, payload json.RawMessage) (handler.Response, error) {
				a, err := w.auditor(ctx)
				if err != nil {
					return handler.Response{}, err
				}
				return (&handler.Change{Auditor: a, Sweeps: w.queue()}).Handle(ctx, payload)
			})
			w.changes.done(batch, failed, w.now.Add(360*time.Second))
			continue
		}
		if batch := w.sweeps.ready(w.now, 1); batch != nil {
			failed := w.handle(batch, func(ctx context.Context, payload json.RawMessage) (handler.Response, error) {
				a, err := w.auditor(ctx)
				if err != nil {
					return handler.Response{}, err
				}
				return (&handler.Scan{Auditor: a, Reader: w.reader(), Roll: w.rolls()}).Handle(ctx, payload)
			})
			w.sweeps.done(batch, failed, w.now.Add(900*time.Second))
			continue
		}
		next, waits := w.changes.next(&w.sweeps.mailbox)
		if !waits {
			return
		}
		w.now = next
	}
	w.t.Error("the queues do not come to rest")
}

// ready returns messages that may be handed out.
func (m *mailbox) ready(now time.Time, most int) []*message {
	var batch []*message
	for _, w := range m.first() {
		if !w.notBefore.After(now) && len(batch) < most {
			batch = append(batch, w)
		}
	}
	return batch
}

// first are the messages that wait for no other: of a group, the first.
func (m *mailbox) first() []*message {
	var first []*message
	held := map[string]bool{}
	for _, w := range m.waiting {
		if w.group == "" || !held[w.group] {
			first = append(first, w)
		}
		held[w.group] = true
	}
	return first
}

// next is when the next message of either may be handed out.
func (m *mailbox) next(other *mailbox) (at time.Time, waits bool) {
	for _, w := range slices.Concat(m.first(), other.first()) {
		if !waits || w.notBefore.Before(at) {
			at, waits = w.notBefore, true
		}
	}
	return at, waits
}

// What happens.

// tell queues the event of a change.
func (w *world) tell(account, source, name, region string, parameters map[string]any) {
	w.events++
	w.now = w.now.Add(time.Second)
	at := w.now.Format(time.RFC3339)
	event, err := json.Marshal(map[string]any{
		"version": "0", "id": fmt.Sprint("e-", w.events), "detail-type": "AWS API Call via CloudTrail", "source": "aws." + source,
		"account": account, "time": at, "region": region, "resources": []string{},
		"detail": map[string]any{
			"eventTime": at, "eventSource": source + ".amazonaws.com", "eventName": name, "awsRegion": region,
			"eventID": fmt.Sprint("c-", w.events), "recipientAccountId": account, "readOnly": false, "requestParameters": parameters,
			"userIdentity": map[string]any{"type": "AssumedRole", "accountId": account, "arn": "arn:aws:sts::" + account + ":assumed-role/deploy/x"},
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.changes.add(string(event), "", w.now)
}

// put gives the role a policy, and the event tells of it.
func (w *world) put(account, role, document string) {
	w.truths[account].roles[role] = document
	w.tell(account, "iam", "PutRolePolicy", "us-east-1", map[string]any{"roleName": role, "policyName": "access", "policyDocument": document})
}

// take takes the role's policy away.
func (w *world) take(account, role string) {
	w.truths[account].roles[role] = ""
	w.tell(account, "iam", "DeleteRolePolicy", "us-east-1", map[string]any{"roleName": role, "policyName": "access"})
}

// bound gives the role a permissions boundary.
func (w *world) bound(account, role, document string) {
	w.truths[account].bounds[role] = document
	w.tell(account, "iam", "PutRolePermissionsBoundary", "us-east-1", map[string]any{"roleName": role, "permissionsBoundary": boundPrefix + role})
}

// share gives the domain a policy.
func (w *world) share(account, document string) {
	w.truths[account].domain = document
	w.tell(account, "codeartifact", "PutDomainPermissionsPolicy", home, map[string]any{"domain": "main", "domainOwner": account, "policyDocument": document})
}

// daily is the schedule: the next morning, and whatever comes of it. Lambda runs
// a dispatch that failed twice again.
func (w *world) daily() {
	w.now = w.now.Truncate(24 * time.Hour).Add(28 * time.Hour)
	payload := fmt.Sprintf(`{"version":"0","id":"s-%d","detail-type":"Scheduled Event","source":"aws.scheduler","time":%q,"detail":{}}`, w.now.Unix(), w.now.Format(time.RFC3339))
	for try := 1; ; try++ {
		if err := w.live(func(ctx context.Context) error { return w.dispatch(ctx, payload) }); err == nil {
			break
		}
		if try == 3 {
			w.dead = append(w.dead, payload)
			break
		}
		w.now = w.now.Add(time.Duration(try) * time.Minute)
	}
	w.settle()
}

// configure pushes a configuration, as its operator does.
func (w *world) configure(yaml string) {
	cfg, err := configfile.Load("caudit.yaml", []byte(yaml), []string{"grant/full-access", "token/any-service", "grant/publish-anywhere"})
	if err != nil {
		w.t.Fatal(err)
	}
	state := dynamo.New(w.table, "state")
	before, err := state.Version(context.Background())
	if err == nil {
		err = state.PushConfiguration(context.Background(), dynamo.Configuration{YAML: yaml, By: "arn", At: w.now, Config: cfg}, before)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// peacefully does something without a fault and without counting its calls.
func (w *world) peacefully(do func()) {
	plan := w.plan
	seen, calls := w.seen, w.calls
	w.plan, w.seen = broken{}, map[string]int{}
	do()
	w.plan, w.seen, w.calls = plan, seen, calls
}

// What is true.

// actual returns the findings that are true now, by id: what an audit of all
// accounts comes to that nothing disturbs. Control policies are those of the
// table, which hold for a day; with fresh, those that stand above the account.
func (w *world) actual(fresh bool) map[string]string {
	found := map[string]string{}
	state := dynamo.New(w.table, "state")
	cfg, err := state.Configure(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range w.members {
		inv, err := w.reader().Read(context.Background(), m.Account)
		if err != nil {
			w.t.Fatal(err)
		}
		if fresh {
			w.guard(inv, m.Account)
		}
		for _, f := range audit(inv, auditor.Options{Config: cfg, Now: w.now, Version: w.version}).Findings {
			found[f.ID] = f.Rule
		}
	}
	return found
}

// note keeps which findings are true without a break from now on.
func (w *world) note() {
	is := w.actual(true)
	for id := range is {
		if _, known := w.always[id]; !known {
			w.always[id], w.since[id] = true, len(w.bus.events)
		}
	}
	for id := range w.always {
		if _, still := is[id]; !still {
			w.always[id] = false
		}
	}
}

// guard puts the true control policies above the account.
func (w *world) guard(inv *inventory.Inventory, account string) {
	var documents inventory.Documents
	allowed := []inventory.Guard{{Name: fullAccess, Kind: inventory.SCP, Document: documents.Intern(anything)}}
	levels := [][]inventory.Guard{allowed, allowed, allowed}
	if account == own {
		levels = levels[1:]
	}
	if above := w.guards[account]; above != "" {
		levels[len(levels)-1] = []inventory.Guard{allowed[0], {Name: guardPrefix + account, Kind: inventory.SCP, Document: documents.Intern(above)}}
	}
	for _, a := range inv.Accounts {
		a.Guards = levels
	}
}

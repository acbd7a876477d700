package functions

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	readers "github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/collecttest"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/member"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo/roll"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish/queue"
)

// size is how many accounts the organization of the test has, the management
// account among them.
const size = 200

// managing is the account of moto's callers who assumed no role.
const managing = "123456789012"

// memberRole is the role that moto puts into every account it creates.
const memberRole = "OrganizationAccountAccessRole"

// company is an organization in moto, with the services around the functions.
type company struct {
	config   aws.Config
	units    *organizations.Client
	accounts []string // but for the management account
	table    string
	sweeps   string // queue URL
	bus      string
	output   string // queue of what reaches the bus
}

// found returns an organization of 200 accounts in four units of two levels. In
// the second unit a control policy denies CodeArtifact.
func found(ctx context.Context, t *testing.T) *company {
	t.Helper()
	own := credentials()
	c := &company{table: "caudit", bus: "codeartifact-auditor", config: aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(collecttest.StartMoto(t, "")),
		Credentials: awscredentials.NewStaticCredentialsProvider(own["AWS_ACCESS_KEY_ID"], own["AWS_SECRET_ACCESS_KEY"], own["AWS_SESSION_TOKEN"]),
	}}
	c.units = organizations.NewFromConfig(c.config)
	if _, err := c.units.CreateOrganization(ctx, &organizations.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
	roots, err := c.units.ListRoots(ctx, &organizations.ListRootsInput{})
	if err != nil {
		t.Fatal(err)
	}
	root := roots.Roots[0].Id
	for _, kind := range []orgtypes.PolicyType{orgtypes.PolicyTypeServiceControlPolicy, orgtypes.PolicyTypeResourceControlPolicy} {
		if _, err := c.units.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: kind}); err != nil {
			t.Fatal(err)
		}
	}
	units := []*string{c.unit(ctx, t, root, "a"), c.unit(ctx, t, root, "b")}
	units = append(units, c.unit(ctx, t, units[0], "aa"), c.unit(ctx, t, units[1], "bb"))
	for i := range size - 1 {
		out, err := c.units.CreateAccount(ctx, &organizations.CreateAccountInput{
			AccountName: aws.String(fmt.Sprintf("account %d", i)), Email: aws.String(fmt.Sprintf("a%d@example.com", i)),
		})
		if err != nil {
			t.Fatal(err)
		}
		account := out.CreateAccountStatus.AccountId
		c.accounts = append(c.accounts, *account)
		if _, err := c.units.MoveAccount(ctx, &organizations.MoveAccountInput{AccountId: account, SourceParentId: root, DestinationParentId: units[i%4]}); err != nil {
			t.Fatal(err)
		}
	}
	guard, err := c.units.CreatePolicy(ctx, &organizations.CreatePolicyInput{
		Name: aws.String("no packages"), Description: aws.String("-"), Type: orgtypes.PolicyTypeServiceControlPolicy,
		Content: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["codeartifact:*","sts:GetServiceBearerToken"],"Resource":"*"}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.units.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: guard.Policy.PolicySummary.Id, TargetId: units[1]}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *company) unit(ctx context.Context, t *testing.T, parent *string, name string) *string {
	t.Helper()
	out, err := c.units.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{ParentId: parent, Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out.OrganizationalUnit.Id
}

// furnish creates what the stack has: table, queues, bus.
func (c *company) furnish(ctx context.Context, t *testing.T) {
	t.Helper()
	key := func(name string) (dynamotypes.KeySchemaElement, dynamotypes.AttributeDefinition) {
		kind := dynamotypes.KeyTypeHash
		if name == "sk" {
			kind = dynamotypes.KeyTypeRange
		}
		return dynamotypes.KeySchemaElement{AttributeName: &name, KeyType: kind},
			dynamotypes.AttributeDefinition{AttributeName: &name, AttributeType: dynamotypes.ScalarAttributeTypeS}
	}
	in := &dynamodb.CreateTableInput{TableName: &c.table, BillingMode: dynamotypes.BillingModePayPerRequest}
	for _, name := range []string{"pk", "sk"} {
		element, attribute := key(name)
		in.KeySchema, in.AttributeDefinitions = append(in.KeySchema, element), append(in.AttributeDefinitions, attribute)
	}
	if _, err := dynamodb.NewFromConfig(c.config).CreateTable(ctx, in); err != nil {
		t.Fatal(err)
	}
	around := &cloud{sqs: sqs.NewFromConfig(c.config), events: eventbridge.NewFromConfig(c.config)}
	c.sweeps, _ = around.queue(ctx, t, "sweeps.fifo", map[string]string{"FifoQueue": "true", "DelaySeconds": "0"})
	c.output, _ = around.queue(ctx, t, "output", nil)
	if _, err := around.events.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: &c.bus}); err != nil {
		t.Fatal(err)
	}
	(&stack{cloud: around}).rule(ctx, t, c.bus, "everything", `{"source":["codeartifact-auditor"]}`, "arn:aws:sqs:us-east-1:"+managing+":output")
}

// as returns the settings of the member role of an account.
func (c *company) as(account string) aws.Config {
	as := c.config
	as.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(c.config), "arn:aws:iam::"+account+":role/"+memberRole))
	return as
}

// grant gives a new role of the account everything in CodeArtifact.
func (c *company) grant(ctx context.Context, t *testing.T, account string) {
	t.Helper()
	users := iam.NewFromConfig(c.as(account))
	trust := aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}}`)
	if _, err := users.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("ci"), AssumeRolePolicyDocument: trust}); err != nil {
		t.Fatal(err)
	}
	if _, err := users.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String("ci"), PolicyName: aws.String("packages"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"codeartifact:*","Resource":"*"}}`),
	}); err != nil {
		t.Fatal(err)
	}
}

// noPackages is CodeArtifact, which moto lacks, of accounts without domains.
type noPackages struct{ readers.CodeArtifactClient }

func (noPackages) ListDomains(context.Context, *codeartifact.ListDomainsInput, ...func(*codeartifact.Options)) (*codeartifact.ListDomainsOutput, error) {
	return &codeartifact.ListDomainsOutput{}, nil
}

func (noPackages) ListRepositories(context.Context, *codeartifact.ListRepositoriesInput, ...func(*codeartifact.Options)) (*codeartifact.ListRepositoriesOutput, error) {
	return &codeartifact.ListRepositoriesOutput{}, nil
}

// kept is a sink that keeps what it is given, by account.
type kept map[string][]publish.Event

func (k kept) Publish(_ context.Context, events []publish.Event) error {
	for _, e := range events {
		k[e.Detail.Metadata.Account] = append(k[e.Detail.Metadata.Account], e)
	}
	return nil
}

// told returns what was published of an account, in short, and forgets it.
func (k kept) told(account string) []string {
	var told []string
	for _, e := range k[account] {
		switch data := e.Detail.Data.(type) {
		case publish.FindingData:
			told = append(told, strings.TrimSpace(fmt.Sprint(data.Change, " ", data.Finding.Rule, " ", data.Cause)))
		case publish.Summary:
			told = append(told, fmt.Sprint(e.DetailType, " ", data.Coverage.Scopes[0].State, " ", len(data.Gaps)))
		}
	}
	delete(k, account)
	slices.Sort(told)
	return told
}

// offices are dispatch and scan of a company, in this process.
type offices struct {
	*company
	dispatch *handler.Dispatch
	scan     *handler.Scan
	told     kept
	now      time.Time
}

// openOffices wires them as the functions do.
func openOffices(c *company) *offices {
	o := &offices{company: c, told: kept{}, now: time.Now()}
	now := func() time.Time { return o.now }
	log := slog.New(slog.DiscardHandler)
	tables := dynamodb.NewFromConfig(c.config)
	o.dispatch = &handler.Dispatch{
		Organization: organization.NewWhole(c.units), Rolls: roll.NewKeeper(tables, c.table),
		Sweeps: queue.New(sqs.NewFromConfig(c.config), c.sweeps, now), Now: now, Log: log,
	}
	o.scan = &handler.Scan{
		Roll:    roll.NewReader(tables, c.table, now),
		Auditor: handler.Auditor{Version: "v0.0.0", Now: now, Sink: o.told, Log: log, Store: &history.Memory{}},
		Reader: &member.Reader{
			Own: managing, Role: member.Role{Partition: "aws", Name: memberRole}, Client: sts.NewFromConfig(c.config),
			Clients: func(credentials aws.CredentialsProvider) readers.Clients {
				as := c.config
				if credentials != nil {
					as.Credentials = credentials
				}
				return readers.Clients{
					IAM: iam.NewFromConfig(as), CodeArtifact: func(string) readers.CodeArtifactClient { return noPackages{} },
					Organization: roll.NewReader(tables, c.table, now),
				}
			},
			Options: readers.Options{Now: now, Regions: []string{"us-east-1"}},
		},
	}
	return o
}

// round dispatches once and lets scan take what was asked for, of some accounts
// alone where some are named. It returns all accounts that were asked for, with
// their states.
func (o *offices) round(ctx context.Context, t *testing.T, alone ...string) map[string]string {
	t.Helper()
	if err := o.dispatch.Handle(ctx, json.RawMessage(`{}`)); err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{}
	for _, m := range (&cloud{sqs: sqs.NewFromConfig(o.config)}).take(ctx, t, o.sweeps) {
		var request publish.SweepRequest
		if err := json.Unmarshal([]byte(m.Body), &request); err != nil {
			t.Fatal(err)
		}
		if _, twice := asked[request.Account]; twice {
			t.Errorf("account %s is asked for twice", request.Account)
		}
		asked[request.Account] = request.State
		if len(alone) > 0 && !slices.Contains(alone, request.Account) {
			continue
		}
		if response, err := o.scan.Handle(ctx, lambdaBatch(t, "sweeps.fifo", []delivery{m})); err != nil || len(response.BatchItemFailures) > 0 {
			t.Errorf("account %s: %v, %v", request.Account, response, err)
		}
	}
	o.now = o.now.Add(24 * time.Hour)
	return asked
}

// TestOrganizationOfTwoHundredAccounts: one dispatch sweeps them all, as a role
// in each, under the control policies above it; an account that is suspended is
// listed, and one that was removed is closed after two listings.
func TestOrganizationOfTwoHundredAccounts(t *testing.T) {
	ctx := t.Context()
	c := found(ctx, t)
	c.furnish(ctx, t)
	open, denied, leaving, suspended := c.accounts[0], c.accounts[1], c.accounts[4], c.accounts[8]
	for _, account := range []string{open, denied, leaving, suspended} {
		c.grant(ctx, t, account)
	}
	o := openOffices(c)

	asked := o.round(ctx, t)
	if len(asked) != size || len(o.told) != size {
		t.Fatalf("%d accounts were asked for, %d told of (expected %d)", len(asked), len(o.told), size)
	}
	for account, want := range map[string][]string{
		open:      {"CodeArtifact Audit Completed complete 0", "NEW grant/full-access"},
		leaving:   {"CodeArtifact Audit Completed complete 0", "NEW grant/full-access"},
		suspended: {"CodeArtifact Audit Completed complete 0", "NEW grant/full-access"},
	} {
		if got := o.told.told(account); !slices.Equal(got, want) {
			t.Errorf("%s: told %q", account, got)
		}
	}
	// Above this account stands the policy that denies it all.
	if got := o.told.told(denied); slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "NEW grant/full-access") }) {
		t.Errorf("%s, below a policy that denies it: told %q", denied, got)
	}
	for account := range o.told {
		if got := o.told.told(account); !slices.Equal(got, []string{"CodeArtifact Audit Completed complete 0"}) {
			t.Errorf("%s: told %q", account, got)
		}
	}

	if _, err := c.units.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: &suspended}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.units.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &leaving}); err != nil {
		t.Fatal(err)
	}
	asked = o.round(ctx, t, suspended, open)
	if _, swept := asked[leaving]; len(asked) != size-1 || swept || asked[suspended] != "SUSPENDED" {
		t.Errorf("%d accounts were asked for, the removed one among them: %t, the suspended one as %q", len(asked), swept, asked[suspended])
	}
	if got := o.told.told(suspended); !slices.Equal(got, []string{"CodeArtifact Audit Completed blocked 0"}) {
		t.Errorf("suspended: told %q", got)
	}
	asked = o.round(ctx, t, leaving, open)
	if len(asked) != size || asked[leaving] != publish.Left {
		t.Errorf("%d accounts were asked for, the removed one as %q", len(asked), asked[leaving])
	}
	if got := o.told.told(leaving); !slices.Equal(got, []string{"CodeArtifact Audit Completed blocked 0", "RESOLVED grant/full-access account-left"}) {
		t.Errorf("removed: told %q", got)
	}
	c.compiled(ctx, t, open, suspended)
}

// compiled lets the compiled functions sweep the same organization: all are asked
// for, and these two and the management account are swept.
func (c *company) compiled(ctx context.Context, t *testing.T, open, suspended string) {
	t.Helper()
	packages := httptest.NewServer(&collecttest.CodeArtifact{})
	t.Cleanup(packages.Close)
	around := &cloud{url: *c.config.BaseEndpoint, packagesURL: packages.URL, sqs: sqs.NewFromConfig(c.config)}
	of := map[string]string{
		"ORGANIZATION": "true", "ACCOUNT": managing, "TABLE_NAME": c.table, "SWEEP_QUEUE_URL": c.sweeps,
		"MEMBER_ROLE_NAME": memberRole, "EXTERNAL_ID": "8c1f", "BUS_NAME": c.bus,
	}
	dispatch, scan := start(t, "dispatch", around.environment(of)), start(t, "scan", around.environment(of))
	invoke(t, dispatch, recorded(t, "schedule.json"))
	asked := around.take(ctx, t, c.sweeps)
	if len(asked) != size { // the one that left is told again
		t.Fatalf("%d sweep requests (expected %d)", len(asked), size)
	}
	for _, account := range []string{open, suspended, managing} {
		i := slices.IndexFunc(asked, func(d delivery) bool { return strings.Contains(d.Body, account) })
		if i < 0 {
			t.Fatalf("account %s is not asked for", account)
		}
		deliver(t, scan, "sweeps.fifo", asked[i:i+1])
	}
	ends := map[string]string{}
	var found []event
	for _, d := range around.take(ctx, t, c.output) {
		e := decodeEvent(t, d.Body)
		if e.DetailType == "CodeArtifact Audit Finding" {
			found = append(found, e)
			continue
		}
		ends[e.Detail.Metadata.Account] = e.DetailType
	}
	if len(ends) != 3 || ends[open] != "CodeArtifact Audit Completed" || ends[suspended] != ends[open] || ends[managing] != ends[open] {
		t.Errorf("sweeps ended with %v", ends)
	}
	subject := "arn:aws:iam::" + open + ":role/ci#inline/packages"
	if got := rules(about(found, subject)); !slices.Equal(got, []string{"grant/full-access"}) {
		t.Errorf("told %q of %s", got, subject)
	}
	if text := dispatch.Stderr() + scan.Stderr(); strings.Contains(text, "8c1f") || strings.Contains(text, "ASIA") {
		t.Error("the log holds the external id or a key")
	}
}

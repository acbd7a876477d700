package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	catypes "github.com/aws/aws-sdk-go-v2/service/codeartifact/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// truth is what an account holds: inline policies by the name of their role,
// the permissions boundaries of some roles, and the policy of its one domain, in
// home.
type truth struct {
	roles, bounds map[string]string
	domain        string
}

// home is the Region of the domains; the other has none.
const home, abroad = "eu-west-1", "us-east-1"

// identities is IAM of one account.
type identities struct {
	*gate
	account string
	truth   *truth
	pageOf  int // how many roles a page has
}

func (i identities) GetAccountAuthorizationDetails(_ context.Context, in *iam.GetAccountAuthorizationDetailsInput, _ ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	out := &iam.GetAccountAuthorizationDetailsOutput{}
	err := i.pass("iam:GetAccountAuthorizationDetails "+i.account, func() error {
		names := slices.Sorted(maps.Keys(i.truth.roles))
		if from := slices.Index(names, aws.ToString(in.Marker)); from > 0 {
			names = names[from:]
		}
		if len(names) > i.pageOf {
			out.IsTruncated, out.Marker, names = true, &names[i.pageOf], names[:i.pageOf]
		}
		for _, name := range names {
			out.RoleDetailList = append(out.RoleDetailList, i.role(name))
		}
		return nil
	}, nil)
	return out, err
}

func (i identities) role(name string) iamtypes.RoleDetail {
	role := iamtypes.RoleDetail{
		Arn: aws.String("arn:aws:iam::" + i.account + ":role/" + name), RoleName: &name, RoleId: aws.String("AROA" + name), Path: aws.String("/"),
		AssumeRolePolicyDocument: aws.String(url.PathEscape(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`)),
	}
	if document := i.truth.roles[name]; document != "" {
		role.RolePolicyList = []iamtypes.PolicyDetail{{PolicyName: aws.String("access"), PolicyDocument: aws.String(url.PathEscape(document))}}
	}
	if i.truth.bounds[name] != "" {
		role.PermissionsBoundary = &iamtypes.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String(boundPrefix + name)}
	}
	return role
}

// boundPrefix is what the ARN of a role's boundary begins with. It is a policy
// of AWS, which a sweep does not bring.
const boundPrefix = "arn:aws:iam::aws:policy/bound-"

func (i identities) GetPolicy(_ context.Context, in *iam.GetPolicyInput, _ ...func(*iam.Options)) (*iam.GetPolicyOutput, error) {
	name := strings.TrimPrefix(*in.PolicyArn, boundPrefix)
	out := &iam.GetPolicyOutput{Policy: &iamtypes.Policy{Arn: in.PolicyArn, PolicyName: aws.String("bound-" + name), DefaultVersionId: aws.String("v1")}}
	return out, i.pass("iam:GetPolicy "+i.account+" "+name, done, nil)
}

func (i identities) GetPolicyVersion(_ context.Context, in *iam.GetPolicyVersionInput, _ ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error) {
	name := strings.TrimPrefix(*in.PolicyArn, boundPrefix)
	out := &iam.GetPolicyVersionOutput{}
	err := i.pass("iam:GetPolicyVersion "+i.account+" "+name, func() error {
		out.PolicyVersion = &iamtypes.PolicyVersion{VersionId: in.VersionId, IsDefaultVersion: true, Document: aws.String(url.PathEscape(i.truth.bounds[name]))}
		return nil
	}, nil)
	return out, err
}

// packages is CodeArtifact of one account in one Region.
type packages struct {
	*gate
	account, region string
	truth           *truth
}

func (p packages) name(call string) string {
	return "codeartifact:" + call + " " + p.account + " " + p.region
}

func (p packages) has() bool { return p.region == home && p.truth.domain != "" }

func (p packages) arn(kind string) *string {
	return aws.String("arn:aws:codeartifact:" + p.region + ":" + p.account + ":" + kind)
}

func (p packages) ListDomains(context.Context, *codeartifact.ListDomainsInput, ...func(*codeartifact.Options)) (*codeartifact.ListDomainsOutput, error) {
	out := &codeartifact.ListDomainsOutput{}
	err := p.pass(p.name("ListDomains"), func() error {
		if p.has() {
			out.Domains = []catypes.DomainSummary{{Name: aws.String("main"), Owner: &p.account, Arn: p.arn("domain/main")}}
		}
		return nil
	}, nil)
	return out, err
}

func (p packages) repositories() []catypes.RepositorySummary {
	if !p.has() {
		return nil
	}
	return []catypes.RepositorySummary{{
		Name: aws.String("team"), DomainName: aws.String("main"), DomainOwner: &p.account, AdministratorAccount: &p.account, Arn: p.arn("repository/main/team"),
	}}
}

func (p packages) ListRepositories(context.Context, *codeartifact.ListRepositoriesInput, ...func(*codeartifact.Options)) (*codeartifact.ListRepositoriesOutput, error) {
	out := &codeartifact.ListRepositoriesOutput{}
	err := p.pass(p.name("ListRepositories"), func() error { out.Repositories = p.repositories(); return nil }, nil)
	return out, err
}

func (p packages) ListRepositoriesInDomain(context.Context, *codeartifact.ListRepositoriesInDomainInput, ...func(*codeartifact.Options)) (*codeartifact.ListRepositoriesInDomainOutput, error) {
	out := &codeartifact.ListRepositoriesInDomainOutput{}
	err := p.pass(p.name("ListRepositoriesInDomain"), func() error { out.Repositories = p.repositories(); return nil }, nil)
	return out, err
}

func (p packages) GetDomainPermissionsPolicy(context.Context, *codeartifact.GetDomainPermissionsPolicyInput, ...func(*codeartifact.Options)) (*codeartifact.GetDomainPermissionsPolicyOutput, error) {
	out := &codeartifact.GetDomainPermissionsPolicyOutput{}
	err := p.pass(p.name("GetDomainPermissionsPolicy"), func() error {
		out.Policy = &catypes.ResourcePolicy{Document: &p.truth.domain, ResourceArn: p.arn("domain/main")}
		return nil
	}, nil)
	return out, err
}

func (p packages) GetRepositoryPermissionsPolicy(context.Context, *codeartifact.GetRepositoryPermissionsPolicyInput, ...func(*codeartifact.Options)) (*codeartifact.GetRepositoryPermissionsPolicyOutput, error) {
	err := p.pass(p.name("GetRepositoryPermissionsPolicy"), func() error { return apiError("ResourceNotFoundException") }, nil)
	return nil, err
}

// roles is STS. It says whose credentials they are in the key.
type roles struct{ *gate }

func (r roles) AssumeRole(_ context.Context, in *sts.AssumeRoleInput, _ ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	account := strings.Split(*in.RoleArn, ":")[4]
	out := &sts.AssumeRoleOutput{
		Credentials: &ststypes.Credentials{
			AccessKeyId: &account, SecretAccessKey: aws.String("s"), SessionToken: aws.String("t"), Expiration: aws.Time(time.Now().Add(time.Hour)),
		},
		AssumedRoleUser: &ststypes.AssumedRoleUser{Arn: aws.String("arn:aws:sts::" + account + ":assumed-role/reader/codeartifact-auditor"), AssumedRoleId: aws.String("x")},
	}
	return out, r.pass("sts:AssumeRole "+account, func() error { return nil }, nil)
}

// published is an event that reached the bus.
type published struct {
	kind   string
	detail detail
	raw    string // without the time of publishing
}

// detail is what is asked about an event.
type detail struct {
	Metadata struct {
		ID      string `json:"id"`
		Account string `json:"account"`
	} `json:"metadata"`
	Data struct {
		Status  string            `json:"status"`
		Change  string            `json:"change"`
		Edge    int               `json:"edge"`
		Alone   bool              `json:"provisional"` // judged from one document
		Gaps    []json.RawMessage `json:"gaps"`
		Finding struct {
			ID      string `json:"id"`
			Rule    string `json:"rule"`
			Subject struct {
				ID string `json:"id"`
			} `json:"subject"`
		} `json:"finding"`
	} `json:"data"`
}

// eventBus is EventBridge with our bus.
type eventBus struct {
	*gate
	events []published
}

func (b *eventBus) DescribeEventBus(context.Context, *eventbridge.DescribeEventBusInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeEventBusOutput, error) {
	return &eventbridge.DescribeEventBusOutput{}, b.pass("events:DescribeEventBus", func() error { return nil }, nil)
}

func (b *eventBus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	out := &eventbridge.PutEventsOutput{}
	put := func(every int) error {
		for i, e := range in.Entries {
			if (i+1)%every != 0 {
				out.FailedEntryCount++
				out.Entries = append(out.Entries, ebtypes.PutEventsResultEntry{ErrorCode: aws.String("InternalFailure"), ErrorMessage: aws.String("broken on purpose")})
				continue
			}
			var d detail
			if err := json.Unmarshal([]byte(*e.Detail), &d); err != nil {
				return err
			}
			b.events = append(b.events, published{kind: *e.DetailType, detail: d, raw: *e.Detail})
			out.Entries = append(out.Entries, ebtypes.PutEventsResultEntry{EventId: aws.String("e")})
		}
		return nil
	}
	err := b.pass("events:PutEvents", func() error { return put(1) }, func() error { return put(2) })
	return out, err
}

// message waits in a queue.
type message struct {
	id, body, group string
	received        int
	notBefore       time.Time
}

// given is how often a message is handed out before it is a dead letter.
const given = 5

// mailbox is a queue and its dead letters.
type mailbox struct {
	waiting, dead []*message
	count         int
}

func (m *mailbox) add(body, group string, notBefore time.Time) {
	m.count++
	m.waiting = append(m.waiting, &message{id: fmt.Sprint(m.count), body: body, group: group, notBefore: notBefore})
}

// done takes away what was handed out and did not fail; what failed too often is dead.
func (m *mailbox) done(handed []*message, failed map[string]bool, again time.Time) {
	for _, h := range handed {
		h.received++
		switch {
		case !failed[h.id]:
			m.waiting = slices.DeleteFunc(m.waiting, func(w *message) bool { return w == h })
		case h.received >= given:
			m.waiting = slices.DeleteFunc(m.waiting, func(w *message) bool { return w == h })
			m.dead = append(m.dead, h)
		default:
			h.notBefore = again
		}
	}
}

// sweepQueue is SQS with the FIFO queue of sweeps: what has the deduplication id of
// the last five minutes is accepted and gone.
type sweepQueue struct {
	*gate
	mailbox
	now  func() time.Time
	sent map[string]time.Time
}

// delay is the queue's: longer than the minute that makes the id.
const delay = 90 * time.Second

func (q *sweepQueue) accept(body, group, id string) {
	now := q.now()
	if at, known := q.sent[id]; known && now.Sub(at) < 5*time.Minute {
		return
	}
	q.sent[id] = now
	q.add(body, group, now.Add(delay))
}

func (q *sweepQueue) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	err := q.pass("sqs:SendMessage "+*in.MessageGroupId, func() error {
		q.accept(*in.MessageBody, *in.MessageGroupId, *in.MessageDeduplicationId)
		return nil
	}, nil)
	return &sqs.SendMessageOutput{}, err
}

func (q *sweepQueue) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	out := &sqs.SendMessageBatchOutput{}
	send := func(every int) error {
		for i, e := range in.Entries {
			if (i+1)%every != 0 {
				out.Failed = append(out.Failed, sqstypes.BatchResultErrorEntry{Id: e.Id, Code: aws.String("InternalError")})
				continue
			}
			q.accept(*e.MessageBody, *e.MessageGroupId, *e.MessageDeduplicationId)
			out.Successful = append(out.Successful, sqstypes.SendMessageBatchResultEntry{Id: e.Id})
		}
		return nil
	}
	err := q.pass("sqs:SendMessageBatch", func() error { return send(1) }, func() error { return send(2) })
	return out, err
}

package collect_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	catypes "github.com/aws/aws-sdk-go-v2/service/codeartifact/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

const (
	account = "111122223333"
	other   = "444455556666"
)

// cloud is AWS as an account sees it: entities in pages, domains and
// repositories by Region, an organization. It counts its calls, and any of them
// can go wrong.
type cloud struct {
	users    []types.UserDetail
	groups   []types.GroupDetail
	roles    []types.RoleDetail
	policies []types.ManagedPolicyDetail
	pageOf   int // entities on a page of IAM, repositories on a page of CodeArtifact
	// single are the policies that only GetPolicy has: documents by ARN.
	single map[string]string

	domains      map[string][]domain     // by Region
	repositories map[string][]repository // by Region

	unit *tree

	counting sync.Mutex
	calls    []call
	// fault, if set, may answer a call with an error, given how often the same
	// call was made before.
	fault func(c call, before int) error
}

// call is one call with what it asked for.
type call struct{ name, of string }

func (c call) String() string { return strings.TrimSpace(c.name + " " + c.of) }

type domain struct {
	owner, name string
	policy      string // empty for none
}

type repository struct {
	owner, domain, name, administrator string
	policy                             string
}

type tree struct {
	id, management string
	parents        map[string]string
	attached       map[string][]orgtypes.PolicySummary
	content        map[string]string // by policy id
}

func (c *cloud) clients() collect.Clients {
	clients := collect.Clients{IAM: c, CodeArtifact: func(region string) collect.CodeArtifactClient { return regional{c, region} }}
	if c.unit != nil {
		clients.Organization = organization.New(c)
	}
	return clients
}

func (c *cloud) read(regions ...string) (*inventory.Inventory, error) {
	return c.readIn(context.Background(), regions...)
}

// readWith reads through other clients, no Region.
func readWith(clients collect.Clients) (*inventory.Inventory, error) {
	return collect.New(clients, collect.Options{Regions: []string{}, Now: time.Now}).Read(context.Background(), account)
}

// circling is IAM whose pages lead in a circle.
type circling struct{ *cloud }

func (c *circling) GetAccountAuthorizationDetails(ctx context.Context, in *iam.GetAccountAuthorizationDetailsInput, _ ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	out, err := c.cloud.GetAccountAuthorizationDetails(ctx, in)
	if err == nil && aws.ToString(in.Marker) == "from-80" {
		out.Marker = aws.String("from-40")
	}
	return out, err
}

func (c *cloud) readIn(ctx context.Context, regions ...string) (*inventory.Inventory, error) {
	now := func() time.Time { return time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC) }
	return collect.New(c.clients(), collect.Options{Regions: regions, Now: now}).Read(ctx, account)
}

// called notes a call and returns what is to go wrong with it.
func (c *cloud) called(ctx context.Context, name string, of ...string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.counting.Lock()
	this := call{name, strings.Join(of, " ")}
	before := 0
	for _, each := range c.calls {
		if each == this {
			before++
		}
	}
	c.calls = append(c.calls, this)
	c.counting.Unlock()
	if c.fault == nil {
		return nil
	}
	return c.fault(this, before)
}

// span returns the part of a list that a page shows and the place of the next
// page, empty at the end.
func (c *cloud) span(place *string, n int) (from, to int, next string) {
	if place != nil {
		from, _ = strconv.Atoi(strings.TrimPrefix(*place, "from-"))
	}
	if to = n; c.pageOf > 0 && from+c.pageOf < n {
		to = from + c.pageOf
		next = "from-" + strconv.Itoa(to)
	}
	return from, to, next
}

func within[T any](list []T, start, from, to int) []T {
	lo, hi := max(from-start, 0), min(to-start, len(list))
	if lo >= hi {
		return nil
	}
	return slices.Clone(list[lo:hi])
}

func (c *cloud) GetAccountAuthorizationDetails(ctx context.Context, in *iam.GetAccountAuthorizationDetailsInput, _ ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	if err := c.called(ctx, "GetAccountAuthorizationDetails", aws.ToString(in.Marker)); err != nil {
		return nil, err
	}
	n := []int{len(c.users), len(c.groups), len(c.roles), len(c.policies)}
	from, to, next := c.span(in.Marker, n[0]+n[1]+n[2]+n[3])
	out := &iam.GetAccountAuthorizationDetailsOutput{
		UserDetailList: within(c.users, 0, from, to), GroupDetailList: within(c.groups, n[0], from, to),
		RoleDetailList: within(c.roles, n[0]+n[1], from, to), Policies: within(c.policies, n[0]+n[1]+n[2], from, to),
	}
	if next != "" {
		out.IsTruncated, out.Marker = true, aws.String(next)
	}
	return out, nil
}

func (c *cloud) GetPolicy(ctx context.Context, in *iam.GetPolicyInput, _ ...func(*iam.Options)) (*iam.GetPolicyOutput, error) {
	if err := c.called(ctx, "GetPolicy", *in.PolicyArn); err != nil {
		return nil, err
	}
	if c.single[*in.PolicyArn] == "" {
		return nil, apiError("NoSuchEntity", "Policy "+*in.PolicyArn+" does not exist")
	}
	return &iam.GetPolicyOutput{Policy: &types.Policy{Arn: in.PolicyArn, PolicyName: aws.String("single"), DefaultVersionId: aws.String("v7")}}, nil
}

func (c *cloud) GetPolicyVersion(ctx context.Context, in *iam.GetPolicyVersionInput, _ ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error) {
	if err := c.called(ctx, "GetPolicyVersion", *in.PolicyArn, *in.VersionId); err != nil {
		return nil, err
	}
	return &iam.GetPolicyVersionOutput{PolicyVersion: &types.PolicyVersion{
		VersionId: in.VersionId, IsDefaultVersion: true, Document: encoded(c.single[*in.PolicyArn]),
	}}, nil
}

// regional is CodeArtifact in one Region.
type regional struct {
	*cloud
	region string
}

func (r regional) arn(kind, owner, name string) *string {
	return aws.String("arn:aws:codeartifact:" + r.region + ":" + owner + ":" + kind + "/" + name)
}

func (r regional) ListDomains(ctx context.Context, in *codeartifact.ListDomainsInput, _ ...func(*codeartifact.Options)) (*codeartifact.ListDomainsOutput, error) {
	if err := r.called(ctx, "ListDomains", r.region, aws.ToString(in.NextToken)); err != nil {
		return nil, err
	}
	var all []catypes.DomainSummary
	for _, d := range r.domains[r.region] {
		if d.owner == account {
			all = append(all, catypes.DomainSummary{Arn: r.arn("domain", d.owner, d.name), Name: aws.String(d.name), Owner: aws.String(d.owner)})
		}
	}
	from, to, next := r.span(in.NextToken, len(all))
	return &codeartifact.ListDomainsOutput{Domains: all[from:to], NextToken: place(next)}, nil
}

func (r regional) ListRepositories(ctx context.Context, in *codeartifact.ListRepositoriesInput, _ ...func(*codeartifact.Options)) (*codeartifact.ListRepositoriesOutput, error) {
	if err := r.called(ctx, "ListRepositories", r.region, aws.ToString(in.NextToken)); err != nil {
		return nil, err
	}
	all := r.summaries(func(p repository) bool { return p.administrator == account })
	from, to, next := r.span(in.NextToken, len(all))
	return &codeartifact.ListRepositoriesOutput{Repositories: all[from:to], NextToken: place(next)}, nil
}

func (r regional) ListRepositoriesInDomain(ctx context.Context, in *codeartifact.ListRepositoriesInDomainInput, _ ...func(*codeartifact.Options)) (*codeartifact.ListRepositoriesInDomainOutput, error) {
	if err := r.called(ctx, "ListRepositoriesInDomain", r.region, *in.Domain, aws.ToString(in.NextToken)); err != nil {
		return nil, err
	}
	all := r.summaries(func(p repository) bool { return p.domain == *in.Domain && p.owner == *in.DomainOwner })
	from, to, next := r.span(in.NextToken, len(all))
	return &codeartifact.ListRepositoriesInDomainOutput{Repositories: all[from:to], NextToken: place(next)}, nil
}

func (r regional) summaries(of func(repository) bool) []catypes.RepositorySummary {
	var all []catypes.RepositorySummary
	for _, p := range r.repositories[r.region] {
		if of(p) {
			all = append(all, catypes.RepositorySummary{
				Arn: r.arn("repository", p.owner, p.domain+"/"+p.name), Name: aws.String(p.name), DomainName: aws.String(p.domain),
				DomainOwner: aws.String(p.owner), AdministratorAccount: aws.String(p.administrator),
			})
		}
	}
	return all
}

func (r regional) GetDomainPermissionsPolicy(ctx context.Context, in *codeartifact.GetDomainPermissionsPolicyInput, _ ...func(*codeartifact.Options)) (*codeartifact.GetDomainPermissionsPolicyOutput, error) {
	if err := r.called(ctx, "GetDomainPermissionsPolicy", r.region, *in.DomainOwner, *in.Domain); err != nil {
		return nil, err
	}
	for _, d := range r.domains[r.region] {
		if d.owner == *in.DomainOwner && d.name == *in.Domain && d.policy != "" {
			return &codeartifact.GetDomainPermissionsPolicyOutput{Policy: &catypes.ResourcePolicy{Document: aws.String(d.policy)}}, nil
		}
	}
	return nil, &catypes.ResourceNotFoundException{Message: aws.String("no policy")}
}

func (r regional) GetRepositoryPermissionsPolicy(ctx context.Context, in *codeartifact.GetRepositoryPermissionsPolicyInput, _ ...func(*codeartifact.Options)) (*codeartifact.GetRepositoryPermissionsPolicyOutput, error) {
	if err := r.called(ctx, "GetRepositoryPermissionsPolicy", r.region, *in.DomainOwner, *in.Domain, *in.Repository); err != nil {
		return nil, err
	}
	for _, p := range r.repositories[r.region] {
		if p.owner == *in.DomainOwner && p.domain == *in.Domain && p.name == *in.Repository && p.policy != "" {
			return &codeartifact.GetRepositoryPermissionsPolicyOutput{Policy: &catypes.ResourcePolicy{Document: aws.String(p.policy)}}, nil
		}
	}
	return nil, &catypes.ResourceNotFoundException{Message: aws.String("no policy")}
}

func (c *cloud) DescribeOrganization(ctx context.Context, _ *organizations.DescribeOrganizationInput, _ ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error) {
	if err := c.called(ctx, "DescribeOrganization"); err != nil {
		return nil, err
	}
	if c.unit.id == "" {
		return nil, &orgtypes.AWSOrganizationsNotInUseException{Message: aws.String("not in an organization")}
	}
	return &organizations.DescribeOrganizationOutput{Organization: &orgtypes.Organization{
		Id: aws.String(c.unit.id), MasterAccountId: aws.String(c.unit.management),
	}}, nil
}

func (c *cloud) ListParents(ctx context.Context, in *organizations.ListParentsInput, _ ...func(*organizations.Options)) (*organizations.ListParentsOutput, error) {
	if err := c.called(ctx, "ListParents", *in.ChildId); err != nil {
		return nil, err
	}
	return &organizations.ListParentsOutput{Parents: []orgtypes.Parent{{Id: aws.String(c.unit.parents[*in.ChildId])}}}, nil
}

func (c *cloud) ListPoliciesForTarget(ctx context.Context, in *organizations.ListPoliciesForTargetInput, _ ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error) {
	if err := c.called(ctx, "ListPoliciesForTarget", *in.TargetId, string(in.Filter), aws.ToString(in.NextToken)); err != nil {
		return nil, err
	}
	var all []orgtypes.PolicySummary
	for _, p := range c.unit.attached[*in.TargetId] {
		if p.Type == in.Filter {
			all = append(all, p)
		}
	}
	from, to, next := c.span(in.NextToken, len(all))
	return &organizations.ListPoliciesForTargetOutput{Policies: all[from:to], NextToken: place(next)}, nil
}

func (c *cloud) DescribePolicy(ctx context.Context, in *organizations.DescribePolicyInput, _ ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error) {
	if err := c.called(ctx, "DescribePolicy", *in.PolicyId); err != nil {
		return nil, err
	}
	return &organizations.DescribePolicyOutput{Policy: &orgtypes.Policy{Content: aws.String(c.unit.content[*in.PolicyId])}}, nil
}

func place(next string) *string {
	if next == "" {
		return nil
	}
	return aws.String(next)
}

func apiError(code, message string) error {
	return &smithy.OperationError{ServiceID: "X", OperationName: "Y", Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

func encoded(text string) *string { return aws.String(url.PathEscape(text)) }

const (
	plus = `{"Version":"2012-10-17","Statement":[{"Sid":"a+b","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::x/a+b/100%25"}]}`
	star = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
)

// reading is a document that allows a principal to read, so that no two are alike.
func reading(principal string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":%q},"Action":"codeartifact:ReadFromRepository","Resource":"*"}}`, principal)
}

func role(name string) types.RoleDetail {
	return types.RoleDetail{
		Arn: aws.String("arn:aws:iam::111122223333:role/ci/" + name), RoleName: aws.String(name), RoleId: aws.String("AROA" + name), Path: aws.String("/ci/"),
		AssumeRolePolicyDocument: encoded(plus), RolePolicyList: []types.PolicyDetail{{PolicyName: aws.String("p"), PolicyDocument: encoded(plus)}},
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("x")}},
	}
}

// medium is an account of 200 principals, 5 domains in 3 Regions, one of them
// another account's, in an organization with a unit.
func medium() *cloud {
	c := &cloud{pageOf: 60, domains: map[string][]domain{}, repositories: map[string][]repository{}, single: map[string]string{
		"arn:aws:iam::111122223333:policy/only-a-boundary": star,
	}}
	for i := range 20 {
		name := fmt.Sprintf("user%02d", i)
		c.users = append(c.users, types.UserDetail{
			Arn: aws.String("arn:aws:iam::111122223333:user/" + name), UserName: aws.String(name), GroupList: []string{"staff"},
			UserPolicyList: []types.PolicyDetail{{PolicyName: aws.String("p"), PolicyDocument: encoded(plus)}},
		})
	}
	c.groups = []types.GroupDetail{{Arn: aws.String("arn:aws:iam::111122223333:group/staff"), GroupName: aws.String("staff")}}
	for i := range 180 {
		c.roles = append(c.roles, role(fmt.Sprintf("role%03d", i)))
	}
	c.roles[7].PermissionsBoundary = &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String("arn:aws:iam::111122223333:policy/only-a-boundary")}
	c.policies = []types.ManagedPolicyDetail{{
		Arn: aws.String("arn:aws:iam::111122223333:policy/mine"), PolicyName: aws.String("mine"),
		PolicyVersionList: []types.PolicyVersion{{VersionId: aws.String("v1"), IsDefaultVersion: true, Document: encoded(plus)}},
	}}
	for region, names := range map[string][]string{"eu-west-1": {"shop", "pay"}, "us-east-1": {"shop"}, "ap-south-1": {"lab"}} {
		for _, name := range names {
			c.domains[region] = append(c.domains[region], domain{account, name, reading("arn:aws:iam::" + account + ":role/" + region + name)})
			for _, repo := range []string{"app", "store"} {
				c.repositories[region] = append(c.repositories[region], repository{account, name, repo, account, reading("arn:aws:iam::" + account + ":role/" + region + name + repo)})
			}
		}
	}
	// A repository that another account made in our domain, and one of ours in its.
	c.repositories["eu-west-1"] = append(c.repositories["eu-west-1"],
		repository{account, "shop", "theirs", other, reading("arn:aws:iam::" + other + ":role/theirs")},
		repository{other, "shared", "ours", account, ""})
	c.domains["eu-west-1"] = append(c.domains["eu-west-1"], domain{other, "shared", reading("arn:aws:iam::" + account + ":root")})

	scp := func(id string) orgtypes.PolicySummary {
		return orgtypes.PolicySummary{Id: aws.String(id), Name: aws.String("name-" + id), Type: orgtypes.PolicyTypeServiceControlPolicy}
	}
	c.unit = &tree{
		id: "o-a1b2c3d4e5", management: "999988887777",
		parents: map[string]string{account: "ou-ab12-units", "ou-ab12-units": "r-ab12"},
		attached: map[string][]orgtypes.PolicySummary{
			account: {scp("p-full")}, "ou-ab12-units": {scp("p-full"), scp("p-unit")},
			"r-ab12": {scp("p-full"), {Id: aws.String("p-rcp"), Name: aws.String("rcp"), Type: orgtypes.PolicyTypeResourceControlPolicy}},
		},
		content: map[string]string{"p-full": star, "p-unit": star + " ", "p-rcp": star + "\n"},
	}
	return c
}

var mediumRegions = []string{"ap-south-1", "eu-west-1", "us-east-1"}

package collect

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact"
	"github.com/aws/aws-sdk-go-v2/service/codeartifact/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// CodeArtifactClient is what is asked of CodeArtifact, in one Region.
type CodeArtifactClient interface {
	ListDomains(context.Context, *codeartifact.ListDomainsInput, ...func(*codeartifact.Options)) (*codeartifact.ListDomainsOutput, error)
	ListRepositories(context.Context, *codeartifact.ListRepositoriesInput, ...func(*codeartifact.Options)) (*codeartifact.ListRepositoriesOutput, error)
	ListRepositoriesInDomain(context.Context, *codeartifact.ListRepositoriesInDomainInput, ...func(*codeartifact.Options)) (*codeartifact.ListRepositoriesInDomainOutput, error)
	GetDomainPermissionsPolicy(context.Context, *codeartifact.GetDomainPermissionsPolicyInput, ...func(*codeartifact.Options)) (*codeartifact.GetDomainPermissionsPolicyOutput, error)
	GetRepositoryPermissionsPolicy(context.Context, *codeartifact.GetRepositoryPermissionsPolicyInput, ...func(*codeartifact.Options)) (*codeartifact.GetRepositoryPermissionsPolicyOutput, error)
}

// region reads the CodeArtifact of one account in one Region.
type region struct {
	client CodeArtifactClient
	owner  string // the account
	saw    func(call string, entities int)

	writing sync.Mutex // of what follows
	part
	documents inventory.Documents
}

// readRegion lists the domains of the account, the repositories in them, which
// other accounts may administer, and the repositories that the account
// administers in domains of others; and reads the policies of all. A list that
// cannot be had costs what only it would have named.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_ListRepositories.html
// (those of the account itself; those of a domain are another call's)
func (a *Account) readRegion(ctx context.Context, account, name string) part {
	r := &region{client: a.clients.CodeArtifact(name), owner: account, saw: func(call string, entities int) {
		a.saw(Progress{Account: account, Region: name, Source: sourceCodeArtifact, Call: call, Entities: entities})
	}}
	r.scope = inventory.Scope{Region: name, Source: sourceCodeArtifact}
	domains := r.listDomains(ctx)
	if r.part.failures.state() != complete && len(domains) == 0 {
		// Nothing else will be answered either, or only in part.
		if state, _ := r.part.failures.judge(true); state == blocked {
			return r.part
		}
	}
	repositories := map[string]types.RepositorySummary{}
	for _, of := range r.listRepositories(ctx) {
		repositories[aws.ToString(of.Arn)] = of
	}
	for _, domain := range domains {
		for _, of := range r.listRepositoriesIn(ctx, domain) {
			repositories[aws.ToString(of.Arn)] = of
		}
	}

	var todo []func()
	for _, domain := range domains {
		todo = append(todo, func() { r.readDomain(ctx, domain) })
	}
	others := map[string]bool{}
	for _, of := range repositories {
		todo = append(todo, func() { r.readRepository(ctx, of) })
		if owner, domain := aws.ToString(of.DomainOwner), aws.ToString(of.DomainName); owner != account && !others[owner+"/"+domain] {
			others[owner+"/"+domain] = true
			todo = append(todo, func() { r.readSharedDomain(ctx, name, owner, domain) })
		}
	}
	atOnce(todo)
	return r.part
}

// policiesAtOnce is how many policies are read beside each other in a Region.
const policiesAtOnce = 4

// atOnce runs tasks beside each other, a few at a time.
func atOnce(tasks []func()) {
	var running sync.WaitGroup
	busy := make(chan struct{}, policiesAtOnce)
	for _, task := range tasks {
		busy <- struct{}{}
		running.Go(func() {
			defer func() { <-busy }()
			task()
		})
	}
	running.Wait()
}

func (r *region) failed(call, of string, err error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.part.failures.add(call, of, err)
}

func (r *region) listDomains(ctx context.Context) []types.DomainSummary {
	var all []types.DomainSummary
	in := &codeartifact.ListDomainsInput{MaxResults: aws.Int32(pageSize)}
	r.failed("ListDomains", "", Paged(func(token *string) (*string, error) {
		in.NextToken = token
		page, err := r.client.ListDomains(ctx, in)
		if err != nil {
			return nil, err
		}
		r.saw("ListDomains", len(page.Domains))
		all = append(all, page.Domains...)
		return page.NextToken, nil
	}))
	return all
}

func (r *region) listRepositories(ctx context.Context) []types.RepositorySummary {
	var all []types.RepositorySummary
	in := &codeartifact.ListRepositoriesInput{MaxResults: aws.Int32(pageSize)}
	r.failed("ListRepositories", "", Paged(func(token *string) (*string, error) {
		in.NextToken = token
		page, err := r.client.ListRepositories(ctx, in)
		if err != nil {
			return nil, err
		}
		r.saw("ListRepositories", len(page.Repositories))
		all = append(all, page.Repositories...)
		return page.NextToken, nil
	}))
	return all
}

func (r *region) listRepositoriesIn(ctx context.Context, domain types.DomainSummary) []types.RepositorySummary {
	var all []types.RepositorySummary
	in := &codeartifact.ListRepositoriesInDomainInput{Domain: domain.Name, DomainOwner: aws.String(r.owner), MaxResults: aws.Int32(pageSize)}
	err := Paged(func(token *string) (*string, error) {
		in.NextToken = token
		page, err := r.client.ListRepositoriesInDomain(ctx, in)
		if err != nil {
			return nil, err
		}
		r.saw("ListRepositoriesInDomain", len(page.Repositories))
		all = append(all, page.Repositories...)
		return page.NextToken, nil
	})
	if IsCode(err, notFound) {
		return all // deleted since it was listed
	}
	r.failed("ListRepositoriesInDomain", "domain "+aws.ToString(domain.Name), err)
	return all
}

// notFound is the answer of CodeArtifact where there is no policy, and where
// what was asked about is gone.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetDomainPermissionsPolicy.html
const notFound = "ResourceNotFoundException"

func (r *region) readDomain(ctx context.Context, domain types.DomainSummary) {
	text, err := r.domainPolicy(ctx, r.owner, aws.ToString(domain.Name))
	r.failed("GetDomainPermissionsPolicy", "domain "+aws.ToString(domain.Name), err)
	r.enterDomain(aws.ToString(domain.Arn), text)
}

// readSharedDomain reads the policy of a domain of another account, in which
// this one administers a repository. Whether we may is that account's to say: a
// domain that it hides is one that was not read, which is an assumption.
func (r *region) readSharedDomain(ctx context.Context, region, owner, domain string) {
	text, err := r.domainPolicy(ctx, owner, domain)
	if IsCode(err, "AccessDeniedException") {
		hidden := failures{{"GetDomainPermissionsPolicy", "domain " + domain, err}}
		r.writing.Lock()
		defer r.writing.Unlock()
		r.Scopes = append(r.Scopes, inventory.Scope{Account: owner, Region: region, Source: sourceCodeArtifact, State: denied, Reason: hidden.reason()})
		return
	}
	r.failed("GetDomainPermissionsPolicy", "domain "+domain+" of account "+owner, err)
	if err == nil {
		r.enterDomain("arn:aws:codeartifact:"+region+":"+owner+":domain/"+domain, text)
	}
}

// domainPolicy returns the text of a domain's policy, nil for none.
func (r *region) domainPolicy(ctx context.Context, owner, domain string) (*string, error) {
	out, err := r.client.GetDomainPermissionsPolicy(ctx, &codeartifact.GetDomainPermissionsPolicyInput{Domain: aws.String(domain), DomainOwner: aws.String(owner)})
	if IsCode(err, notFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.saw("GetDomainPermissionsPolicy", 1)
	if out.Policy == nil {
		return nil, nil
	}
	return out.Policy.Document, nil
}

func (r *region) enterDomain(domainARN string, text *string) {
	r.writing.Lock()
	defer r.writing.Unlock()
	d := &inventory.Domain{ARN: domainARN}
	if text != nil {
		d.Policy = r.documents.Intern(*text)
	}
	r.Domains = append(r.Domains, d)
}

func (r *region) readRepository(ctx context.Context, of types.RepositorySummary) {
	out, err := r.client.GetRepositoryPermissionsPolicy(ctx, &codeartifact.GetRepositoryPermissionsPolicyInput{
		Domain: of.DomainName, DomainOwner: of.DomainOwner, Repository: of.Name,
	})
	if IsCode(err, notFound) {
		out, err = &codeartifact.GetRepositoryPermissionsPolicyOutput{}, nil
	}
	r.failed("GetRepositoryPermissionsPolicy", "repository "+aws.ToString(of.DomainName)+"/"+aws.ToString(of.Name), err)
	if err == nil {
		r.saw("GetRepositoryPermissionsPolicy", 1)
	}

	r.writing.Lock()
	defer r.writing.Unlock()
	repository := &inventory.Repository{ARN: aws.ToString(of.Arn), Administrator: aws.ToString(of.AdministratorAccount)}
	if err == nil && out.Policy != nil && out.Policy.Document != nil {
		repository.Policy = r.documents.Intern(*out.Policy.Document)
	}
	r.Repositories = append(r.Repositories, repository)
}

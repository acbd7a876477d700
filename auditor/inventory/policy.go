package inventory

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
)

// Policy is one policy in its place: what it is, whose, and where it was read.
type Policy struct {
	Kind Kind
	// Name is what people call it: the name of an inline or managed policy, of
	// the role for a trust policy, of the domain or repository (repository
	// names with their domain's: "domain/repository"), the path of a bare file.
	Name string
	// ID is the subject id of the contract: the ARN where one exists, inline
	// policies "<owner ARN>#inline/<name>", trust policies "<role ARN>#trust",
	// the path of a bare file, the name of an organization policy.
	ID string
	// Holder is the ARN of the user, group, role, domain or repository that the
	// policy is part of; empty for managed policies, guards and bare files.
	Holder string
	// Account is the account audited, also for policies AWS owns; empty for a
	// bare file.
	Account string
	Version string // "v3" for managed policies, else empty
	// Document is never nil.
	Document *Document
	Path     string // the input it was read from; empty for facts built in
}

// Inline reports whether the policy is embedded in a user, group or role.
func (p Policy) Inline() bool { return p.Holder != "" && p.Kind == Identity }

// Managed reports whether the policy is a customer managed policy or one AWS owns.
func (p Policy) Managed() bool {
	return p.Holder == "" && p.Account != "" && (p.Kind == Identity || p.Kind == Boundary)
}

// AWSOwned reports whether AWS owns the policy (arn:aws:iam::aws:policy/…).
func (p Policy) AWSOwned() bool { return p.Managed() && awsOwned(p.ID) }

// Where says where the policy stands, as gaps spell it: the file, a colon, and
// the entity with its policy. A bare file is its path.
func (p Policy) Where() string {
	place := p.ID
	switch {
	case p.Account == "" && p.Path != "":
		return p.Path
	case p.Inline():
		place = p.Holder + ` inline policy "` + p.Name + `"`
	case p.Kind == Trust:
		place = p.Holder + " trust policy"
	case p.Kind == DomainPolicy || p.Kind == RepositoryPolicy:
		place = p.Holder + " policy"
	case p.Version != "":
		place = p.ID + " version " + p.Version
	case p.Kind == SCP || p.Kind == RCP:
		place = "account " + p.Account + " " + p.Kind.String() + ` "` + p.Name + `"`
	}
	return at(p.Path, place)
}

func inlineID(holder, name string) string { return holder + "#inline/" + name }

func trustID(role string) string { return role + "#trust" }

// at names something in an input; what was read from AWS itself has no file.
func at(path, place string) string {
	if path == "" {
		return place
	}
	return path + ": " + place
}

func awsOwned(policyARN string) bool {
	parsed, err := arn.Parse(policyARN)
	return err == nil && parsed.Account == "aws"
}

func inlinePolicies(account, holder, path string, inline []InlinePolicy) []Policy {
	policies := make([]Policy, 0, len(inline))
	for _, p := range inline {
		policies = append(policies, Policy{
			Kind: Identity, Name: p.Name, ID: inlineID(holder, p.Name), Holder: holder,
			Account: account, Document: p.Document, Path: path,
		})
	}
	return policies
}

func managedPolicy(account string, p *ManagedPolicy, kind Kind) (Policy, bool) {
	version := p.Default()
	if version == nil {
		return Policy{}, false
	}
	return policyVersion(account, p, version, kind), true
}

func policyVersion(account string, p *ManagedPolicy, version *PolicyVersion, kind Kind) Policy {
	return Policy{
		Kind: kind, Name: p.Name, ID: p.ARN, Account: account,
		Version: version.ID, Document: version.Document, Path: p.Input,
	}
}

func guardPolicy(a *Account, g Guard) Policy {
	return Policy{Kind: g.Kind, Name: g.Name, ID: g.Name, Account: a.ID, Document: g.Document, Path: a.Path}
}

func trustPolicy(account string, r *Role) Policy {
	return Policy{Kind: Trust, Name: r.Name, ID: trustID(r.ARN), Holder: r.ARN, Account: account, Document: r.Trust, Path: r.Input}
}

func domainPolicy(account string, d *Domain) Policy {
	return Policy{
		Kind: DomainPolicy, Name: resourceName(d.ARN), ID: d.ARN, Holder: d.ARN,
		Account: account, Document: d.Policy, Path: d.Input,
	}
}

func repositoryPolicy(account string, r *Repository) Policy {
	return Policy{
		Kind: RepositoryPolicy, Name: resourceName(r.ARN), ID: r.ARN, Holder: r.ARN,
		Account: account, Document: r.Policy, Path: r.Input,
	}
}

// resourceName is what follows the resource's type in its ARN.
func resourceName(text string) string {
	parsed, err := arn.Parse(text)
	if err != nil {
		return text
	}
	_, name, _ := strings.Cut(parsed.Resource, "/")
	return name
}

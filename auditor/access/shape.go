package access

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// The characters that names are made of. AWS documents an upper length for
// names of domains and repositories that the shapes leave out: a pattern that
// matches only names too long to exist counts as matching some.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_CreateRepository.html
var (
	domainChars     = glob.Lower.Or(glob.Digits).Or(glob.Char('-'))
	repositoryStart = glob.Lower.Or(glob.Digits).Or(glob.Chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	repositoryChars = repositoryStart.Or(glob.Chars("._-"))
	packageChars    = repositoryChars.Or(glob.Chars("~+@!'()"))
	groupChars      = packageChars.Or(glob.Chars("/%"))
)

// arnService is how every ARN of the service begins.
const arnService = "arn:aws:codeartifact:"

// arnStart adds "arn:aws:codeartifact:REGION:ACCOUNT:".
func arnStart(region, account string) *glob.Builder {
	b := glob.New().Text(arnService + region + ":")
	if account == "" {
		b.Times(12, glob.Digits)
	} else {
		b.Text(account)
	}
	return b.Text(":")
}

// nameOf adds the name of a domain, or any name when none is given.
func nameOf(b *glob.Builder, domain string) *glob.Builder {
	if domain != "" {
		return b.Text(domain)
	}
	return b.One(glob.Lower).Many(domainChars).One(glob.Lower.Or(glob.Digits))
}

var domainName = glob.Union{nameOf(glob.New(), "").Pattern()}

// typeStart is what stands before the domain's name in the resource part.
func typeStart(t codeartifact.ResourceType) string {
	return t.String() + "/"
}

// addWithin adds what follows the domain's name in an ARN of type t to what
// stands before it.
func addWithin(before []func() *glob.Builder, t codeartifact.ResourceType) glob.Union {
	var out glob.Union
	for _, start := range before {
		switch t {
		case codeartifact.Repository:
			out = append(out, repositoryName(start().Text("/")).Pattern())
		case codeartifact.Package:
			for _, format := range codeartifact.Formats() {
				// FORMAT/NAMESPACE/NAME, of which the namespace may be empty.
				out = append(out, repositoryName(start().Text("/")).Text("/"+format+"/").
					Many(packageChars).Text("/").One(packageChars).Many(packageChars).Pattern())
			}
		case codeartifact.PackageGroup:
			out = append(out, start().Text("/").One(groupChars).Many(groupChars).Pattern())
		default:
			out = append(out, start().Pattern())
		}
	}
	return out
}

func repositoryName(b *glob.Builder) *glob.Builder {
	return b.One(repositoryStart).One(repositoryChars).Many(repositoryChars)
}

// within is the shape of what follows the domain's name in an ARN of type t.
func within(t codeartifact.ResourceType) glob.Union {
	return addWithin([]func() *glob.Builder{glob.New}, t)
}

// afterAccount is the shape of the resource part of an ARN of type t.
func afterAccount(t codeartifact.ResourceType) glob.Union {
	start := func() *glob.Builder { return nameOf(glob.New().Text(typeStart(t)), "") }
	return addWithin([]func() *glob.Builder{start}, t)
}

// arnShape is the shape of every ARN of type t at home.
func arnShape(t codeartifact.ResourceType, at home) glob.Union {
	var starts []func() *glob.Builder
	for _, region := range codeartifact.Regions() {
		if at.region == "" || at.region == region {
			starts = append(starts, func() *glob.Builder {
				return nameOf(arnStart(region, at.account).Text(typeStart(t)), "")
			})
		}
	}
	return addWithin(starts, t)
}

// isCodeArtifact reports whether t is one of the service's own types.
func isCodeArtifact(t codeartifact.ResourceType) bool {
	return t >= codeartifact.Domain && t <= codeartifact.PackageGroup
}

// exampleARN is an ARN of type t that no pattern asked for in particular.
func exampleARN(t codeartifact.ResourceType, at home) string {
	region, account := at.region, at.account
	if region == "" {
		region = exampleRegion
	}
	if account == "" {
		account = exampleAccount
	}
	return "arn:aws:codeartifact:" + region + ":" + account + ":" + typeStart(t) + "example" + exampleWithin[t]
}

var exampleWithin = map[codeartifact.ResourceType]string{
	codeartifact.Repository:   "/app",
	codeartifact.Package:      "/app/npm//example-package",
	codeartifact.PackageGroup: "/npm/%2a",
}

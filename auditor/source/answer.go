package source

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// answer is what CodeArtifact returns when asked for the permissions policy of a
// domain or a repository: the document, and whose it is.
//
// Sources: https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetDomainPermissionsPolicy.html
// and https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_GetRepositoryPermissionsPolicy.html
type answer struct {
	resource arn.ARN
	document string
}

// readAnswer reads the member "policy" of the top level.
func (p *page) readAnswer() error {
	kind, err := p.dec.Peek()
	if err != nil || kind != jsonpos.Object {
		return p.skip(err)
	}
	text, _, err := p.dec.Value()
	if err != nil || p.tree.Parse(text) != nil {
		return err
	}
	document, ok := member(p.tree.Root(), "document")
	id, named := member(p.tree.Root(), "resourceArn")
	if !ok || !named || document.Kind() != jsonpos.String || id.Kind() != jsonpos.String {
		return nil
	}
	parsed, err := arn.Parse(strings.Clone(id.Text()))
	if err == nil && (resource("domain")(parsed) || resource("repository")(parsed)) {
		p.answer = &answer{parsed, document.Text()}
	}
	return nil
}

// answered adds the file as the bare policy that the answer holds.
func (f *file) answered() {
	kind := inventory.DomainPolicy
	if f.answer.resource.Type() == "repository" {
		kind = inventory.RepositoryPolicy
	}
	f.policy(f.builder.Intern(f.answer.document), kind, f.answer.resource.Account)
}

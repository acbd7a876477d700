package handler

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func putDomainPermissionsPolicy(r exhibit) error {
	domain, err := r.domain()
	if err != nil {
		return err
	}
	text, err := r.document("policyDocument", "policy-document")
	if err != nil {
		return err
	}
	r.holds.Domains = []*inventory.Domain{{ARN: r.codeArtifactARN("domain/" + domain), Policy: r.intern(text)}}
	return nil
}

func putRepositoryPermissionsPolicy(r exhibit) error {
	domain, err := r.domain()
	if err != nil {
		return err
	}
	repository, err := r.named(repositoryName, "repository", "repositoryName", "repository-name")
	if err != nil {
		return err
	}
	text, err := r.document("policyDocument", "policy-document")
	if err != nil {
		return err
	}
	r.holds.Repositories = []*inventory.Repository{{
		ARN: r.codeArtifactARN("repository/" + domain + "/" + repository), Policy: r.intern(text),
	}}
	return nil
}

// domain returns the domain of a call that the record's account may judge: one
// that it owns. CodeArtifact tells a call to up to three accounts; the owner
// has a record of its own.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/codeartifact-information-in-cloudtrail.html
func (r record) domain() (string, error) {
	name, err := r.named(domainName, "domain", "domainName", "domain-name")
	if err != nil {
		return "", err
	}
	owner, err := r.owner()
	if err != nil {
		return "", err
	}
	if owner != r.account {
		return "", fmt.Errorf("domain %q belongs to account %s, whose own event tells it", name, owner)
	}
	if !regionName.MatchString(r.region) {
		return "", fmt.Errorf("awsRegion %q is no Region", r.region)
	}
	return name, nil
}

// owner returns the account that owns the domain: the one that is named, else
// the caller's.
func (r record) owner() (string, error) {
	if !r.parameters.has("domainOwner") && !r.parameters.has("domain-owner") {
		if r.caller == "" {
			return r.account, nil
		}
		return r.caller, nil
	}
	owner, err := r.parameter("domainOwner", "domain-owner")
	if err != nil {
		return "", err
	}
	if !arn.IsAccountID(owner) {
		return "", fmt.Errorf("parameter %q: %q is no account id", "domainOwner", owner)
	}
	return owner, nil
}

func (r record) codeArtifactARN(resource string) string {
	return "arn:" + Partition(r.region) + ":codeartifact:" + r.region + ":" + r.account + ":" + resource
}

package codeartifact

import "slices"

// ServiceName is the service principal of CodeArtifact: the sts:AWSServiceName
// of its token requests.
const ServiceName = "codeartifact.amazonaws.com"

// TokenService is a service known to obtain service bearer tokens, for which a
// caller needs sts:GetServiceBearerToken. AWS publishes no complete list.
type TokenService struct {
	Service string // "Amazon ECR Public"
	Action  string // what is called: "ecr-public:GetAuthorizationToken"
	// Name is the service name of its token requests, as far as known.
	Name   string
	Basis  Basis // of Name
	Source string
	Note   string
}

// TokenServices returns the services known to use bearer tokens, CodeArtifact
// first.
func TokenServices() []TokenService { return slices.Clone(tokenServices[:]) }

// Coverage says whether resource control policies cover a service.
type Coverage uint8

// The answers.
const (
	NotCovered Coverage = iota
	Covered
	// DisputedCoverage: sources differ, so neither answer may be relied on.
	DisputedCoverage
)

// RCPCoverage says whether resource control policies cover the service with
// that prefix ("sts"), as of [DataDate].
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func RCPCoverage(service string) Coverage {
	if slices.Contains(rcpDisputed[:], service) {
		return DisputedCoverage
	}
	if slices.Contains(rcpServices[:], service) {
		return Covered
	}
	return NotCovered
}

// STSActionNames returns the names of all actions of STS, of which the table
// has only those that rules use, sorted. It must not be changed.
func STSActionNames() []string { return stsActionNames[:] }

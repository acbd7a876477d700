package oracle

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
)

// Request is one request, whole: what it does not carry it lacks.
type Request struct {
	Principal Principal
	Action    string // "codeartifact:ReadFromRepository"
	// Resource is the ARN that the request is about, "*" for actions that have
	// no resource type.
	Resource string
	// Also are further resources that the same call may be authorized on, for
	// the actions of which AWS does not say on which one of several it is.
	Also []string
	// Context holds the condition keys of the request beside those that follow
	// from Principal and Resource, and instead of them where it has the same
	// key. Names ignore case.
	Context map[string][]string
}

// Principal is who makes a request: a user, or a role in a session.
type Principal struct {
	ARN          string // of the user or the role
	Session      string // ARN of the role session, where it matters
	ID           string // unique id of the user or role, empty when not known
	Organization string // o-…, empty for an account in none
	// Tags are the tags of a user. What a role session is tagged with is part
	// of the context, since session tags override a role's own.
	Tags          map[string]string
	ServiceLinked bool
	// Provider is the identity provider that vouches for whoever calls with a web
	// identity token, as policies name it; such a call has no other principal.
	Provider string
}

// account returns the account the principal belongs to.
func (p Principal) account() string {
	parsed, _ := arn.Parse(p.ARN)
	return parsed.Account
}

// role reports whether the principal is a role; otherwise it is a user.
func (p Principal) role() bool {
	parsed, _ := arn.Parse(p.ARN)
	return parsed.Type() == "role"
}

// Keys returns every key of the request in lower case with its values. A key
// that is there with no value at all counts as missing.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (r Request) Keys() map[string][]string {
	all := map[string][]string{}
	set := func(key, value string) {
		if value != "" {
			all[strings.ToLower(key)] = []string{value}
		}
	}
	p := r.Principal
	if p.Provider == "" {
		p.describe(all, set)
	}
	if resource, err := arn.Parse(r.Resource); err == nil && resource.Service == "codeartifact" {
		set("aws:RequestedRegion", resource.Region)
		set("aws:ResourceAccount", resource.Account)
	}
	for key, values := range r.Context {
		all[strings.ToLower(key)] = values
		if len(values) == 0 {
			delete(all, strings.ToLower(key))
		}
	}
	// The time of the request under its other name, which has it in seconds.
	if now := all["aws:currenttime"]; len(now) == 1 && all["aws:epochtime"] == nil {
		if seconds, ok := moment(now[0]); ok {
			all["aws:epochtime"] = []string{seconds.FloatString(0)}
		}
	}
	return all
}

// describe enters the keys that say who signed the request.
func (p Principal) describe(all map[string][]string, set func(key, value string)) {
	parsed, _ := arn.Parse(p.ARN)
	set("aws:PrincipalArn", p.ARN)
	set("aws:PrincipalAccount", parsed.Account)
	set("aws:PrincipalOrgID", p.Organization)
	if p.role() {
		set("aws:PrincipalType", "AssumedRole")
	} else {
		set("aws:PrincipalType", "User")
		set("aws:username", parsed.Name())
		set("aws:userid", p.ID)
		for key, value := range p.Tags {
			all["aws:principaltag/"+strings.ToLower(key)] = []string{value}
		}
	}
}

package rules

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// scopedToARN asks of each statement that means to allow bearer tokens whether
// its Resource matches their requests. The action acts on no resource, so an
// Allow on the ARN of a domain, a repository or a role matches none of them and
// grants nothing. Samples of AWS have printed the caller's own ARN there, which is
// why that one is milder.
var scopedToARN = Rule{
	ID:       "token/scoped-to-arn",
	Title:    "bearer-token permission on an ARN, which no token request names",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bearer.html",
	},
	Check: checkScopedToARN,
}

func checkScopedToARN(p *Pass) {
	for _, q := range p.grantors() {
		scoped, err := q.ScopedTokens()
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if len(scoped) == 0 {
			continue
		}
		f := finding.Finding{
			Subject: policySubject(q), Group: p.group(q.Document), Severity: p.rule.Severity, Confidence: finding.HighConfidence,
			Message: prefixed(q, "allows sts:GetServiceBearerToken on an ARN, but requests for it name no resource, so it allows none"),
		}
		for _, s := range scoped {
			for _, e := range s.By {
				f.Grants = append(f.Grants, grant(e, "means to allow sts:GetServiceBearerToken"))
			}
			for _, e := range s.Resources {
				f.Grants = append(f.Grants, grant(e, "token requests name no resource"))
			}
			f.Witness = []finding.Request{request(s.Intended, decision(s.Allowed))} // the same for each statement
		}
		if !slices.ContainsFunc(scoped, func(s access.ScopedToken) bool { return !s.Own }) {
			f.Severity, f.Confidence = f.Severity.Lower(1, finding.Low), finding.LowConfidence
			f.Message = prefixed(q, "allows sts:GetServiceBearerToken on an ARN that may be the caller's own, as a sample of AWS does; requests for it name no resource, so it seems to allow none")
		}
		if scoped[0].Allowed { // as of the others, which mean the same request
			f.Message += anotherDoes
		}
		p.settleReach(&f, q)
		p.report(f, func(f *finding.Finding) { p.unscope(f, q, scoped) })
	}
}

// unscope makes the statements name every resource, and CodeArtifact as the
// service. Other actions of a statement keep its resources. Where another
// statement works, this one is not needed.
func (p *Pass) unscope(f *finding.Finding, q *access.Policy, scoped []access.ScopedToken) {
	if scoped[0].Allowed || q.NamesService("ecr-public") { // ECR Public's service name is not documented
		return
	}
	a := &splitting{document: q.Document.Parsed}
	for _, s := range scoped {
		if !slices.ContainsFunc(s.By, namesTokenOutright) || len(s.By) > 1 {
			return // a pattern names other actions, which the resources may be right for
		}
		statement := s.By[0].Statement
		condition := demanding(conditions(statement, func(c policy.Condition) bool { return aboutService(c.Key) }), "StringEquals", serviceKey, codeartifact.ServiceName)
		if a.take(statement, s.By) {
			a.add(newStatement{Effect: "Allow", Action: codeartifact.GetServiceBearerToken.String(), Resource: "*", Condition: condition})
			continue
		}
		at := a.pointer(statement.Place)
		a.edit("replace", at+"/Resource", "*")
		switch {
		case len(statement.Conditions) == 0:
			a.edit("add", at+"/Condition", condition)
		case !slices.ContainsFunc(statement.Conditions, pins):
			a.edits = append(a.edits, repin(s.By[0], at, serviceKey, codeartifact.ServiceName, aboutService)...)
		}
	}
	p.offer(f, q, remedy{
		id: "any-resource", title: "name every resource, and the service in its place; the grant then works",
		grants: codeartifact.Actions(codeartifact.GetServiceBearerToken), edits: a.edits,
	})
}

// pins reports whether a condition limits bearer tokens to CodeArtifact as it
// should be written.
func pins(c policy.Condition) bool {
	return c.Operator.Text == "StringEquals" && strings.EqualFold(c.Key, serviceKey) && len(c.Values) == 1 && c.Values[0].Text == codeartifact.ServiceName
}

// namesTokenOutright reports whether an action element is the permission's name.
func namesTokenOutright(e access.Element) bool {
	text := e.Policy.Document.Text[e.Place.Start:e.Place.End]
	return strings.EqualFold(strings.Trim(text, `"`), codeartifact.GetServiceBearerToken.String())
}

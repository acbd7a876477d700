package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// halfLogin asks whether an identity has one of the two permissions that a login
// with a package manager takes, and not the other: a bearer token for
// CodeArtifact, and an authorization token of a domain. It speaks of identities
// of which every policy was read, and which somebody gave a CodeArtifact action
// by its name, since those were meant to log in. A policy that nobody knows the
// holders of may be completed by another, so of that one the answer is unsure.
var halfLogin = Rule{
	ID:       "token/half-login",
	Title:    "one half of the permissions that a login takes",
	Severity: finding.Low,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bearer.html",
	},
	Check: checkHalfLogin,
}

// halves asks about half logins, once for profiles that are decided alike.
type halves struct {
	*Pass
	known map[string]halfKnown
	// outright are the principals with a policy that names a CodeArtifact action
	// by its whole name, and whether one of their policies names ECR Public.
	outright, images map[*access.Principal]bool
	said             map[*access.Principal]bool
}

type halfKnown struct {
	half *access.HalfLogin
	err  error
}

func checkHalfLogin(p *Pass) {
	h := &halves{p, map[string]halfKnown{}, map[*access.Principal]bool{}, map[*access.Principal]bool{}, map[*access.Principal]bool{}}
	var outright []*access.Policy
	for _, q := range p.grantors() {
		named := !q.AWSOwned() && q.NamesOutright(codeartifact.CodeArtifactActions())
		if named {
			outright = append(outright, q)
		}
		for _, principal := range q.Reaches {
			h.outright[principal] = h.outright[principal] || named
			h.images[principal] = h.images[principal] || q.NamesService("ecr-public")
		}
	}
	for _, q := range outright {
		if p.World.Bare || p.World.Partial {
			h.alone(q)
		} else {
			h.caused(q)
		}
	}
	if p.World.Partial {
		return
	}
	for _, principal := range p.World.Allowed {
		if h.outright[principal] && !h.said[principal] {
			h.together(principal)
		}
	}
}

// of returns the half login of a profile, nil for none.
func (h *halves) of(profile *access.Profile, where string) *access.HalfLogin {
	known, ok := h.known[profile.Key()]
	if !ok {
		known.half, known.err = profile.HalfLogin()
		h.known[profile.Key()] = known
	}
	if known.err != nil {
		h.undecided(where, known.err)
		return nil
	}
	return known.half
}

// ofPrincipal returns the half login of a principal whose policies were all read.
func (h *halves) ofPrincipal(principal *access.Principal) *access.HalfLogin {
	half := h.of(principal.Profile, principal.ARN)
	if half == nil || h.images[principal] && half.Lacks == codeartifact.GetAuthorizationToken || !h.World.AllRead(principal) {
		return nil
	}
	return half
}

// alone judges a policy of which nobody knows what applies beside it.
func (h *halves) alone(q *access.Policy) {
	half := h.of(q.Alone(), q.Where())
	if half == nil || q.NamesService("ecr-public") && half.Lacks == codeartifact.GetAuthorizationToken {
		return
	}
	f := h.finding(q, half, "")
	f.Confidence = finding.LowConfidence
	f.Message += ", unless another policy allows it"
	h.settleReach(&f, q)
	h.report(f, func(f *finding.Finding) { h.complete(f, q, half) })
}

// caused judges a policy that gives its half by itself: those of whom it applies
// to that nothing gives the other.
func (h *halves) caused(q *access.Policy) {
	var first *access.HalfLogin
	var f finding.Finding
	for _, principal := range q.Reaches {
		half := h.ofPrincipal(principal)
		if half == nil || first != nil && (half.Lacks != first.Lacks || half.Guarded != first.Guarded) {
			continue
		}
		if own := h.of(principal.OnlyBy(q), principal.ARN); own == nil || own.Lacks != half.Lacks {
			continue
		}
		sure := confidence(half.Certainty, len(principal.Assumptions) > 0)
		if first == nil {
			first, f = half, h.finding(q, half, principal.ARN)
			f.Confidence = sure
		}
		f.Confidence = max(f.Confidence, sure)
		f.Affected = append(f.Affected, principal.ARN)
		h.said[principal] = true
	}
	if first != nil {
		h.report(f, func(f *finding.Finding) { h.complete(f, q, first) })
	}
}

func (h *halves) finding(q *access.Policy, half *access.HalfLogin, caller string) finding.Finding {
	return finding.Finding{
		Subject: policySubject(q), Group: h.group(q.Document), Severity: h.rule.Severity,
		Message: "allows " + halfMessage(half), Grants: anchored(halfMarks(half), q.Policy), Witness: halfWitness(half, caller),
	}
}

// together judges a principal whose policies add up to one half.
func (h *halves) together(principal *access.Principal) {
	half := h.ofPrincipal(principal)
	if half == nil {
		return
	}
	h.report(finding.Finding{
		Subject: principalSubject(principal, h.World.Account), Severity: h.rule.Severity, Affected: []string{principal.ARN},
		Confidence: confidence(half.Certainty, len(principal.Assumptions) > 0), Message: "its policies together allow " + halfMessage(half),
		Grants: anchored(halfMarks(half), principal.Policies...), Witness: halfWitness(half, principal.ARN),
		Group: h.group(half.By[0].Policy.Document),
	})
}

func halfMessage(half *access.HalfLogin) string {
	message := "bearer tokens for CodeArtifact, but not GetAuthorizationToken, without which there is no login"
	if half.Lacks == codeartifact.GetServiceBearerToken {
		message = "GetAuthorizationToken and " + half.Witness[1].Action.Info().Name + ", but not sts:GetServiceBearerToken, so package managers cannot log in"
	}
	if half.Guarded {
		message += "; policies allow it, but a Deny or a guard stops it"
	}
	return message
}

func halfMarks(half *access.HalfLogin) []mark {
	var out []mark
	for _, e := range half.By {
		out = append(out, mark{e, "allows one half of a login"})
	}
	return out
}

func halfWitness(half *access.HalfLogin, caller string) []finding.Request {
	denied := half.Intended
	if caller != "" {
		denied.Caller = caller
	}
	return append(asked(half.Witness, caller), request(denied, finding.Denied))
}

// complete adds the bearer token to the policy. Which domains' tokens the other
// half should be for, nobody but the author knows.
func (h *halves) complete(f *finding.Finding, q *access.Policy, half *access.HalfLogin) {
	if half.Guarded || half.Lacks != codeartifact.GetServiceBearerToken {
		return
	}
	a := &splitting{document: q.Document.Parsed}
	a.add(newStatement{Effect: "Allow", Action: codeartifact.GetServiceBearerToken.String(), Resource: "*", Condition: pin()})
	h.offer(f, q, remedy{
		id: "add-bearer-token", title: "allow bearer tokens for CodeArtifact too; logins then work",
		grants: codeartifact.Actions(codeartifact.GetServiceBearerToken), edits: a.edits,
	})
}

package rules

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// conditionDoesNotRestrict asks what a stranger may do by statements that look as
// if they kept strangers out: under a condition, or for all but some. A stranger
// is whoever controls an account that nobody named, so it meets every condition
// on what such a person chooses; it has no part in the organizations, networks
// and ids that the policy names. So the operator and the key are not judged by
// their looks: a request of a stranger either passes or it does not.
var conditionDoesNotRestrict = Rule{
	ID:       "exposure/condition-does-not-restrict",
	Title:    "condition lets strangers in",
	Severity: finding.Critical,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html",
	},
	Check: checkConditionDoesNotRestrict,
}

func checkConditionDoesNotRestrict(p *Pass) {
	for _, q := range p.World.Policies {
		open, err := p.World.Unrestricted(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if open == nil {
			continue
		}
		f := p.exposed(q, open.WayIn, fmt.Sprintf("lets any AWS principal of any account %s: %s", does(open.Actions), getsPast(open.Loopholes)))
		for _, e := range open.By {
			if !e.Actions.IsEmpty() {
				f.Grants = append(f.Grants, grant(e, "lets them "+does(e.Actions)))
				continue
			}
			says := "lets every AWS principal in"
			for _, l := range open.Loopholes {
				if l.Element.Statement == e.Statement && l.Why == access.NotListed {
					says = pasts[l.Why]
				}
			}
			f.Grants = append(f.Grants, grant(e, says))
			for _, l := range open.Loopholes {
				if l.Element.Statement == e.Statement && l.Why != access.NotListed {
					f.Grants = append(f.Grants, grant(l.Element, pasts[l.Why]))
				}
			}
		}
		p.report(f, func(f *finding.Finding) { p.requireOrganization(f, q, open.By) })
	}
}

// pasts say how strangers get past a condition.
var pasts = map[access.Why]string{
	access.NotListed:      "lets in everyone whom it does not list",
	access.NoKeyForAll:    "holds for requests without the key",
	access.NoKeyIfExists:  "holds for requests without the key",
	access.WithoutKey:     "asks only that the key is missing",
	access.WithKey:        "asks only that the key is there",
	access.Negated:        "keeps out only what it names",
	access.WideRange:      "names a range too wide to be one owner's",
	access.OthersMatch:    "matches what others have too",
	access.ChosenByCaller: "tests what callers can choose",
	access.OfEveryRequest: "holds for every request",
	access.OfResource:     "asks about the resource, not about who calls",
	access.NotJudged:      "could not be judged",
}

// getsPast puts the reasons into a sentence: each once, no more than two.
func getsPast(all []access.Loophole) string {
	var said []string
	for _, l := range all {
		reason := l.Operator + " on " + l.Key
		if l.Why == access.NotListed {
			reason = "NotPrincipal"
		}
		if reason += " " + pasts[l.Why]; !slices.Contains(said, reason) {
			said = append(said, reason)
		}
	}
	if more := len(said) - 2; more > 0 {
		return fmt.Sprintf("%s, %s, and %d more", said[0], said[1], more)
	}
	return join(said)
}

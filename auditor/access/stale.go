package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// StalePrincipal is a principal of a resource policy that names nobody.
type StalePrincipal struct {
	Certainty
	Text string
	// Why says in words why it names nobody, behind the name.
	Why string
	// Missing: it is a well-formed name, of a user or role that does not exist.
	Missing bool
	Effect  policy.Effect
	// By are the principal elements, one for each statement that has it.
	By []Element
	// Intended is what its author evidently meant to decide, with its real decision.
	Intended Request
	Allowed  bool
}

// StalePrincipals returns the principals that the policy of a domain or repository
// lists and that are nobody: ids that are left of users and roles that were
// deleted, names that do not exist in an account of which all were read, and texts
// that cannot be the name of a principal. Of those that a statement leaves out
// (NotPrincipal) it is not asked.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (w *World) StalePrincipals(q *Policy) ([]StalePrincipal, error) {
	switch q.Kind {
	case inventory.DomainPolicy, inventory.RepositoryPolicy, inventory.DomainOrRepository:
	default:
		return nil, nil
	}
	var out []StalePrincipal
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		only, _ := s.Principals.(policy.OnlyPrincipals)
		for _, p := range only {
			stale, ok := w.stale(q, p)
			if !ok {
				continue
			}
			by := Element{Policy: q.Policy, Statement: s, Place: p.Place}
			if j := slices.IndexFunc(out, func(have StalePrincipal) bool { return have.Text == p.Text && have.Effect == s.Effect }); j >= 0 {
				out[j].By = append(out[j].By, by)
				continue
			}
			stale.Text, stale.Effect, stale.By = p.Text, s.Effect, []Element{by}
			found, err := w.mean(q, s, &stale.StalePrincipal, stale.meant)
			if err != nil {
				return nil, err
			}
			if found {
				out = append(out, stale.StalePrincipal)
			}
		}
	}
	return out, nil
}

// meant is a principal that names nobody, with whom its author meant.
type meant struct {
	StalePrincipal
	meant string
}

// stale reports whether a principal names nobody, and why.
func (w *World) stale(q *Policy, p policy.Principal) (meant, bool) {
	if p.Type != policy.AWS || p.Text == "*" || arn.IsAccountID(p.Text) || strings.Contains(p.Text, "${") {
		return meant{}, false // what a template leaves open is not known
	}
	nobody := func(why, kind, account string) (meant, bool) {
		if !arn.IsAccountID(account) {
			account = w.owner(q)
		}
		return meant{StalePrincipal{Certainty: Sure, Why: why}, "arn:aws:iam::" + account + ":" + kind}, true
	}
	const role, user = "role/example", "user/example"
	if kind, ok := uniqueID(p.Text); ok {
		if w.access.hasID(p.Text) {
			return meant{}, false
		}
		if kind != "role" && kind != "user" {
			return nobody("the id of "+kind+", which is no principal", role, "")
		}
		m, _ := nobody("the id of a "+kind+" that is gone", kind+"/example", "")
		if q.Account == "" {
			m.Certainty = Possible // AWS writes the name of one that is there; who wrote a file, nobody knows
		}
		return m, true
	}
	parsed, err := arn.Parse(p.Text)
	kind, name, _ := strings.Cut(parsed.Resource, "/")
	switch {
	case err != nil && p.Text != "" && strings.Trim(p.Text, "0123456789") == "":
		padded := strings.Repeat("0", max(0, 12-len(p.Text))) + p.Text
		return nobody("and an account id has 12 digits", role, padded)
	case strings.ContainsAny(p.Text, "*?"):
		if kind != "user" {
			kind = "role"
		}
		return nobody("and the name of a principal has no wildcard", kind+"/example", parsed.Account)
	case err != nil:
		return nobody("which is no principal", role, "")
	case parsed.Partition != "aws":
		return nobody("and CodeArtifact is not in its partition", role, parsed.Account)
	case parsed.Region != "" || !arn.IsAccountID(parsed.Account):
		return nobody("and no principal has such an ARN", role, parsed.Account)
	case parsed.Service == "iam" && kind == "group":
		return nobody("and a group is no principal", user, parsed.Account)
	case parsed.Service == "iam" && kind == "instance-profile" && name != "":
		return nobody("and of an instance profile the role is the principal", "role/"+parsed.Name(), parsed.Account)
	case parsed.Service == "iam" && parsed.Resource == "root":
		return meant{}, false
	case parsed.Service == "iam" && (kind == "user" || kind == "role") && parsed.Name() != "":
		return w.missing(p.Text, parsed, kind == "role", strings.TrimPrefix(p.Text[strings.LastIndex(p.Text, ":"):], ":"))
	case parsed.Service == "sts" && kind == "assumed-role" && strings.Count(name, "/") == 1 && !strings.HasPrefix(name, "/") && parsed.Name() != "":
		return w.missing(p.Text, parsed, true, "")
	case parsed.Service == "sts" && kind == "federated-user" && name != "":
		return meant{}, false // users give such names as they like
	}
	return nobody("and no principal has such an ARN", role, parsed.Account)
}

// owner is the account that a policy is taken to be of.
func (w *World) owner(q *Policy) string {
	for _, account := range []string{q.Account, w.account.ID} {
		if account != "" {
			return account
		}
	}
	return exampleAccount
}

// missing reports whether a user or role does not exist in an account of which all
// were read. An empty resource stands for a session: of its role the name counts.
// Names that differ in nothing but case are taken for one.
func (w *World) missing(text string, parsed arn.ARN, role bool, resource string) (meant, bool) {
	of, complete := w.access.complete(parsed.Account)
	if !complete {
		return meant{}, false
	}
	near := ""
	for _, p := range of.Principals {
		if p.Role != role {
			continue
		}
		switch {
		case resource != "" && strings.EqualFold(p.ARN, text), resource == "" && strings.EqualFold(p.Name, strings.Split(parsed.Resource, "/")[1]):
			return meant{}, false
		case resource != "" && strings.EqualFold(p.Name, parsed.Name()):
			near = p.ARN
		}
	}
	m := meant{StalePrincipal{Certainty: Sure, Missing: true, Why: "which does not exist in account " + parsed.Account}, text}
	if near != "" {
		m.Why += " (there is " + near + ")"
	}
	return m, true
}

// complete returns the world of an account, and whether all of its users and roles
// were read: the source says so, and no input is one of which a part is missing.
func (x *Access) complete(account string) (*World, bool) {
	for _, w := range x.Worlds {
		if w.Bare || w.Partial || w.Account != account {
			continue
		}
		said := false
		for _, s := range w.account.Scopes {
			if s.Source == "iam" {
				if s.State != "complete" {
					return w, false
				}
				said = true
			}
		}
		return w, said && !slices.ContainsFunc(x.inventory.Gaps, func(g inventory.Gap) bool {
			return slices.ContainsFunc(x.inventory.Inputs, func(in inventory.Input) bool { return in.Kind != "policy" && in.Path == g.Where })
		})
	}
	return nil, false
}

// hasID reports whether some user or role that was read has the unique id.
func (x *Access) hasID(id string) bool {
	return slices.ContainsFunc(x.Worlds, func(w *World) bool {
		return slices.ContainsFunc(w.Principals, func(p *Principal) bool { return p.ID == id })
	})
}

// uniqueID returns what a text is the unique id of.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
func uniqueID(text string) (string, bool) {
	if len(text) < 16 || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", false
	}
	kind, ok := uniqueIDs[text[:4]]
	return kind, ok
}

var uniqueIDs = map[string]string{
	"AIDA": "user", "AROA": "role", "AGPA": "a group", "AIPA": "an instance profile", "ANPA": "a managed policy", "ANVA": "a version of a policy",
	"AKIA": "an access key", "ASIA": "a temporary access key", "ABIA": "a bearer token", "ACCA": "a credential of a context", "APKA": "a public key", "ASCA": "a certificate",
}

// mean fills in the request that a statement means to decide for whom it means,
// with its real decision. It reports false when the statement is not about
// CodeArtifact.
func (w *World) mean(q *Policy, s *policy.Statement, stale *StalePrincipal, who string) (bool, error) {
	_, possible := namedActions(s.Actions)
	actions := possible.And(codeartifact.CodeArtifactActions())
	if actions.IsEmpty() {
		return false, nil
	}
	if decided := actions.And(reachOf(q.Kind).sure); !decided.IsEmpty() {
		actions = decided
	}
	parsed, _ := arn.Parse(who)
	c := newGuest(who, parsed.Account)
	c.home = parsed.Account == w.account.ID
	p := w.access.outsider(q.Policy, w.account, c)
	b := w.access.newBudget()
	statement := compileStatement(s, variables{version: q.Document.Parsed.Version, caller: c, used: new(bool)})
	statement.allow, statement.actions = true, actions
	alone := *p
	alone.key, alone.allows, alone.denies = "", []part{{source: &source{access: w.access, policy: q.Policy}, statement: statement}}, nil
	found, err := alone.find(question{mode: maybe, actions: actions}, b)
	if err != nil {
		return false, err
	}
	stale.Intended = Request{Action: gravestFirst(actions)[0], Resource: q.ID, Context: map[string][]string{}}
	if found != nil {
		stale.Intended = alone.request(found)
	} else if _, err := arn.Parse(q.ID); err != nil {
		stale.Intended.Resource = exampleARN(codeartifact.Domain, home{account: w.account.ID})
	}
	stale.Intended.Caller = who
	if stale.Missing {
		return true, nil // who does not exist calls nothing
	}
	ask := question{actions: codeartifact.Actions(stale.Intended.Action), with: []literal{
		{&test{kind: texts, set: glob.Union{glob.Literal(stale.Intended.Resource)}}, true},
	}}
	if s.Effect == policy.Deny { // what it would have stopped
		ask = question{actions: actions, with: statement.maybe}
	}
	for _, ask.mode = range []mode{sure, maybe} {
		allowed, err := p.find(ask, b)
		if err != nil {
			return false, err
		}
		if allowed != nil {
			stale.Allowed, stale.Intended, stale.Certainty = true, p.request(allowed), min(stale.Certainty, ask.mode.certainty())
			stale.Intended.Caller = who
			break
		}
	}
	return true, nil
}

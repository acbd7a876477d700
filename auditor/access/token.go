package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

var bearerToken = codeartifact.Actions(codeartifact.GetServiceBearerToken)

// serviceNames are the names a service can have on a bearer-token request: one
// label before amazonaws.com. ECR Public's is not documented; the one that
// public policies use stands for services other than CodeArtifact.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bearer.html
var serviceNames = &domain{
	kind: texts, present: true, control: codeartifact.ByCaller,
	prefer: []string{ecrPublic, codeartifact.ServiceName},
	shape:  glob.Union{glob.New().One(serviceChars).Many(serviceChars).Text(".amazonaws.com").Pattern()},
}

const ecrPublic = "ecr-public.amazonaws.com"

var serviceChars = glob.Lower.Or(glob.Digits).Or(glob.Char('-'))

// forAnyService returns the profile with bearer-token requests for every
// service, not for CodeArtifact alone.
func (p *Profile) forAnyService() *Profile {
	caller := *p.caller
	caller.free = maps.Clone(caller.free)
	if caller.free == nil {
		caller.free = map[string]*domain{}
	}
	caller.free[serviceDim] = serviceNames
	view := *p
	view.key = ""
	view.caller = &caller
	return &view
}

// OpenToken is a bearer-token permission for more services than anyone listed.
type OpenToken struct {
	Certainty
	By      []Element
	Witness Request // for a service other than CodeArtifact
}

// OpenToken returns whether the profile allows bearer tokens for a set of
// services that is not a finite list of names; nil when it does not.
func (p *Profile) OpenToken() (*OpenToken, error) {
	if !p.actions(maybe).Meets(bearerToken) {
		return nil, nil
	}
	found, certainty, err := bothWays(func(m mode) (*OpenToken, bool, error) {
		if p.listsServices(m) {
			return nil, false, nil
		}
		o, err := p.forAnyService().openToken(m)
		return o, o != nil, err
	})
	if found != nil {
		found.Certainty = certainty
	}
	return found, err
}

// listsServices reports whether every statement that allows bearer tokens names
// the services by whole names, so that nothing has to be searched.
func (p *Profile) listsServices(m mode) bool {
	return !slices.ContainsFunc(p.allows, func(x part) bool {
		lits, some := x.literals(m)
		return some && x.names(codeartifact.GetServiceBearerToken, m) && !slices.ContainsFunc(lits, func(l literal) bool {
			return l.test.dim == serviceDim && l.test.kind == texts && l.want && !l.test.outside && l.test.set.IsList()
		})
	})
}

func (p *Profile) openToken(m mode) (*OpenToken, error) {
	b := p.steps()
	var open *OpenToken
	err := p.eachServiceClass(m, b, func(class []literal) (bool, error) {
		endless, err := endlessNames(class, b)
		if !endless || err != nil {
			return true, err
		}
		class = append(slices.Clone(class), otherService) // so that the witness shows one
		var by []part
		for _, x := range p.allows {
			found, err := p.find(question{mode: m, actions: bearerToken, with: class, by: x.same}, b)
			if err != nil {
				return false, err
			}
			if found == nil {
				continue
			}
			by = append(by, x)
			if open == nil {
				open = &OpenToken{Witness: p.request(found)}
			}
		}
		if open != nil {
			open.By = elementsOf(by, bearerToken)
		}
		return open == nil, nil
	})
	return open, err
}

func (x part) same(y part) bool {
	return x.statement == y.statement && x.source.policy.ID == y.source.policy.ID
}

// eachServiceClass calls visit for every class of service names that the tests
// of bearer-token statements tell apart, until it returns false.
func (p *Profile) eachServiceClass(m mode, b *glob.Budget, visit func([]literal) (bool, error)) error {
	var tests []*test
	for _, x := range p.statementsOn(codeartifact.GetServiceBearerToken) {
		which := m
		if !x.allow {
			which = m.other()
		}
		lits, _ := x.literals(which)
		for _, l := range asks(lits, serviceDim) {
			if !slices.Contains(tests, l.test) {
				tests = append(tests, l.test)
			}
		}
	}
	var divide func(i int, class []literal) (bool, error)
	divide = func(i int, class []literal) (bool, error) {
		if _, some, err := serviceNames.pick(class, b); !some || err != nil {
			return true, err
		}
		if i == len(tests) {
			return visit(class)
		}
		for _, want := range []bool{true, false} {
			if on, err := divide(i+1, append(slices.Clone(class), literal{tests[i], want})); !on || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	_, err := divide(0, nil)
	return err
}

// otherService asks for a service that is not CodeArtifact.
var otherService = literal{&test{dim: serviceDim, kind: texts, set: glob.Union{glob.Literal(codeartifact.ServiceName)}}, false}

// aList is the number of names, beyond one for each value written out, that
// still count as a list: a pattern that fixes the first label adds one.
const aList = 16

// endlessNames reports whether a class of service names is more than a list.
func endlessNames(class []literal, b *glob.Budget) (bool, error) {
	if !slices.ContainsFunc(class, func(l literal) bool { return l.want != l.test.outside || !l.test.set.IsList() }) {
		return true, nil // all names but a list of them
	}
	seen := &test{dim: serviceDim, kind: texts}
	most := aList
	for _, l := range class {
		most += len(l.test.set)
		for _, p := range l.test.set {
			if _, whole := p.Text(); whole {
				seen.set = append(seen.set, p)
			}
		}
	}
	for range most {
		v, some, err := serviceNames.pick(append(slices.Clone(class), literal{seen, false}), b)
		if !some || err != nil {
			return false, err
		}
		seen.set = append(slices.Clone(seen.set), glob.Literal(v.texts[0]))
	}
	return true, nil
}

// DeadToken is a statement that means to allow bearer tokens and allows none.
type DeadToken struct {
	By        []Element // the action elements that name the permission
	Condition []Element // the conditions that no token request meets
	Intended  Request   // what its author evidently meant
	// Allowed is its real decision: another statement may allow it.
	Allowed bool
}

// DeadTokens returns the Allow statements of an identity policy that name
// sts:GetServiceBearerToken, alone or by a pattern of sts actions, and whose
// conditions no token request for CodeArtifact meets and that serve no other
// known service either. A statement that names all services' actions means
// something else.
func (q *Policy) DeadTokens() ([]DeadToken, error) {
	var dead []DeadToken
	for _, x := range q.alone.allows {
		if !x.namesToken() || !x.conditional() {
			continue
		}
		b := q.alone.steps()
		view := q.alone.forConditionsOf(x)
		lives, err := view.servesAny(b)
		if err != nil {
			return nil, err
		}
		if lives {
			continue
		}
		d := DeadToken{By: elementsOf([]part{x}, bearerToken), Intended: q.tokenRequest()}
		d.Allowed, err = q.decideIntended(&d.Intended)
		if err != nil {
			return nil, err
		}
		blamed, err := q.alone.contradiction(x, b)
		if err != nil {
			return nil, err
		}
		for _, c := range blamed {
			d.Condition = append(d.Condition, Element{Policy: x.source.policy, Statement: x.parsed, Place: c.Place})
		}
		dead = append(dead, d)
	}
	return dead, nil
}

// decideIntended decides a token request for CodeArtifact by a principal that
// the policy applies to: the first for whom it is denied, else the first; by
// itself where it applies to nobody.
func (q *Policy) decideIntended(r *Request) (allowed bool, err error) {
	if len(q.Reaches) == 0 {
		return q.alone.MayToken()
	}
	for _, p := range q.Reaches {
		if allowed, err = p.MayToken(); err != nil || !allowed {
			r.Caller = p.ARN
			return false, err
		}
	}
	r.Caller = q.Reaches[0].ARN
	return true, nil
}

// MayToken reports whether the profile could allow a token for CodeArtifact.
func (p *Profile) MayToken() (bool, error) {
	found, err := p.find(question{mode: maybe, actions: bearerToken}, p.steps())
	return found != nil, err
}

// forConditionsOf returns the profile as if there were only one statement and
// it named every resource.
func (p *Profile) forConditionsOf(x part) *Profile {
	bare := *x.statement
	onKeys := func(l literal) bool { return l.test.dim == resourceDim }
	bare.maybe = slices.DeleteFunc(slices.Clone(bare.maybe), onKeys)
	return &Profile{access: p.access, caller: p.caller, allows: []part{{source: x.source, statement: &bare}}}
}

// servesAny reports whether some token request for CodeArtifact is possible, or
// one for another service that is known, or for more services than a list.
func (p *Profile) servesAny(b *glob.Budget) (bool, error) {
	found, err := p.find(question{mode: maybe, actions: bearerToken}, b)
	if found != nil || err != nil {
		return found != nil, err
	}
	return p.servesAnother(b)
}

// servesAnother reports the same of services other than CodeArtifact.
func (p *Profile) servesAnother(b *glob.Budget) (bool, error) {
	wide := p.forAnyService()
	known := &test{dim: serviceDim, kind: texts}
	for _, s := range codeartifact.TokenServices() {
		if s.Name != "" {
			known.set = append(known.set, glob.Literal(s.Name))
		}
	}
	found, err := wide.find(question{mode: maybe, actions: bearerToken, with: []literal{{known, true}, otherService}}, b)
	if found != nil || err != nil {
		return found != nil, err
	}
	open, err := wide.openToken(maybe)
	return open != nil, err
}

// contradiction returns conditions of a statement that no token request for
// CodeArtifact meets together, none of them needless.
func (p *Profile) contradiction(x part, b *glob.Budget) ([]policy.Condition, error) {
	kept := slices.Clone(x.parsed.Conditions)
	for i := len(kept) - 1; i >= 0 && len(kept) > 1; i-- {
		without := slices.Delete(slices.Clone(kept), i, i+1)
		never, err := p.neverMet(x, without, b)
		if err != nil {
			return nil, err
		}
		if never {
			kept = without
		}
	}
	return kept, nil
}

// neverMet reports whether no token request for CodeArtifact meets conditions.
func (p *Profile) neverMet(x part, conditions []policy.Condition, b *glob.Budget) (bool, error) {
	parsed := *x.parsed
	parsed.Conditions, parsed.Resources = conditions, nil
	single := compileStatement(&parsed, variables{version: x.source.policy.Document.Parsed.Version, caller: p.caller})
	single.actions = bearerToken
	view := &Profile{access: p.access, caller: p.caller, allows: []part{{source: x.source, statement: single}}}
	found, err := view.find(question{mode: maybe, actions: bearerToken}, b)
	return found == nil, err
}

// MisplacedToken is a mention of the bearer-token permission where it does
// nothing.
type MisplacedToken struct {
	By       Element
	Effect   policy.Effect
	Intended Request
	// Allowed is its real decision: the caller's own policies may allow it.
	Allowed bool
}

// MisplacedTokens returns where a resource policy or trust policy names
// sts:GetServiceBearerToken, alone or by a pattern of sts actions. It takes
// effect in identity policies alone. A trust policy is left its wildcards as
// long as they match something that it decides.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/get-set-up-provision-user.html
func (w *World) MisplacedTokens(q *Policy) ([]MisplacedToken, error) {
	switch q.Kind {
	case inventory.DomainPolicy, inventory.RepositoryPolicy, inventory.DomainOrRepository, inventory.Trust:
	default:
		return nil, nil
	}
	var out []MisplacedToken
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		only, _ := s.Actions.(policy.Only)
		for _, v := range only {
			named := codeartifact.MatchActions(v.Text)
			if !namesService(v.Text, "sts") || !named.Meets(bearerToken) {
				continue
			}
			if q.Kind == inventory.Trust && named.Meets(codeartifact.TrustActions()) {
				continue
			}
			t := MisplacedToken{
				By: Element{Policy: q.Policy, Statement: s, Place: v.Place, Actions: bearerToken}, Effect: s.Effect,
				Intended: Request{Action: codeartifact.GetServiceBearerToken, Resource: "*", Context: map[string][]string{
					"sts:AWSServiceName": {codeartifact.ServiceName},
				}},
			}
			var err error
			if t.Intended.Caller, t.Allowed, err = w.intendedCaller(q, s); err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// namesToken reports whether the statement names the bearer-token permission,
// alone or by a pattern of sts actions.
func (s *statement) namesToken() bool {
	return slices.ContainsFunc(s.elements(bearerToken), func(v policy.Value) bool { return namesService(v.Text, "sts") })
}

// NamesService reports whether a statement of the policy names actions of a
// service by its prefix.
func (q *Policy) NamesService(service string) bool {
	return slices.ContainsFunc(q.Document.Parsed.Statements, func(s policy.Statement) bool {
		return slices.ContainsFunc(policy.Values(s.Actions), func(v policy.Value) bool { return namesService(v.Text, service) })
	})
}

// namesService reports whether an action element names actions of one service.
func namesService(element, service string) bool {
	prefix, _, _ := strings.Cut(element, ":")
	return strings.EqualFold(prefix, service)
}

// intendedCaller is the caller that a statement means, with the decision on its
// token requests: of the principals that it names by ARN the first for whom they
// are denied, else the first; an example where it names none.
func (w *World) intendedCaller(q *Policy, s *policy.Statement) (caller string, allowed bool, err error) {
	only, _ := s.Principals.(policy.OnlyPrincipals)
	for _, named := range only {
		if named.Type != policy.AWS || !strings.HasPrefix(named.Text, "arn:") || strings.HasSuffix(named.Text, ":root") {
			continue
		}
		may := false
		if p := w.principal(named.Text); p != nil {
			if may, err = p.MayToken(); err != nil {
				return "", false, err
			}
		}
		if caller == "" || !may {
			caller, allowed = named.Text, may
		}
		if !may {
			return caller, false, nil
		}
	}
	if caller != "" {
		return caller, allowed, nil
	}
	account := q.Account
	if account == "" {
		account = exampleAccount
	}
	return "arn:aws:iam::" + account + ":role/example", false, nil
}

// principal returns the principal with that ARN, nil when it was not read.
func (w *World) principal(name string) *Principal {
	i, found := slices.BinarySearchFunc(w.Principals, name, func(p *Principal, name string) int { return strings.Compare(p.ARN, name) })
	if !found {
		return nil
	}
	return w.Principals[i]
}

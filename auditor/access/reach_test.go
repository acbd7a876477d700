package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// wideSets is the number of random policy sets whose wide access is held against
// the oracle.
const wideSets = 1_000

// widened are words of the universe that the policies of these worlds replace by
// actions with several types of resource, and with none.
var widened = strings.NewReplacer(
	"codeartifact:TagResource", "codeartifact:CopyPackageVersions",
	"codeartifact:ListDomains", "codeartifact:CreatePackageGroup",
)

// asked are the actions that wide access is asked of.
var asked = codeartifact.Actions(
	codeartifact.GetAuthorizationToken, codeartifact.ReadFromRepository, codeartifact.PublishPackageVersion,
	codeartifact.CopyPackageVersions, codeartifact.CreatePackageGroup,
)

// TestWideAgreesWithOracle holds wide access against requests: of each action of
// each answer the oracle has to allow every sample, whatever the caller does not
// control, unless the answer is narrowed. And each action is decided by itself:
// asked alone it has the same answer.
func TestWideAgreesWithOracle(t *testing.T) {
	var seen wideTally
	inParallel(t, wideSets, func(t *testing.T, r chance) {
		w := r.world()
		for i := range w.identity {
			w.identity[i] = widened.Replace(w.identity[i])
		}
		c := wideCase{coverageCase: coverageCase{T: t, chance: r, world: w, rules: w.oracle()}, tally: &seen}
		for _, m := range []mode{sure, maybe} {
			c.check(m)
		}
	})
	says := fmt.Sprintf("unbounded %d times, domain-wide %d times, narrowed %d times, undecided %d times", seen.unbounded, seen.domains, seen.narrowed, seen.undecided)
	t.Log(says)
	if seen.unbounded < wideSets/10 || seen.domains < wideSets/100 || seen.narrowed < wideSets/100 || seen.undecided > wideSets/50 {
		t.Errorf("%s: too few answers to prove anything", says)
	}
}

type wideTally struct {
	coverageTally
	unbounded, domains, narrowed, undecided int
}

type wideCase struct {
	coverageCase
	tally *wideTally
}

func (c wideCase) check(m mode) {
	p := c.world.resolve()
	together, err := c.ask(p, m, asked)
	if errors.Is(err, glob.ErrBudget) {
		c.tally.note(&c.tally.undecided)
		return
	}
	if err != nil {
		c.Errorf("%v\n%s", err, c.world)
		return
	}
	for _, proof := range together {
		count := &c.tally.unbounded
		if proof.domain != "" {
			count = &c.tally.domains
		}
		c.tally.note(count)
		if proof.narrowed {
			c.tally.note(&c.tally.narrowed)
		}
		c.standsBy(p, m, proof)
	}
	c.each(p, m, together)
}

func (c wideCase) ask(p *Profile, m mode, actions codeartifact.ActionSet) ([]*coverage, error) {
	actions = actions.And(p.actions(m))
	v := newCoverer(p, m, actions, p.access.newBudget())
	within := actions.Minus(codeartifact.ActionsOn(codeartifact.Domain))
	proofs, err := v.widely(v.alike(actions), v.alike(within))
	some, inDomain := p.candidates(m, actions, within)
	for _, proof := range proofs {
		if proof.domain == "" && !some.Covers(proof.actions) || proof.domain != "" && !inDomain.Covers(proof.actions) {
			c.Errorf("%+v is none of the candidates %v and %v\n%s", proof, some, inDomain, c.world)
		}
	}
	return proofs, err
}

// samplesOf has the oracle decide requests of one action out of what is covered.
func (c wideCase) samplesOf(m mode, proof *coverage, a codeartifact.Action) {
	when := proof.when
	if !proof.narrowed { // the rest is drawn
		when = slices.DeleteFunc(slices.Clone(when), func(a atom) bool { return !a.free })
	}
	start := "arn:aws:codeartifact:" + proof.region + ":" + proof.account + ":"
	for range 8 {
		resource := "*"
		var also []string
		switch a {
		case codeartifact.CreatePackageGroup:
			also = []string{start + "package-group/" + strings.TrimPrefix(c.resource(codeartifact.Domain, proof.domain), "domain/") + pickOf(c.chance, []string{"/%2a", "/npm/%2a", "/team/app"})}
		case codeartifact.CopyPackageVersions:
			resource = start + c.resource(codeartifact.Package, proof.domain)
			also = []string{relative(resource, codeartifact.Repository)}
		default:
			resource = start + c.resource(covering[a], proof.domain)
		}
		request := c.request(a, resource, when)
		request.Also = also
		if a == codeartifact.CreatePackageGroup {
			request.Context["aws:RequestedRegion"] = []string{proof.region}
			if tags := when.value("aws:tagkeys"); tags.present { // which the universe gives to others alone
				request.Context["aws:TagKeys"] = tags.texts
			}
		}
		got := oracle.Decide(request, c.rules)
		if m == sure && got != oracle.Allow || got == oracle.Deny && c.world.clear(a.String()) && also == nil {
			c.Errorf("%v on all of %+v %q (mode %d, narrowed %t) is covered under %+v, the oracle says %v of %+v\n%s", a, proof.home, proof.domain, m, proof.narrowed, when, got, request, c.world)
			return
		}
	}
}

// standsBy asks again of a profile in which nothing but what is named allows.
func (c wideCase) standsBy(p *Profile, m mode, proof *coverage) {
	by := p.only(func(x part) bool { return slices.ContainsFunc(proof.by, x.same) })
	again, err := c.ask(by, m, proof.actions)
	if err == nil && !slices.ContainsFunc(again, func(have *coverage) bool {
		return have.actions == proof.actions && have.narrowed == proof.narrowed && have.pattern == proof.pattern
	}) {
		c.Errorf("%+v without what it does not name is %v\n%s", proof, again, c.world)
	}
}

// each asks of every action alone.
func (c wideCase) each(p *Profile, m mode, together []*coverage) {
	everywhere := len(together) == 1 && together[0].domain == ""
	for a := range asked.All() {
		alone, err := c.ask(p, m, codeartifact.Actions(a))
		if err != nil {
			return
		}
		for _, proof := range alone {
			c.samplesOf(m, proof, a)
			i := slices.IndexFunc(together, func(have *coverage) bool { return have.pattern == proof.pattern })
			if proof.domain == "" && !everywhere || proof.domain != "" && !everywhere && i < 0 {
				c.Errorf("%v alone is %+v, together %v\n%s", a, proof, together, c.world)
			}
		}
		if i := slices.IndexFunc(together, func(have *coverage) bool { return have.actions.Has(a) }); i >= 0 &&
			!slices.ContainsFunc(alone, func(proof *coverage) bool {
				return proof.pattern == together[i].pattern && (together[i].narrowed || !proof.narrowed)
			}) {
			c.Errorf("%v alone is %v, together %+v\n%s", a, alone, together[i], c.world)
		}
	}
}

// What callers of other accounts have of the policy of a domain, of a repository
// and of what could be either.
func TestWideOfResourcePolicies(t *testing.T) {
	const publish = `{"Effect":"Allow","Principal":"*","Action":["codeartifact:PublishPackageVersion","codeartifact:GetAuthorizationToken"],`
	tests := []struct {
		name, holder, text string
		kind               inventory.Kind
		want               string
	}{
		{"everything in the domain", ownPlace + "domain/team", publish + `"Resource":"*"}`, 0, "sure team in us-east-1 of 111122223333"},
		{"its own name", ownPlace + "domain/team", publish + `"Resource":"` + ownPlace + `package/t*/*"}`, 0, "sure team in us-east-1 of 111122223333"},
		{"another domain", ownPlace + "domain/team", publish + `"Resource":"` + ownPlace + `package/ops/*"}`, 0, ""},
		{"one repository of it", ownPlace + "domain/team", publish + `"Resource":"` + ownPlace + `package/team/app/*"}`, 0, ""},
		{
			"less one repository", ownPlace + "domain/team",
			publish + `"Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"` + ownPlace + `package/team/app/*"}`, 0, "",
		},
		{
			"under a condition", ownPlace + "domain/team",
			publish + `"Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`, 0, "sure team in us-east-1 of 111122223333, narrowed",
		},
		{"the policy of a repository", ownPlace + "repository/team/app", publish + `"Resource":"*"}`, 0, ""},
		{"a file", "", publish + `"Resource":"*"}`, inventory.DomainPolicy, "sure * in us-east-1 of 111122223333"},
		{"a file with a name", "", publish + `"Resource":"arn:aws:codeartifact:eu-west-1:444455556666:*/shop/*"}`, inventory.DomainPolicy, "sure shop in eu-west-1 of 444455556666"},
		{"a file of a repository", "", publish + `"Resource":"*"}`, inventory.RepositoryPolicy, ""},
		{"a file of either", "", publish + `"Resource":"*"}`, inventory.DomainOrRepository, ""},
	}
	for _, test := range tests {
		var b inventory.Builder
		d := b.Intern(`{"Version":"2012-10-17","Statement":[` + test.text + `]}`)
		switch owner := (&testWorld{resource: []testPolicy{{test.holder, ""}}}).resource[0]; {
		case test.holder == "":
			file := &inventory.File{Path: "policy.json", Kind: test.kind, Document: d}
			if strings.Contains(test.text, "444455556666") {
				file.Owner = "444455556666"
			}
			b.AddFile(file)
		case owner.kind() == inventory.DomainPolicy:
			b.AddAccount(&inventory.Account{ID: ownAccount, Domains: []*inventory.Domain{{ARN: test.holder, Policy: d}}})
		default:
			b.AddAccount(&inventory.Account{ID: ownAccount, Repositories: []*inventory.Repository{{ARN: test.holder, Policy: d}}})
		}
		w := Resolve(b.Inventory(), Options{Now: testNow}).Worlds[0]
		got := ""
		found, err := w.From(w.Policies[0], "777788889999").Wide(asked)
		for _, r := range found {
			got = map[Certainty]string{Sure: "sure ", Possible: "possible "}[r.Certainty] + r.Pattern + " in " + r.Region + " of " + r.Account
			if r.Narrowed {
				got += ", narrowed"
			}
			if r.Actions != codeartifact.Actions(codeartifact.PublishPackageVersion) || !strings.Contains(r.Witness.Resource, "package/"+r.Domain+"/") {
				t.Errorf("%s: actions %v, witness %+v", test.name, r.Actions, r.Witness)
			}
		}
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

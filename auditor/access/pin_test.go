package access

import (
	"net/netip"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// decideRequest answers for one whole request by asking the profile for a request
// that is this one in everything its statements look at.
func decideRequest(p *Profile, r oracle.Request) (oracle.Decision, error) {
	a, _ := codeartifact.LookupAction(r.Action)
	with := []literal{{&test{kind: texts, set: resourcesOf(r)}, true}}
	keys := r.Keys()
	for _, dim := range p.dimensionsOn(a) {
		with = append(with, p.pin(dim, a, keys[dim])...)
	}
	if keys[serviceDim] != nil {
		p = p.forAnyService()
	}
	for _, m := range []mode{sure, maybe} {
		found, err := p.find(question{mode: m, actions: codeartifact.Actions(a), with: with}, p.access.newBudget())
		switch {
		case err != nil:
			return 0, err
		case found != nil && m == sure:
			return oracle.Allow, nil
		case found != nil:
			return oracle.Unknown, nil
		}
	}
	return oracle.Deny, nil
}

// resourcesOf returns the resources of a request as tests see them.
func resourcesOf(r oracle.Request) glob.Union {
	var set glob.Union
	for _, text := range append([]string{r.Resource}, r.Also...) {
		if text == "*" {
			set = append(set, glob.Literal(noResource))
		}
		set = append(set, glob.Literal(text))
	}
	return set
}

// dimensionsOn returns the condition keys that the statements on a ask about.
func (p *Profile) dimensionsOn(a codeartifact.Action) []string {
	var dims []string
	for _, x := range p.statementsOn(a) {
		for _, l := range slices.Concat(x.sure, x.maybe) {
			if l.test.dim != resourceDim {
				dims = append(dims, l.test.dim)
			}
		}
	}
	slices.Sort(dims)
	return slices.Compact(dims)
}

// pin returns tests that only the given values of a key pass.
func (p *Profile) pin(dim string, a codeartifact.Action, values []string) []literal {
	if len(values) == 0 {
		return []literal{{&test{dim: dim, kind: presence, absent: true}, true}}
	}
	out := []literal{{&test{dim: dim, kind: presence}, true}}
	all := &test{dim: dim, quant: policy.ForAllValues, absent: true}
	d := p.domain(dim, a, typesOf(a)[0], home{})
	for _, v := range values {
		one := &test{dim: dim, kind: d.kind, quant: policy.ForAnyValue}
		switch d.kind {
		case numbers:
			n, ok := parseNumber(v)
			if !ok {
				n, _ = parseDate(v)
			}
			one.spans = []span{{int64(n), int64(n)}}
		case addresses:
			address, _ := netip.ParseAddr(v)
			one.prefixes = []netip.Prefix{netip.PrefixFrom(address, address.BitLen())}
		default:
			one.set = glob.Union{glob.Literal(v)}
		}
		out = append(out, literal{one, true})
		all.kind = one.kind
		all.set, all.spans, all.prefixes = append(all.set, one.set...), append(all.spans, one.spans...), append(all.prefixes, one.prefixes...)
	}
	return append(out, literal{all, true})
}

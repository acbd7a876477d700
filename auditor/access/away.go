package access

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// distance is how much of what a policy names a caller has no part in.
type distance struct {
	// nobody: the caller is in an account that nobody has named, so what AWS and
	// other providers hand out to it is nothing that a policy names.
	nobody bool
	// outside: it calls from no network that a policy names.
	outside bool
	// untagged: it calls for resources without the tags that a policy asks for.
	untagged bool
}

// away returns the profile as it is for a caller at that distance: with demands on
// the keys that statements ask about.
func (p *Profile) away(d distance) *Profile {
	view := *p
	view.key = ""
	view.reach = slices.Clone(p.reach)
	tests := p.testsByDim()
	for _, dim := range sortedKeys(tests) {
		info, listed := codeartifact.LookupKey(dim)
		if _, settled := p.caller.fixedValue(dim); !listed || settled || p.caller.free[dim] != nil {
			continue
		}
		if info.Control(codeartifact.AnyCaller) == codeartifact.ByNetwork {
			if !d.outside {
				continue
			}
		} else if !d.nobody && info.Outside() != codeartifact.Attached {
			continue
		}
		if l, some := p.demand(dim, info, tests[dim], d); some {
			view.reach = append(view.reach, l)
		}
	}
	view.allows = slices.Clone(p.allows)
	for i := range view.allows {
		view.allows[i].statement = p.quantified(view.allows[i])
	}
	return &view
}

// quantified bounds what the conditions of a statement can mean that compare a key
// of many values without saying whether all or any of them must match: AWS does
// not say what it makes of them, but either way one must.
func (p *Profile) quantified(x part) *statement {
	limited := x.statement
	for _, c := range x.parsed.Conditions {
		info, listed := codeartifact.LookupKey(c.Key)
		if !listed || !info.Multi || c.Operator.Quantifier != policy.NoQuantifier || c.Operator.Base == policy.Null {
			continue
		}
		c.Operator.Quantifier = policy.ForAnyValue
		read := compileCondition(c, variables{version: x.source.policy.Document.Parsed.Version, caller: p.caller})
		if read.maybe == nil {
			continue
		}
		one := *read.maybe
		one.absent = c.Operator.IfExists || one.outside
		more := *limited
		more.maybe = append(slices.Clone(more.maybe), literal{&one, true})
		limited = &more
	}
	return limited
}

// demand returns what a key has to be for a caller away from all that tests name.
// It is absent, or one of few values.
func (p *Profile) demand(dim string, info *codeartifact.KeyInfo, tests []*test, d distance) (literal, bool) {
	among := func(patterns ...glob.Pattern) (literal, bool) {
		return literal{&test{dim: dim, kind: texts, set: patterns, quant: policy.ForAllValues, absent: true}, true}, true
	}
	switch info.Outside() {
	case codeartifact.Located:
		return literal{&test{dim: dim, kind: addresses, prefixes: narrow(tests)}, false}, true
	case codeartifact.Attached:
		return literal{&test{dim: dim, kind: presence, absent: true}, true}, d.untagged
	case codeartifact.Issued:
		return among(glob.Literal("somebody-else"))
	case codeartifact.OwnARN:
		return among(glob.New().Text("arn:aws:").Many(noColon).Text(":").Many(noColon).Text(":" + p.caller.Account + ":").Many(glob.AnyChar).Pattern())
	case codeartifact.Assigned:
		return among(p.assigned(dim)...)
	}
	return literal{}, false
}

var noColon = glob.AnyChar.Without(":")

// assigned returns the ids that AWS gave to the caller's account or what is in it.
func (p *Profile) assigned(dim string) []glob.Pattern {
	switch dim {
	case "aws:vpceaccount":
		return []glob.Pattern{glob.Literal(p.caller.Account)}
	case "aws:vpceorgid", "aws:vpceorgpaths":
		key := strings.Replace(dim, "vpce", "principal", 1)
		if v, settled := p.caller.fixedValue(key); settled && v.present {
			return []glob.Pattern{glob.Literal(v.texts[0])}
		}
		if own := p.caller.free[key]; own != nil {
			return own.shape
		}
		return []glob.Pattern{glob.Literal(strangeOrganization)}
	case "aws:sourcevpce":
		return []glob.Pattern{glob.Literal("vpce-0fedcba9876543210")}
	case "aws:sourcevpc", "aws:ec2instancesourcevpc":
		return []glob.Pattern{glob.Literal("vpc-0fedcba9876543210")}
	case "aws:userid":
		var ids []glob.Pattern
		for _, start := range []string{"AROAZZZZZZZZZZZZZZZZZ:", "AIDAZZZZZZZZZZZZZZZZZ"} {
			b := glob.New().Text(start)
			if strings.HasSuffix(start, ":") {
				b.Many(glob.AnyChar)
			}
			ids = append(ids, b.Pattern())
		}
		return ids
	}
	return []glob.Pattern{glob.Literal("us-east-1:ffffffff-ffff-ffff-ffff-ffffffffffff")}
}

// testsByDim returns the tests that the statements of a profile ask, by key.
func (p *Profile) testsByDim() map[string][]*test {
	out := map[string][]*test{}
	for _, list := range append([][]part{p.allows, p.denies}, p.layers...) {
		for _, x := range list {
			for _, l := range slices.Concat(x.sure, x.maybe) {
				if dim := l.test.dim; dim != resourceDim && !slices.Contains(out[dim], l.test) {
					out[dim] = append(out[dim], l.test)
				}
			}
		}
	}
	return out
}

func sortedKeys(m map[string][]*test) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// narrow returns the ranges of addresses that tests name and that are narrow
// enough to be somebody's. Ranges that follow on each other count as one.
func narrow(tests []*test) []netip.Prefix {
	var out []netip.Prefix
	for _, t := range tests {
		prefixes := slices.Clone(t.prefixes)
		slices.SortFunc(prefixes, func(a, b netip.Prefix) int {
			return cmp.Or(a.Addr().Compare(b.Addr()), a.Bits()-b.Bits())
		})
		for from := 0; from < len(prefixes); {
			to := from + 1
			last := lastAddress(prefixes[from])
			for to < len(prefixes) && prefixes[to].Addr().BitLen() == last.BitLen() && (!last.Less(prefixes[to].Addr()) || last.Next() == prefixes[to].Addr()) {
				if end := lastAddress(prefixes[to]); last.Less(end) {
					last = end
				}
				to++
			}
			if !wide(prefixes[from].Addr(), last) {
				out = append(out, prefixes[from:to]...)
			}
			from = to
		}
	}
	return out
}

// wide reports whether the addresses from first to last are more than one range of
// the shortest prefix that holds strangers off has.
func wide(first, last netip.Addr) bool {
	bits := codeartifact.NarrowIPv4
	if first.Is6() {
		bits = codeartifact.NarrowIPv6
	}
	head := func(a netip.Addr) uint64 {
		raw := a.AsSlice()
		if len(raw) == 4 {
			return uint64(binary.BigEndian.Uint32(raw)) << 32
		}
		return binary.BigEndian.Uint64(raw)
	}
	return head(last)-head(first) >= 1<<(64-bits)
}

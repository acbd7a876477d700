package access

import (
	"slices"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

const (
	regionDim   = "aws:requestedregion"
	accountDim  = "aws:resourceaccount"
	timeDim     = "aws:currenttime"
	serviceDim  = "sts:awsservicename"
	durationDim = "sts:durationseconds"
)

// dimensionOf returns the dimension of a key in lower case. The two keys that
// hold the time of the request are one: no request carries two times.
func dimensionOf(key string) string {
	if key == "aws:epochtime" {
		return timeDim
	}
	return key
}

// atWill reports whether a caller can make such a key what a condition asks for,
// so that the condition narrows nothing.
func atWill(c codeartifact.Control) bool {
	return c == codeartifact.ByCaller || c == codeartifact.ByConstant
}

// domain returns what a dimension can be in the caller's requests for a on a
// resource of type t at home.
func (p *Profile) domain(dim string, a codeartifact.Action, t codeartifact.ResourceType, at home) *domain {
	if dim == resourceDim {
		return p.access.resources(t, at, p.caller)
	}
	if v, settled := p.caller.fixedValue(dim); settled {
		return fixed(v, codeartifact.ByIdentity)
	}
	if d := p.caller.free[dim]; d != nil {
		return d
	}
	switch {
	case dim == regionDim && at.region != "":
		return fixed(present(at.region), codeartifact.ByCaller)
	case dim == accountDim && at.account != "":
		return fixed(present(at.account), codeartifact.ByCaller)
	}
	info, listed := codeartifact.LookupKey(dim)
	if !listed {
		return never()
	}
	presence := info.PresenceFor(a, p.caller.kind)
	if info.PresenceOn(a, t) == codeartifact.Never {
		presence = codeartifact.Never
	}
	d := p.access.domainFor(dim, info, a, p.caller.kind)
	d.absent = presence != codeartifact.Always
	d.present = presence != codeartifact.Never
	d.control = info.Control(p.caller.kind)
	return d
}

// someText holds every text but the empty one: a key that is present has a value.
var someText = glob.Union{glob.New().One(glob.AnyChar).Many(glob.AnyChar).Pattern()}

// lastSecond is the end of the year 9999, after which dates are not written.
const lastSecond = 253402300799

// domainFor returns the values of a key, by its type and what AWS documents.
func (x *Access) domainFor(dim string, info *codeartifact.KeyInfo, a codeartifact.Action, c codeartifact.Caller) *domain {
	d := &domain{kind: texts, many: info.Multi, shape: someText, prefer: x.preferred[dim]}
	switch info.Type {
	case codeartifact.BoolKey:
		d.shape = glob.Union{glob.Literal("true"), glob.Literal("false")}
	case codeartifact.NumericKey:
		d.kind, d.format = numbers, formatNumber
		d.spans = []span{{0, 1 << 52}}
		if ranges := info.Ranges(a); ranges != nil {
			d.spans = nil
			for _, r := range ranges {
				d.spans = append(d.spans, span{r.From, r.To})
			}
		}
	case codeartifact.DateKey:
		d.kind, d.format = numbers, formatDate
		d.spans = []span{{0, lastSecond}}
		if dim == timeDim {
			d.spans[0].low = x.now.Unix()
			d.prefer = []string{formatDate(x.now.Unix())}
		}
	case codeartifact.IPAddressKey:
		d.kind = addresses
	}
	if values := info.Values(a, c); values != nil && d.kind == texts {
		d.shape, d.prefer = nil, values
		for _, v := range values {
			d.shape = append(d.shape, glob.Literal(v))
		}
	}
	return d
}

func formatDate(n int64) string { return time.Unix(n, 0).UTC().Format(time.RFC3339) }

// documented are values to show where any would do: AWS's documentation uses
// them, so nobody takes them for something that was read.
var documented = map[string][]string{
	durationDim:            {"43200", "3600", "900"},
	"aws:vpcsourceip":      {"10.0.0.10"},
	"aws:sourcevpc":        {"vpc-0123456789abcdef0"},
	"aws:sourcevpce":       {"vpce-0123456789abcdef0"},
	"aws:principalaccount": {exampleAccount},
	"aws:principalorgid":   {"o-a1b2c3d4e5"},
	"aws:username":         {"example"},
	accountDim:             {exampleAccount},
	regionDim:              {exampleRegion},
}

// noResource stands for the resource of actions without one: only a Resource of
// stars alone is certain to match it. Whether "?" does, as the text "*" that AWS
// writes for it would, is not said.
const noResource = ""

// resources returns the resources of type t at home; for the invalid type, the
// one that actions without a resource are authorized on.
func (x *Access) resources(t codeartifact.ResourceType, at home, c *Caller) *domain {
	d := &domain{kind: texts, present: true, control: codeartifact.ByResource}
	switch {
	case t == 0:
		d.shape = glob.Union{glob.Literal(noResource)}
	case isCodeArtifact(t):
		d.trusted = true
		for _, region := range x.regions {
			if at.region == "" || at.region == region {
				d.parts = append(d.parts, x.partsOf(t, home{region, at.account})...)
			}
		}
		account := at.account
		if account == "" && !c.stranger {
			account = c.Account
		}
		d.prefer = x.knownIn(t, home{at.region, account})
		d.prefer = append(d.prefer, exampleARN(t, home{at.region, account}))
		if account != at.account {
			d.prefer = append(d.prefer, x.knownIn(t, at)...)
		}
	default:
		d.shape = someText
	}
	return d
}

// partsOf returns the patterns of a shape one by one: a search walks one small
// automaton after the other sooner than all of them side by side.
func (x *Access) partsOf(t codeartifact.ResourceType, at home) []shapePart {
	n := 1
	if t == codeartifact.Package {
		n = len(codeartifact.Formats())
	}
	parts := make([]shapePart, n)
	for i := range parts {
		parts[i] = shapePart{arnService + at.region, func() glob.Union { return x.shapeOf(t, at)[i : i+1] }}
	}
	return parts
}

// shapeOf returns the shape of ARNs, made once.
func (x *Access) shapeOf(t codeartifact.ResourceType, at home) glob.Union {
	key := shapeKey{t, at}
	if known, ok := x.shapes[key]; ok {
		return known
	}
	x.shapes[key] = arnShape(t, at)
	return x.shapes[key]
}

type shapeKey struct {
	t  codeartifact.ResourceType
	at home
}

// knownIn returns the known resources of type t at home.
func (x *Access) knownIn(t codeartifact.ResourceType, at home) []string {
	var out []string
	for _, text := range x.known[t] {
		parsed, err := arn.Parse(text)
		if err == nil && (at.account == "" || parsed.Account == at.account) && (at.region == "" || parsed.Region == at.region) {
			out = append(out, text)
		}
	}
	return out
}

// homes returns the places to look for a resource in: everywhere at once, or
// one by one where a test asks for a key that follows from the place.
func (p *Profile) homes(t codeartifact.ResourceType, cube []literal, clauses [][]literal, b *glob.Budget) ([]home, error) {
	all := slices.Concat(append([][]literal{cube}, clauses...)...)
	asked := func(dim string) bool {
		return slices.ContainsFunc(all, func(l literal) bool { return l.test.dim == dim })
	}
	if !isCodeArtifact(t) || !asked(regionDim) && !asked(accountDim) {
		return []home{{}}, nil
	}
	var out []home
	for _, region := range p.access.regions {
		if !asked(accountDim) {
			out = append(out, home{region: region})
			continue
		}
		accounts, err := p.accountsApart(all, region, b)
		if err != nil {
			return nil, err
		}
		for _, account := range accounts {
			out = append(out, home{region, account})
		}
	}
	return out, nil
}

// homesFor is homes for a question that may know the place.
func (p *Profile) homesFor(q question, t codeartifact.ResourceType, cube []literal, clauses [][]literal, b *glob.Budget) ([]home, error) {
	if q.at != nil {
		return []home{*q.at}, nil
	}
	return p.homes(t, cube, clauses, b)
}

// accountsApart returns one account for each way in which the tests can tell
// accounts apart, in the resource's ARN and in aws:ResourceAccount at once.
func (p *Profile) accountsApart(lits []literal, region string, b *glob.Budget) ([]string, error) {
	var sets []glob.Union
	for _, l := range lits {
		if l.test.dim == resourceDim || l.test.dim == accountDim {
			sets = append(sets, l.test.set)
		}
	}
	m := glob.NewMachine(sets)
	from := []glob.State{m.Read(m.Start(), "arn:aws:codeartifact:"+region+":"), m.Start()}
	shape := glob.Union{glob.New().Times(12, glob.Digits).Pattern()}
	branches, err := m.Spread(from, shape, []string{p.caller.Account, exampleAccount}, b)
	accounts := make([]string, len(branches))
	for i, branch := range branches {
		accounts[i] = branch.Text
	}
	return accounts, err
}

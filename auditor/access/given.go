package access

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// readContext reads condition keys with the values that a request has for them,
// in order of their names.
func readContext(context map[string][]string) ([]givenKey, error) {
	var out []givenKey
	for _, name := range slices.Sorted(maps.Keys(context)) {
		k, err := readKey(name, context[name])
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(other givenKey) bool { return other.dim == k.dim }) {
			return nil, unaskable("", "condition key %q is given twice (key names ignore case)", name)
		}
		out = append(out, k)
	}
	return out, nil
}

func readKey(name string, values []string) (givenKey, error) {
	k := givenKey{name: name, dim: dimensionOf(strings.ToLower(name)), value: value{present: len(values) > 0, texts: values}}
	info, listed := codeartifact.LookupKey(name)
	if !listed {
		if strings.HasPrefix(k.dim, "aws:") || codeartifact.ImpossibleKey(name) || !strings.Contains(name, ":") {
			return k, unaskable("", "condition key %q is not known, as of %s", name, codeartifact.DataDate())
		}
		return k, nil
	}
	k.info = info
	if len(values) > 1 && !info.Multi {
		return k, unaskable("", "condition key %s has one value, got %d", info.Name, len(values))
	}
	for _, text := range values {
		if expected := wrongValue(info, text); expected != "" {
			return k, unaskable("", "condition key %s: %q is no value of its type (expected %s)", info.Name, text, expected)
		}
	}
	return k, nil
}

// wrongValue says what was expected where text is no value of the key's type;
// else it returns an empty text.
func wrongValue(info *codeartifact.KeyInfo, text string) string {
	var ok bool
	expected := ""
	switch info.Type {
	case codeartifact.BoolKey:
		ok, expected = text == "true" || text == "false", "true or false"
	case codeartifact.NumericKey:
		_, ok = parseNumber(text)
		expected = "a number"
	case codeartifact.DateKey:
		_, ok = parseDate(text)
		expected = "a date such as 2026-10-01T12:00:00Z"
	case codeartifact.IPAddressKey:
		_, err := netip.ParseAddr(text)
		ok, expected = err == nil, "an IPv4 or IPv6 address"
	case codeartifact.ARNKey:
		_, err := arn.Parse(text)
		ok, expected = err == nil, "an ARN"
	default:
		ok, expected = text != "", "a text"
	}
	if ok {
		return ""
	}
	return expected
}

// settle fixes in c, which nobody else uses, what the question says of the
// request. It returns the keys that were given for nothing, each with the
// reason, sorted.
func (q Question) settle(x *Access, c *Caller, targets []target) ([]string, error) {
	for _, t := range targets {
		if t.at != (home{}) {
			c.fixed[regionDim], c.fixed[accountDim] = present(t.at.region), present(t.at.account)
		}
	}
	var idle []string
	bare := &Profile{access: x, caller: c}
	for _, k := range q.given {
		known, settled := c.fixedValue(k.dim)
		switch {
		case settled && slices.Equal(known.texts, k.value.texts):
			continue
		case settled:
			idle = append(idle, k.name+" follows from the principal and the resource: it is "+describe(known))
			continue
		}
		d := bare.carried(k, q.action, targets)
		if d == nil {
			idle = append(idle, "requests of "+q.action.String()+" never carry "+k.name)
			continue
		}
		if err := d.admits(k, q.action); err != nil {
			return nil, err
		}
		c.fixed[k.dim] = k.value
	}
	return idle, nil
}

func describe(v value) string {
	if !v.present {
		return "absent"
	}
	return strings.Join(v.texts, ", ")
}

// carried returns what the key can be in requests of a on one of the targets,
// nil when no such request carries it.
func (p *Profile) carried(k givenKey, a codeartifact.Action, targets []target) *domain {
	if k.info == nil {
		return nil
	}
	for _, t := range targets {
		if d := p.domain(k.dim, a, t.typ, t.at); d.present {
			if k.dim == serviceDim { // the table says what CodeArtifact's own requests carry
				return serviceNames
			}
			return d
		}
	}
	return nil
}

// admits reports a value that no request has for the key.
func (d *domain) admits(k givenKey, a codeartifact.Action) error {
	if !k.value.present {
		if d.absent {
			return nil
		}
		return unaskable("", "requests of %v always carry %s (expected a value)", a, k.name)
	}
	for _, text := range k.value.texts {
		if k.dim != timeDim && !d.takes(text) { // one may ask about the past

			return unaskable("", "requests of %v never have %s = %q", a, k.name, text)
		}
	}
	return nil
}

// takes reports whether text is a value that the key can have.
func (d *domain) takes(text string) bool {
	switch d.kind {
	case numbers:
		n, ok := parseNumber(text)
		if !ok {
			n, ok = parseDate(text)
		}
		return ok && inSpans(d.spans, int64(n))
	case addresses:
		return true
	}
	return d.spells(text)
}

package policy

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"

// Principal is one value of a Principal or NotPrincipal element.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type Principal struct {
	Place
	Type PrincipalType
	// Text is the value as written: an ARN, an account id, a unique id, a
	// service name, or "*". For Everyone it is "*".
	Text string
}

// PrincipalType is the key under which a principal is written. The zero value
// is invalid.
type PrincipalType uint8

// The types of the grammar. Everyone is the bare string "*" in place of a map.
const (
	_ PrincipalType = iota
	Everyone
	AWS
	Federated
	Service
	CanonicalUser
)

// PrincipalClause is Principal or NotPrincipal; a statement without either has
// a nil PrincipalClause.
//
//sumtype:decl
type PrincipalClause interface{ principalClause() }

// OnlyPrincipals is a Principal element: any of these.
type OnlyPrincipals []Principal

// AllButPrincipals is a NotPrincipal element: everyone but these.
type AllButPrincipals []Principal

func (OnlyPrincipals) principalClause()   {}
func (AllButPrincipals) principalClause() {}

// Principals returns the principals a clause lists, whichever form it has.
func Principals(c PrincipalClause) []Principal {
	switch c := c.(type) {
	case OnlyPrincipals:
		return c
	case AllButPrincipals:
		return c
	}
	return nil
}

// String returns the type as policies write it, and "*" for Everyone.
func (t PrincipalType) String() string {
	switch t {
	case Everyone:
		return "*"
	case AWS:
		return "AWS"
	case Federated:
		return "Federated"
	case Service:
		return "Service"
	case CanonicalUser:
		return "CanonicalUser"
	}
	return "invalid principal type"
}

var principalTypes = []string{"AWS", "Federated", "Service", "CanonicalUser"}

func principalType(name string) PrincipalType {
	for t := AWS; t <= CanonicalUser; t++ {
		if name == t.String() {
			return t
		}
	}
	return 0
}

// principals reads a Principal or NotPrincipal element, before being what was
// read of the pair so far. One that names nobody leaves the statement without
// effect.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func (p *parser) principals(v jsonpos.Value, name string, before PrincipalClause) PrincipalClause {
	not := name == "NotPrincipal"
	if before != nil {
		if _, wasNot := before.(AllButPrincipals); wasNot != not {
			p.lose(nameOf(v), "Principal beside NotPrincipal (expected one of them)")
		} else {
			p.lose(nameOf(v), "second %s (expected one; what IAM makes of two is not documented)", name)
		}
		return before
	}
	var list []Principal
	switch {
	case v.Kind() == jsonpos.String && v.Text() == "*":
		list = []Principal{{placeOf(v), Everyone, "*"}}
	case v.Kind() == jsonpos.String:
		p.lose(placeOf(v), `%s is the string %q (expected "*" or an object such as {"AWS": …})`, name, short(v.Text()))
	case v.Kind() != jsonpos.Object:
		p.lose(placeOf(v), `%s is %s (expected "*" or an object such as {"AWS": …})`, name, v.Kind())
	default:
		list = p.principalMap(v)
	}
	switch {
	case len(list) > 0 || p.lost:
	case not:
		p.lose(placeOf(v), "NotPrincipal names nobody (expected at least one principal; what IAM makes of none is not documented)")
	default:
		p.tolerate(placeOf(v), "Principal names nobody (expected at least one principal; the statement has no effect)")
	}
	if not {
		return AllButPrincipals(list)
	}
	return OnlyPrincipals(list)
}

func (p *parser) principalMap(v jsonpos.Value) []Principal {
	var list []Principal
	var seen [CanonicalUser + 1]bool
	for member := range v.Children() {
		name := member.Name()
		t := principalType(name)
		switch {
		case t == 0:
			if near := nearest(name, principalTypes); near != "" {
				p.lose(nameOf(member), "unknown principal type %q (did you mean %q?)", short(name), near)
			} else {
				p.lose(nameOf(member), "unknown principal type %q (expected AWS, Federated, Service or CanonicalUser)", short(name))
			}
			continue
		case seen[t]:
			p.lose(nameOf(member), "second %s in one principal element (expected one; what IAM makes of two is not documented)", name)
			continue
		}
		seen[t] = true
		if member.Kind() != jsonpos.Array {
			list = p.principal(member, name, t, list)
			continue
		}
		for element := range member.Children() {
			list = p.principal(element, name, t, list)
		}
	}
	return list
}

// principal appends the one principal that v names. An account id may stand
// unquoted, since the grammar makes quotation marks optional around numbers.
func (p *parser) principal(v jsonpos.Value, name string, t PrincipalType, list []Principal) []Principal {
	switch v.Kind() {
	case jsonpos.Number:
		p.tolerate(placeOf(v), "%s principal is a number (expected a string; it is read as %q)", name, short(v.Text()))
	case jsonpos.String:
	default:
		p.lose(placeOf(v), "%s principal is %s (expected a string or a list of strings)", name, v.Kind())
		return list
	}
	return append(list, Principal{placeOf(v), t, v.Text()})
}

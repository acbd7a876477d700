package access

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// clear reports whether AWS documents everything about how the world's policies
// decide requests for an action, and nothing in them hangs on what only a
// request knows: then what is sure and what is possible must be the same.
func (w *testWorld) clear(action string) bool {
	all := append([]string{w.boundary}, w.identity...)
	for _, level := range w.scps {
		all = append(all, level...)
	}
	for _, q := range w.resource {
		all = append(all, q.text)
	}
	for _, text := range all {
		if text != "" && !clearDocument(w.parsed(text), w.caller, action) {
			return false
		}
	}
	return true
}

func clearDocument(d *policy.Document, p oracle.Principal, action string) bool {
	for _, s := range d.Statements {
		if others, not := s.Principals.(policy.AllButPrincipals); not && slices.ContainsFunc(others, func(x policy.Principal) bool {
			return strings.Contains(x.Text, strings.Split(p.ARN, ":")[4]) || x.Text == p.ID
		}) {
			return false // who is spared with what it lists is not all said
		}
		for _, v := range policy.Values(s.Resources) {
			if !clearResource(d.Version, v.Text, p, action) {
				return false
			}
		}
		for _, c := range s.Conditions {
			if !clearCondition(d.Version, c, p) {
				return false
			}
		}
	}
	return true
}

// clearResource reports whether a resource pattern has one reading.
func clearResource(version policy.Version, text string, p oracle.Principal, action string) bool {
	if action == "codeartifact:CreateRepository" && text != "*" {
		return false // on what it is authorized is not settled
	}
	head := text // the parts before the fifth colon
	if parts := strings.SplitN(text, ":", 6); len(parts) == 6 {
		head = strings.Join(parts[:5], ":") + ":"
	}
	for i, c := range head {
		rest := strings.TrimLeft(head[i:], "*")
		if c == '?' || c == '*' && rest != "" && rest[0] != ':' {
			return false
		}
	}
	if version != policy.Version2012 {
		return true
	}
	return !strings.Contains(head, "${") && clearVariables(text, p)
}

// clearVariables reports whether the caller's identity settles every variable.
func clearVariables(text string, p oracle.Principal) bool {
	for {
		_, rest, found := strings.Cut(text, "${")
		if !found {
			return true
		}
		name, _, _ := strings.Cut(rest, "}")
		name, _, _ = strings.Cut(name, ",")
		switch {
		case name == "*" || name == "?" || name == "$":
		case !strings.Contains(p.ARN, ownAccount):
			return false // a synthetic caller can be any
		case name == "aws:username":
		case strings.HasPrefix(name, "aws:PrincipalTag/") && p.Tags != nil:
		default:
			return false
		}
		text = rest
	}
}

func clearCondition(version policy.Version, c policy.Condition, p oracle.Principal) bool {
	key := keyByName[strings.ToLower(c.Key)]
	base := c.Operator.Base
	if key == nil || base == policy.UnknownOperator {
		return false
	}
	if base == policy.Null {
		return true
	}
	foreign := key.name == "s3:prefix" // no request of ours carries it, so its type does not matter
	if !foreign && !slices.Contains(key.bases, base) && !(slices.Equal(key.bases, arnBases) && slices.Contains(textBases, base)) {
		return false
	}
	if key.multi && c.Operator.Quantifier == policy.NoQuantifier {
		return false
	}
	for _, v := range c.Values {
		if !clearValue(version, base, v.Text, p) {
			return false
		}
	}
	return true
}

// clearValue reports whether a value is one of its operator's type.
func clearValue(version policy.Version, base policy.BaseOperator, text string, p oracle.Principal) bool {
	switch {
	case slices.Contains(numberBases, base):
		_, err := strconv.ParseFloat(text, 64)
		return err == nil
	case slices.Contains(dateBases, base):
		_, err := strconv.Atoi(text)
		_, err2 := time.Parse(time.RFC3339, text)
		_, err3 := time.Parse(time.DateOnly, text)
		return err == nil || err2 == nil || err3 == nil
	case slices.Contains(addressBases, base):
		return strings.ContainsAny(text, ".:") && text != "?!"
	case slices.Contains(arnBases, base) && strings.Count(text, ":") < 5:
		return false
	case base == policy.Bool:
		return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
	}
	return version != policy.Version2012 || clearVariables(text, p)
}

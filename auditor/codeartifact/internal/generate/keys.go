package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact/internal/pattern"
)

const keysFile = "data/sources/keys.json"

// keyFacts is data/sources/keys.json.
type keyFacts struct {
	About   string   `json:"about"`
	Date    string   `json:"date"`
	Sources []string `json:"sources"`
	// TrustExtras are decided with an AssumeRole action, in its request: what
	// the reference lists for that holds for them.
	TrustExtras []string     `json:"trustExtras"`
	Defaults    []keyDefault `json:"defaults"`
	// CrossService names the action whose provider keys stay with the session.
	CrossService string    `json:"crossService"`
	Keys         []keyFact `json:"keys"`
}

type keyDefault struct {
	Prefix  string `json:"prefix"`
	Control string `json:"control"`
	Source  string `json:"source"`
}

type keyFact struct {
	Name     string                `json:"name"`
	Type     string                `json:"type"`
	Multi    bool                  `json:"multi"`
	Control  string                `json:"control"`
	Presence []presenceFact        `json:"presence"`
	Fixed    []fixedFact           `json:"fixed"`
	Ranges   []rangeFact           `json:"ranges"`
	Callers  map[string]callerFact `json:"callers"`
	Tagged   bool                  `json:"taggedTypes"`
	Basis    string                `json:"basis"`
	Source   string                `json:"source"`
	Note     string                `json:"note"`
}

type presenceFact struct {
	On []string `json:"on"`
	Is string   `json:"is"`
}

type fixedFact struct {
	On     []string `json:"on"`
	Values []string `json:"values"`
}

type rangeFact struct {
	On   []string `json:"on"`
	From int64    `json:"from"`
	To   int64    `json:"to"`
}

type callerFact struct {
	Presence string   `json:"presence"`
	Control  string   `json:"control"`
	Values   []string `json:"values"`
}

// allKeys joins the curated keys with those of the reference that need no more
// than defaults, in the order of their lower-case names.
func (f *facts) allKeys() ([]keyFact, error) {
	all := slices.Clone(f.keys.Keys)
	have := map[string]bool{}
	for _, each := range all {
		name := strings.ToLower(each.Name)
		if have[name] {
			return nil, fmt.Errorf("%s: %q twice", keysFile, each.Name)
		}
		have[name] = true
	}
	for _, each := range f.reference.GlobalKeys {
		if !have[strings.ToLower(each.Name)] {
			return nil, fmt.Errorf("%s: no facts for the global key %q", keysFile, each.Name)
		}
	}
	for _, each := range f.reference.Keys {
		if name := strings.ToLower(each.Name); !have[name] {
			have[name] = true
			all = append(all, f.defaultKey(each))
		}
	}
	slices.SortFunc(all, func(a, b keyFact) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return all, nil
}

// defaultKey says of a key of the reference what its name and the actions that
// list it tell.
func (f *facts) defaultKey(key referenceKey) keyFact {
	i := slices.IndexFunc(f.keys.Defaults, func(d keyDefault) bool { return strings.HasPrefix(key.Name, d.Prefix) })
	fact := keyFact{
		Name: key.Name, Type: key.Type, Basis: "documented",
		Control: f.keys.Defaults[i].Control, Source: f.keys.Defaults[i].Source,
		Presence: []presenceFact{{[]string{"*"}, "never"}, {[]string{"@listed"}, "sometimes"}},
	}
	if kind, many := strings.CutPrefix(key.Type, "ArrayOf"); many {
		fact.Type, fact.Multi = kind, true
	}
	switch {
	case f.isProviderKey(key.Name) && f.listed(key.Name, f.keys.CrossService):
		// AWS: available when a federated user acts in other services.
		fact.Presence = []presenceFact{{[]string{"*"}, "sometimes"}}
		fact.Callers = map[string]callerFact{"user": {Presence: "never"}}
		fact.Basis = "inferred"
	case f.listedOnAssumeRole(key.Name):
		fact.Presence = append(fact.Presence, presenceFact{f.keys.TrustExtras, "sometimes"})
	}
	return fact
}

// isProviderKey reports whether an identity provider, not AWS, gives the value.
func (f *facts) isProviderKey(name string) bool {
	return !slices.ContainsFunc([]string{"aws:", "sts:", "iam:"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

func (f *facts) listedOnAssumeRole(key string) bool {
	return slices.ContainsFunc(f.actions, func(a action) bool {
		return strings.HasPrefix(a.Name, "sts:AssumeRole") && slices.Contains(a.Keys, key)
	})
}

// listed reports whether the reference lists key for the action of that name.
func (f *facts) listed(key, action string) bool {
	for _, each := range f.actions {
		if each.Name == action {
			return slices.Contains(each.Keys, key)
		}
	}
	return false
}

// actionsOn returns the actions that a list of patterns and words names.
func (f *facts) actionsOn(key string, on []string) (words, error) {
	var set words
	for _, element := range on {
		matched := false
		for i, each := range f.actions {
			switch element {
			case "@listed":
				matched = true
				if slices.Contains(each.Keys, key) {
					set.add(i + 1)
				}
			case "@ResourceTag":
				matched = true
				if f.tagged(each) {
					set.add(i + 1)
				}
			default:
				if pattern.Match(element, each.Name) {
					matched = true
					set.add(i + 1)
				}
			}
		}
		if !matched {
			return set, fmt.Errorf("%s: %s: %q names no action", keysFile, key, element)
		}
	}
	return set, nil
}

// tagged reports whether some type of the action's resources can have tags.
func (f *facts) tagged(a action) bool {
	for _, target := range a.Resources {
		for _, resource := range f.resources.Types {
			if resource.Type != target.Type || resource.Service != a.service && (a.service != "sts" || resource.Service != "iam") {
				continue
			}
			if _, tags, err := f.template(resource); err == nil && tags {
				return true
			}
		}
	}
	return false
}

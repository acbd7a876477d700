package configfile

import (
	"regexp"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
)

func (r *reader) exception(n *yaml.Node) config.Exception {
	e := config.Exception{Path: r.path, Line: n.Line}
	r.mapping(n, "exception",
		key{"rules", true, func(n *yaml.Node) { e.Rules = r.patterns(n) }},
		key{"match", false, func(n *yaml.Node) { e.Match = r.match(n) }},
		key{"reason", true, r.textInto(&e.Reason, "reason")},
		key{"owner", true, r.textInto(&e.Owner, "owner")},
		key{"expires", true, func(n *yaml.Node) { e.Expires = r.day(n) }},
		key{"ticket", false, r.textInto(&e.Ticket, "ticket")},
	)
	if everything(e.Match) && !oneCategory(e.Rules) {
		r.fail(n, "exception covers more than one category of rules on every subject (expected a match, or rules of one category)")
	}
	return e
}

func (r *reader) patterns(n *yaml.Node) []string {
	var patterns []string
	r.list(n, "rules", func(n *yaml.Node) {
		text, ok := r.text(n, "rule")
		if !ok {
			return
		}
		patterns = append(patterns, text)
		if !slices.ContainsFunc(r.rules, func(id string) bool { return config.Matches(text, id) }) {
			r.unknownRule(n)
		}
	})
	if items := resolved(n); items.Kind == yaml.SequenceNode && len(items.Content) == 0 {
		r.fail(items, "rules is an empty list (expected the rules that are excepted)")
	}
	return patterns
}

var findingID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (r *reader) match(n *yaml.Node) config.Match {
	var m config.Match
	r.mapping(n, "match",
		key{"account", false, func(n *yaml.Node) {
			r.textInto(&m.Account, "account")(n)
			if m.Account != "" && !strings.Contains(m.Account, "*") && !arn.IsAccountID(m.Account) {
				r.fail(resolved(n), "%q is no account id (expected 12 digits)", m.Account)
			}
		}},
		key{"subject", false, r.textInto(&m.Subject, "subject")},
		key{"principal", false, func(n *yaml.Node) {
			r.textInto(&m.Principal, "principal")(n)
			if _, err := arn.Parse(m.Principal); m.Principal != "" && !strings.Contains(m.Principal, "*") && err != nil {
				r.fail(resolved(n), "principal %v", err)
			}
		}},
		key{"path", false, r.textInto(&m.Path, "path")},
		key{"id", false, func(n *yaml.Node) {
			r.textInto(&m.ID, "id")(n)
			if m.ID != "" && !strings.Contains(m.ID, "*") && !findingID.MatchString(m.ID) {
				r.fail(resolved(n), "%q is no finding id (expected 32 hex digits)", m.ID)
			}
		}},
	)
	return m
}

func (r *reader) day(n *yaml.Node) time.Time {
	text, ok := r.text(n, "expires")
	if !ok {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		r.fail(resolved(n), "%q is no date (expected YYYY-MM-DD)", text)
	}
	return day
}

// oneCategory reports whether all patterns lie in one and the same category. A
// pattern with a wildcard before the slash never does.
func oneCategory(patterns []string) bool {
	var first string
	for i, p := range patterns {
		category, _, _ := strings.Cut(p, "/")
		if i == 0 {
			first = category
		}
		if strings.Contains(category, "*") || category != first {
			return false
		}
	}
	return true
}

// probes are as unlike each other as subjects, files, ids and principals come.
// A pattern that matches each probe of its field limits nothing.
var probes = struct{ accounts, subjects, principals, paths, ids []string }{
	accounts: []string{"012345678901", "987654321098"},
	subjects: []string{
		"arn:aws:iam::012345678901:role/a", "arn:aws:iam::987654321098:user/z#inline/y",
		"arn:aws:codeartifact:us-east-1:012345678901:domain/a", "arn:aws:codeartifact:eu-west-1:987654321098:repository/z/y",
	},
	principals: []string{"arn:aws:iam::012345678901:role/a", "arn:aws:iam::987654321098:user/z"},
	paths:      []string{"a.json", "z/y"},
	ids:        []string{strings.Repeat("0", 32), strings.Repeat("f", 32)},
}

// everything reports whether m leaves no finding out.
func everything(m config.Match) bool {
	all := func(pattern string, probes []string) bool {
		return pattern == "" || !slices.ContainsFunc(probes, func(p string) bool { return !config.Matches(pattern, p) })
	}
	return all(m.Account, probes.accounts) && all(m.Subject, probes.subjects) && all(m.Principal, probes.principals) &&
		all(m.Path, probes.paths) && all(m.ID, probes.ids)
}

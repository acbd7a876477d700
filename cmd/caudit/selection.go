package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
)

// selection returns which rules --rule and --skip leave. A pattern that matches
// no rule is an error: a slip of the pen must not pass for a clean result.
func selection(rule, skip []string) (func(id string) bool, error) {
	var wrong []error
	ids := ruleIDs()
	for _, pattern := range slices.Concat(rule, skip) {
		if !matchesAny([]string{pattern}, ids...) {
			wrong = append(wrong, unknownRule(pattern, ids))
		}
	}
	selected := func(id string) bool {
		return (len(rule) == 0 || matchesAny(rule, id)) && !matchesAny(skip, id)
	}
	if len(wrong) == 0 && !slices.ContainsFunc(ids, selected) {
		wrong = append(wrong, wrongUsage("--rule and --skip leave no rule to judge by", "caudit rules lists them"))
	}
	return selected, errors.Join(wrong...)
}

func matchesAny(patterns []string, ids ...string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return config.Matches(pattern, id) })
	})
}

func unknownRule(name string, ids []string) error {
	hint := "caudit rules lists them"
	category, _, _ := strings.Cut(name, "/")
	var siblings []string
	for _, id := range ids {
		if matchesAny([]string{name, name + "/*"}, id) {
			siblings = append(siblings, id)
		}
	}
	if len(siblings) > 0 {
		hint = "those of " + category + " are " + strings.Join(siblings, ", ")
	} else if near, ok := nearest(name, ids); ok {
		hint = "did you mean " + near + "?"
	}
	return wrongUsage(fmt.Sprintf("unknown rule %q", name), hint)
}

package configfile

import (
	"fmt"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// reader turns nodes into values and collects what is wrong on the way, so that
// one run names every mistake of a file.
type reader struct {
	path     string
	rules    []string
	problems []Problem
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...)})
}

// key is one key that a mapping may have and what reads its value.
type key struct {
	name     string
	required bool
	read     func(*yaml.Node)
}

// mapping reads the keys of n. An unknown key, a key given twice and a required
// one that is missing are problems.
func (r *reader) mapping(n *yaml.Node, what string, keys ...key) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	seen, ok := r.entries(n, what, func(name, value *yaml.Node) {
		i := slices.Index(names, name.Value)
		if i < 0 {
			r.fail(name, "unknown key %q (%s)", name.Value, expected(name.Value, names))
			return
		}
		keys[i].read(value)
	})
	for _, k := range keys {
		if ok && k.required && !seen[k.name] {
			r.fail(n, "%s has no %s", what, k.name)
		}
	}
}

// entries calls each for every entry of a mapping and returns the keys it has;
// false when n is no mapping.
func (r *reader) entries(n *yaml.Node, what string, each func(name, value *yaml.Node)) (map[string]bool, bool) {
	n = resolved(n)
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s is %s (expected keys with values)", what, kindOf(n))
		return nil, false
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := resolved(n.Content[i])
		switch {
		case name.Kind != yaml.ScalarNode:
			r.fail(name, "key of %s is %s (expected a word)", what, kindOf(name))
		case seen[name.Value]:
			r.fail(name, "key %q stands here for the second time", name.Value)
		default:
			seen[name.Value] = true
			each(name, n.Content[i+1])
		}
	}
	return seen, true
}

// list calls each for every item of a list.
func (r *reader) list(n *yaml.Node, what string, each func(*yaml.Node)) {
	n = resolved(n)
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "%s is %s (expected a list)", what, kindOf(n))
		return
	}
	for _, item := range n.Content {
		each(resolved(item))
	}
}

// text returns a scalar as it is written, so that an account id without quotes
// keeps its digits. Anything else, also nothing, is a problem.
func (r *reader) text(n *yaml.Node, what string) (string, bool) {
	n = resolved(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || blank(n) {
		r.fail(n, "%s is %s (expected a text)", what, kindOf(n))
		return "", false
	}
	return n.Value, true
}

// textInto returns a reader of a text into *to.
func (r *reader) textInto(to *string, what string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if text, ok := r.text(n, what); ok {
			*to = text
		}
	}
}

// blank reports whether a text says nothing: a reason of spaces is none.
func blank(n *yaml.Node) bool { return strings.TrimSpace(n.Value) == "" }

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null" || blank(n):
		return "empty"
	}
	return fmt.Sprintf("%q", n.Value)
}

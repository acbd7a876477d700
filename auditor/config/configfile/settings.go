package configfile

import (
	"slices"

	yaml "go.yaml.in/yaml/v4"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
)

var severityWords = []string{"critical", "high", "medium", "low", "info"}

func (r *reader) settings(n *yaml.Node) map[string]config.RuleSetting {
	settings := map[string]config.RuleSetting{}
	r.entries(n, "rules", func(name, value *yaml.Node) {
		if !slices.Contains(r.rules, name.Value) {
			r.unknownRule(name)
		}
		settings[name.Value] = r.setting(value)
	})
	return settings
}

func (r *reader) setting(n *yaml.Node) config.RuleSetting {
	var s config.RuleSetting
	r.mapping(n, "rule",
		key{"severity", false, func(n *yaml.Node) {
			word, ok := r.text(n, "severity")
			if ok && !slices.Contains(severityWords, word) {
				r.fail(resolved(n), "unknown severity %q (%s)", word, expected(word, severityWords))
			}
			s.Severity = word
		}},
		key{"enabled", false, func(n *yaml.Node) {
			switch n := resolved(n); {
			case n.Kind == yaml.ScalarNode && n.Value == "true":
			case n.Kind == yaml.ScalarNode && n.Value == "false":
				s.Disabled = true
			default:
				r.fail(n, "enabled is %s (expected true or false)", kindOf(n))
			}
		}},
	)
	return s
}

func (r *reader) unknownRule(n *yaml.Node) {
	if near, ok := nearest(n.Value, r.rules); ok {
		r.fail(n, "unknown rule %q (did you mean %q?)", n.Value, near)
		return
	}
	r.fail(n, "unknown rule %q (caudit rules lists them)", n.Value)
}

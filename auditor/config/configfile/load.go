// Package configfile reads caudit.yaml, strictly: a file that it accepts says
// what its author meant. It stands apart from package config so that a Lambda
// function, whose configuration was read before it was stored, carries no YAML.
package configfile

import (
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Load reads a caudit.yaml. path names the file in messages, rules are the ids
// of the catalogue. The error is an *Error that lists every mistake with its
// place; the configuration is then nil, since running without a part of it could
// mean running without an exception.
func Load(path string, data []byte, rules []string) (*config.Config, error) {
	r := &reader{path: path, rules: rules}
	root := r.parse(data)
	var c config.Config
	if root != nil {
		r.root(root, &c)
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return a.Column - b.Column
		})
		return nil, &Error{Path: path, Problems: r.problems}
	}
	return &c, nil
}

// parse returns the root of the only document, nil when there is none.
func (r *reader) parse(data []byte) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		r.fail(start, "not YAML: %v", err)
		return nil
	}
	var first, second yaml.Node
	switch err := loader.Load(&first); {
	case errors.Is(err, io.EOF):
		r.fail(start, "the file is empty (expected version: 1)")
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	switch err := loader.Load(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntax(err)
	default:
		r.fail(&second, "a second document begins here (expected one)")
	}
	return first.Content[0]
}

// syntax reports what YAML refused; errors without a place belong to line 1.
func (r *reader) syntax(err error) {
	at, message := &yaml.Node{Line: 1, Column: 1}, err.Error()
	var load *yaml.LoadError
	if errors.As(err, &load) {
		message = load.Message
		at.Line, at.Column = max(1, load.Mark.Line), max(1, load.Mark.Column)
	}
	r.fail(at, "not YAML: %s", message)
}

func (r *reader) root(n *yaml.Node, c *config.Config) {
	r.mapping(n, "the configuration",
		key{"version", true, r.version},
		key{"organization", false, func(n *yaml.Node) { c.Organization = r.organization(n) }},
		key{"trusted-accounts", false, func(n *yaml.Node) {
			r.list(n, "trusted-accounts", func(n *yaml.Node) { c.TrustedAccounts = append(c.TrustedAccounts, r.account(n)) })
		}},
		key{"administrators", false, func(n *yaml.Node) {
			r.list(n, "administrators", func(n *yaml.Node) { c.Administrators = append(c.Administrators, r.administrator(n)) })
		}},
		key{"max-token-lifetime", false, func(n *yaml.Node) { c.MaxTokenLifetime = r.lifetime(n) }},
		key{"kinds", false, func(n *yaml.Node) {
			r.list(n, "kinds", func(n *yaml.Node) { c.Kinds = append(c.Kinds, r.kind(n)) })
		}},
		key{"rules", false, func(n *yaml.Node) { c.Rules = r.settings(n) }},
		key{"exceptions", false, func(n *yaml.Node) {
			r.list(n, "exceptions", func(n *yaml.Node) { c.Exceptions = append(c.Exceptions, r.exception(n)) })
		}},
	)
}

func (r *reader) version(n *yaml.Node) {
	if text, ok := r.text(n, "version"); ok && text != "1" {
		r.fail(resolved(n), "version is %q (expected 1)", text)
	}
}

// Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
var organizationID = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)

func (r *reader) organization(n *yaml.Node) string {
	text, ok := r.text(n, "organization")
	if ok && !organizationID.MatchString(text) {
		r.fail(resolved(n), "%q is no organization id (expected o- and 10 to 32 lower-case letters or digits)", text)
	}
	return text
}

func (r *reader) account(n *yaml.Node) string {
	text, ok := r.text(n, "account")
	if ok && !arn.IsAccountID(text) {
		r.fail(n, "%q is no account id (expected 12 digits)", text)
	}
	return text
}

// administrator reads the ARN of a user or role. A wildcard over accounts makes
// whoever may create a role of that name an administrator, in every account; so
// it needs a path, which the organization can reserve.
func (r *reader) administrator(n *yaml.Node) string {
	text, ok := r.text(n, "administrator")
	if !ok {
		return ""
	}
	a, err := arn.Parse(text)
	named := err == nil && a.Service == "iam" && a.Region == "" && (a.Type() == "role" || a.Type() == "user") && strings.Contains(a.Resource, "/") && a.Name() != ""
	switch wild := strings.Contains(a.Account, "*"); {
	case !named:
		r.fail(n, "%q is no user or role (expected arn:aws:iam::ACCOUNT:role/NAME)", text)
	case wild && strings.Count(a.Resource, "/") < 2:
		r.fail(n, "%q names a role of every account (expected a path in front of the name, or one account)", text)
	case !wild && !arn.IsAccountID(a.Account):
		r.fail(n, "account %q of an administrator (expected 12 digits, or * with a path)", a.Account)
	}
	return text
}

// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html
const shortestLifetime, longestLifetime = 15 * time.Minute, 12 * time.Hour

func (r *reader) lifetime(n *yaml.Node) time.Duration {
	text, ok := r.text(n, "max-token-lifetime")
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < shortestLifetime || d > longestLifetime || d%time.Second != 0 {
		r.fail(resolved(n), "lifetime %q (expected 15m to 12h in whole seconds, such as 12h or 90m)", text)
	}
	return d
}

var kindWords = []string{"identity", "domain", "repository", "trust", "boundary", "scp", "rcp", "session", "endpoint"}

func (r *reader) kind(n *yaml.Node) config.KindRule {
	var k config.KindRule
	r.mapping(n, "entry of kinds",
		key{"path", true, func(n *yaml.Node) {
			text, ok := r.text(n, "path")
			k.Path = path.Clean(text)
			for _, name := range strings.Split(k.Path, "/") {
				if ok && strings.Contains(name, "**") && name != "**" {
					r.fail(resolved(n), "path %q has ** beside other characters (expected ** alone between slashes)", text)
				}
			}
		}},
		key{"kind", true, func(n *yaml.Node) {
			word, ok := r.text(n, "kind")
			if kind, known := inventory.ParseKind(word); known {
				k.Kind = kind
			} else if ok {
				r.fail(resolved(n), "unknown kind %q (%s)", word, expected(word, kindWords))
			}
		}},
	)
	return k
}

// Package config is caudit.yaml: whom we trust, what documents are, which rules
// run how, and which findings are excepted until when.
//
// Values are valid when they come in, so nothing is checked again here; package
// configfile reads them from the file. What a finding is belongs to packages that
// import this one; here it is a Target, its plain values.
package config

import (
	"slices"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// DefaultMaxTokenLifetime is the limit where none is configured: the longest
// lifetime that CodeArtifact gives a token.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html
const DefaultMaxTokenLifetime = 12 * time.Hour

// Config is a validated caudit.yaml. The zero value is the default.
type Config struct {
	Organization     string        // o-…, empty when not given
	TrustedAccounts  []string      // 12-digit ids
	Administrators   []string      // ARNs of users and roles, * as wildcard; an account wildcard only with a path
	MaxTokenLifetime time.Duration // 0: not given, which means DefaultMaxTokenLifetime
	Kinds            []KindRule
	Rules            map[string]RuleSetting // by rule id
	Exceptions       []Exception
}

// RuleSetting overrides one rule.
type RuleSetting struct {
	Severity string // one of the contract's words; empty: keep the rule's own
	Disabled bool
}

// Rule returns what is configured for the rule with that id; the zero setting
// when nothing is, or when c is nil.
func (c *Config) Rule(id string) RuleSetting {
	if c == nil {
		return RuleSetting{}
	}
	return c.Rules[id]
}

// Trusts reports whether the account is one of the trusted ones.
func (c *Config) Trusts(account string) bool {
	return c != nil && slices.Contains(c.TrustedAccounts, account)
}

// Administrator reports whether the principal, the ARN of a user or role, is a
// configured administrator.
func (c *Config) Administrator(principal string) bool {
	return c != nil && slices.ContainsFunc(c.Administrators, func(pattern string) bool {
		return Matches(pattern, principal)
	})
}

// TokenLifetime returns the longest lifetime that a token may have without a
// finding.
func (c *Config) TokenLifetime() time.Duration {
	if c == nil || c.MaxTokenLifetime == 0 {
		return DefaultMaxTokenLifetime
	}
	return c.MaxTokenLifetime
}

// KindOf returns what the first of the kinds whose path matches says that the
// file is. The path is written with slashes.
func (c *Config) KindOf(path string) (inventory.Kind, bool) {
	if c == nil {
		return 0, false
	}
	for _, k := range c.Kinds {
		if matchesPath(k.Path, path) {
			return k.Kind, true
		}
	}
	return 0, false
}

// KindRule says what the files that Path (a glob with ** for folders) matches are.
type KindRule struct {
	Path string
	Kind inventory.Kind
}

// Package config is caudit.yaml: whom we trust, what documents are, which rules
// run how, and which findings are excepted until when.
package config

import (
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Config is a validated caudit.yaml. The zero value is the default.
type Config struct {
	Organization     string        // o-…, empty when not given
	TrustedAccounts  []string      // 12-digit ids
	Administrators   []string      // principal ARNs; an account wildcard only with a path
	MaxTokenLifetime time.Duration // 0: not given, which means 12 h
	Kinds            []KindRule
	Rules            map[string]RuleSetting // by rule id
	Exceptions       []Exception
}

// KindRule says what the files that Path (a glob with ** for folders) matches are.
type KindRule struct {
	Path string
	Kind inventory.Kind
}

// RuleSetting overrides one rule.
type RuleSetting struct {
	Severity finding.Severity // zero: keep the rule's own
	Disabled bool
}

// Exception accepts findings until a date.
type Exception struct {
	Rules   []string
	Match   Match
	Reason  string
	Owner   string
	Expires time.Time // last day on which it holds, midnight UTC
	Ticket  string
	Line    int // where the entry stands in the file
}

// Match limits an exception. Empty fields match everything; others match
// exactly or by an anchored wildcard, never by substring.
type Match struct {
	Account, Subject, Principal, Path, ID string
}

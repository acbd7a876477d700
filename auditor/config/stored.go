package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// storedSchema names the form of Encode.
const storedSchema = "caudit/config/1"

// stored is a Config as JSON: what was validated, without the YAML that it was
// written in.
type stored struct {
	Schema           string                `json:"schema"`
	Organization     string                `json:"organization,omitempty"`
	TrustedAccounts  []string              `json:"trustedAccounts,omitempty"`
	Administrators   []string              `json:"administrators,omitempty"`
	MaxTokenLifetime string                `json:"maxTokenLifetime,omitempty"`
	Kinds            []storedKind          `json:"kinds,omitempty"`
	Rules            map[string]storedRule `json:"rules,omitempty"`
	Exceptions       []storedException     `json:"exceptions,omitempty"`
}

type storedKind struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
}

type storedRule struct {
	Severity string `json:"severity,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
}

type storedException struct {
	Rules     []string `json:"rules"`
	Account   string   `json:"account,omitempty"`
	Subject   string   `json:"subject,omitempty"`
	Principal string   `json:"principal,omitempty"`
	Files     string   `json:"files,omitempty"` // Match.Path
	ID        string   `json:"id,omitempty"`
	Reason    string   `json:"reason"`
	Owner     string   `json:"owner"`
	Expires   string   `json:"expires"`
	Ticket    string   `json:"ticket,omitempty"`
	Path      string   `json:"path"`
	Line      int      `json:"line"`
}

// Encode returns a validated configuration as JSON, the same for equal ones.
func (c *Config) Encode() ([]byte, error) {
	s := stored{
		Schema: storedSchema, Organization: c.Organization, TrustedAccounts: c.TrustedAccounts, Administrators: c.Administrators,
	}
	if c.MaxTokenLifetime != 0 {
		s.MaxTokenLifetime = c.MaxTokenLifetime.String()
	}
	for _, k := range c.Kinds {
		s.Kinds = append(s.Kinds, storedKind{k.Path, k.Kind.String()})
	}
	for id, setting := range c.Rules {
		if s.Rules == nil {
			s.Rules = make(map[string]storedRule)
		}
		s.Rules[id] = storedRule(setting)
	}
	for _, e := range c.Exceptions {
		s.Exceptions = append(s.Exceptions, storedException{
			Rules: e.Rules, Account: e.Match.Account, Subject: e.Match.Subject, Principal: e.Match.Principal, Files: e.Match.Path, ID: e.Match.ID,
			Reason: e.Reason, Owner: e.Owner, Expires: e.Expires.Format(time.DateOnly), Ticket: e.Ticket, Path: e.Path, Line: e.Line,
		})
	}
	return json.Marshal(s)
}

// Decode reads what Encode wrote. It refuses what it does not know, since what a
// later version meant by it may be an exception.
func Decode(text []byte) (*Config, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var s stored
	if err := decoder.Decode(&s); err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read configuration: something follows it")
	}
	if s.Schema != storedSchema {
		return nil, fmt.Errorf("read configuration: schema %q (expected %q)", s.Schema, storedSchema)
	}
	c := &Config{Organization: s.Organization, TrustedAccounts: s.TrustedAccounts, Administrators: s.Administrators}
	if s.MaxTokenLifetime != "" {
		d, err := time.ParseDuration(s.MaxTokenLifetime)
		if err != nil || d <= 0 {
			return nil, fmt.Errorf("read configuration: lifetime %q", s.MaxTokenLifetime)
		}
		c.MaxTokenLifetime = d
	}
	for _, k := range s.Kinds {
		kind, ok := inventory.ParseKind(k.Kind)
		if !ok {
			return nil, fmt.Errorf("read configuration: kind %q", k.Kind)
		}
		c.Kinds = append(c.Kinds, KindRule{k.Path, kind})
	}
	for id, setting := range s.Rules {
		if c.Rules == nil {
			c.Rules = make(map[string]RuleSetting)
		}
		c.Rules[id] = RuleSetting(setting)
	}
	for i, e := range s.Exceptions {
		read, err := e.exception()
		if err != nil {
			return nil, fmt.Errorf("read configuration: exception %d: %w", i+1, err)
		}
		c.Exceptions = append(c.Exceptions, read)
	}
	return c, nil
}

func (e storedException) exception() (Exception, error) {
	expires, err := time.Parse(time.DateOnly, e.Expires)
	if err != nil {
		return Exception{}, err
	}
	if len(e.Rules) == 0 || e.Reason == "" || e.Owner == "" {
		return Exception{}, errors.New("without rules, reason or owner")
	}
	return Exception{
		Rules: e.Rules, Match: Match{Account: e.Account, Subject: e.Subject, Principal: e.Principal, Path: e.Files, ID: e.ID},
		Reason: e.Reason, Owner: e.Owner, Expires: expires, Ticket: e.Ticket, Path: e.Path, Line: e.Line,
	}, nil
}

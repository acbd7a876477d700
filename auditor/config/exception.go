package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ExpiringWithin is how long before its last day an exception counts as
// expiring, so that a result can say so in time.
const ExpiringWithin = 30 * 24 * time.Hour

// Exception accepts findings until a date.
type Exception struct {
	Rules   []string // ids, or patterns with *
	Match   Match
	Reason  string
	Owner   string
	Expires time.Time // last day on which it holds, midnight UTC
	Ticket  string
	Path    string // the file it stands in
	Line    int    // where the entry stands in the file
}

// Match limits an exception. Empty fields match everything; others match
// exactly or by an anchored wildcard, never by substring.
type Match struct {
	Account, Subject, Principal, Path, ID string
}

// Target is a finding as exceptions see it.
type Target struct {
	Rule       string
	ID         string
	Account    string
	Subject    string   // its id
	Path       string   // the file, empty when there is none
	Principals []string // ARNs of the principals affected
}

// Except returns the first exception that covers the finding and still holds at
// now. The pointer is to an element of c.Exceptions.
func (c *Config) Except(t Target, now time.Time) (*Exception, bool) {
	if c == nil {
		return nil, false
	}
	for i := range c.Exceptions {
		if e := &c.Exceptions[i]; !e.Expired(now) && e.Covers(t) {
			return e, true
		}
	}
	return nil, false
}

// Expired reports whether the last day of e has passed at now, in UTC.
func (e *Exception) Expired(now time.Time) bool {
	return !now.Before(e.Expires.AddDate(0, 0, 1))
}

// Expiring reports whether e still holds at now and ends within ExpiringWithin.
func (e *Exception) Expiring(now time.Time) bool {
	return !e.Expired(now) && e.Expired(now.Add(ExpiringWithin))
}

// Covers reports whether e is about the finding, whatever the date.
func (e *Exception) Covers(t Target) bool {
	m := e.Match
	return slices.ContainsFunc(e.Rules, func(pattern string) bool { return Matches(pattern, t.Rule) }) &&
		unlessEmpty(m.Account, t.Account) && unlessEmpty(m.Subject, t.Subject) &&
		unlessEmpty(m.Path, t.Path) && unlessEmpty(m.ID, t.ID) && coversPrincipals(m.Principal, t.Principals)
}

func unlessEmpty(pattern, text string) bool { return pattern == "" || Matches(pattern, text) }

// coversPrincipals wants every affected principal to match. A finding that
// affects nobody known is not covered: the exception was given to somebody.
func coversPrincipals(pattern string, principals []string) bool {
	if pattern == "" {
		return true
	}
	return len(principals) > 0 && !slices.ContainsFunc(principals, func(p string) bool { return !Matches(pattern, p) })
}

// String names the exception for a reader who wants to find it:
// "caudit.yaml:12: grant/full-access (owner platform@example.com, expires 2027-03-31)".
func (e *Exception) String() string {
	return fmt.Sprintf("%s:%d: %s (owner %s, expires %s)", e.Path, e.Line, strings.Join(e.Rules, ", "), e.Owner, e.Expires.Format(time.DateOnly))
}

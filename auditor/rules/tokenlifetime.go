package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

const lifetimeKey = "sts:DurationSeconds"

// servesCodeArtifact reports whether bearer tokens that a profile allows are to be
// used with CodeArtifact: the holder may call it, or a list of services names it.
// Others may well be for another service.
func servesCodeArtifact(profile, whole *access.Profile) (bool, error) {
	used, _, err := whole.May(codeartifact.CodeArtifactActions())
	if used != nil || err != nil {
		return used != nil, err
	}
	open, err := profile.OpenToken()
	return open == nil, err
}

// inWords says how long a token lasts.
func inWords(d time.Duration) string {
	unit, n := "second", int64(d/time.Second)
	switch {
	case d%time.Hour == 0:
		unit, n = "hour", int64(d/time.Hour)
	case d%time.Minute == 0:
		unit, n = "minute", int64(d/time.Minute)
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

func aboutLifetime(c policy.Condition) bool { return strings.EqualFold(c.Key, lifetimeKey) }

// limit is a condition on the lifetime of tokens.
type limit struct {
	operator string
	seconds  int64
}

// atLeast is the shortest lifetime that can be asked for. It keeps 0 out.
var atLeast = limit{policy.NumericGreaterThanEquals.String(), 900}

// limitLifetime puts limits on the statements behind a finding, in place of what
// replaced reports true for. It reports false where one of them names more than
// the permission itself, to which the limits would apply too.
func (a *splitting) limitLifetime(by []access.Element, replaced func(policy.Condition) bool, limits ...limit) bool {
	for _, e := range by {
		if only, _ := e.Statement.Actions.(policy.Only); len(only) != 1 || !namesTokenOutright(e) {
			return false
		}
		condition := conditions(e.Statement, replaced)
		for _, l := range limits {
			condition = demanding(condition, l.operator, lifetimeKey, fmt.Sprint(l.seconds))
		}
		a.edit("add", a.pointer(e.Statement.Place)+"/Condition", condition)
	}
	return true
}

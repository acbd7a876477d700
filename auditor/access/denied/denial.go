// Package denied reads the texts in which AWS says that access was denied, as
// they come out of terminals, logs and SDKs.
package denied

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Denial is what an AccessDenied text says.
type Denial struct {
	User     string // ARN of the user, or of the session
	Action   string
	Resource string // ARN or "*"; empty where the text names none
	Reason
}

// Reason is why AWS says that it denied a request. The zero value is no reason:
// many texts give none.
type Reason struct {
	// Explicit: a Deny of such a policy covers the request; otherwise no such
	// policy allows it.
	Explicit bool
	// Kind is the kind of policy: Identity, DomainPolicy for any resource-based
	// policy, Boundary, SCP, RCP, Session, Endpoint or Trust; 0 where the text does
	// not say.
	Kind inventory.Kind
	// Policy is the ARN of the policy that denies, where the text names it.
	Policy string
}

// None reports whether the text gives no reason.
func (r Reason) None() bool { return !r.Explicit && r.Kind == 0 }

// String returns the reason in AWS's words, empty for none.
func (r Reason) String() string {
	name := kindName(r.Kind)
	switch {
	case r.None():
		return ""
	case r.Explicit && name == "":
		return "with an explicit deny"
	case r.Explicit:
		return "with an explicit deny in " + article(name) + name
	}
	return "because no " + name + " allows it"
}

func article(name string) string {
	if name == "identity-based policy" {
		return "an "
	}
	return "a "
}

// kinds are the kinds of policy by AWS's names for them.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
var kinds = []struct {
	name string
	kind inventory.Kind
}{
	{"identity-based policy", inventory.Identity},
	{"resource-based policy", inventory.DomainPolicy},
	{"permissions boundary", inventory.Boundary},
	{"service control policy", inventory.SCP},
	{"resource control policy", inventory.RCP},
	{"session policy", inventory.Session},
	{"VPC endpoint policy", inventory.Endpoint},
	{"role trust policy", inventory.Trust},
}

func kindName(k inventory.Kind) string {
	for _, each := range kinds {
		if each.kind == k {
			return each.name
		}
	}
	return ""
}

func kindOf(name string) inventory.Kind {
	for _, each := range kinds {
		if strings.EqualFold(each.name, name) {
			return each.kind
		}
	}
	return 0
}

var kindPattern = func() string {
	names := make([]string, len(kinds))
	for i, each := range kinds {
		names[i] = each.name
	}
	return "(" + strings.Join(names, "|") + ")"
}()

var (
	core     = regexp.MustCompile(`(?i)\bUser: (\S+) is not authorized to perform: (\S+)(?: on resource: (\S+))?`)
	implicit = regexp.MustCompile(`(?i)^ ?because no ` + kindPattern + ` allows\b`)
	explicit = regexp.MustCompile(`(?i)^ ?with an explicit deny(?: in (?:an?|the) ` + kindPattern + `(?:: (arn:\S+))?)?`)
)

// Is reports whether text looks like one in which AWS denies access.
func Is(text string) bool {
	return strings.Contains(strings.ToLower(text), "is not authorized to perform")
}

// Parse reads such a text, whatever stands around it; a terminal may have broken
// its lines. Of several it reads the first.
func Parse(text string) (Denial, error) {
	text = strings.Join(strings.Fields(text), " ")
	at := core.FindStringSubmatchIndex(text)
	if at == nil {
		return Denial{}, fmt.Errorf(`no denial in the text (expected "User: ARN is not authorized to perform: ACTION on resource: ARN")`)
	}
	group := func(i int) string {
		if at[2*i] < 0 {
			return ""
		}
		return bare(text[at[2*i]:at[2*i+1]])
	}
	d := Denial{User: group(1), Action: group(2), Resource: group(3)}
	rest := text[at[1]:]
	if m := implicit.FindStringSubmatch(rest); m != nil {
		d.Kind = kindOf(m[1])
	} else if m := explicit.FindStringSubmatch(rest); m != nil {
		d.Reason = Reason{Explicit: true, Kind: kindOf(m[1]), Policy: bare(m[2])}
	}
	return d, nil
}

// bare drops what the text around a word left at its end: quotes, brackets of
// JSON, the full stop of a sentence.
func bare(word string) string { return strings.TrimRight(word, `.,;"'}\`) }

package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/spelling"
)

// PrincipalError says why a name stands for no one user or role that was read.
type PrincipalError struct {
	Name string
	// Near are the ARNs that may have been meant. Shared: all of them have the
	// name.
	Near   []string
	Shared bool
	// Why is set where the name is that of something else than a user or role.
	Why string
}

// Error says what is wrong with the name.
func (e *PrincipalError) Error() string {
	switch {
	case e.Why != "":
		return fmt.Sprintf("%q %s", e.Name, e.Why)
	case e.Shared:
		return fmt.Sprintf("%q is the name of %d principals (expected an ARN)", e.Name, len(e.Near))
	}
	return fmt.Sprintf("no user or role %q was read", e.Name)
}

// Principal returns the user or role that a name stands for: its ARN, with or
// without its path, the ARN of a session of the role, "role/ci", or "ci" where no
// other has it. The error is a *PrincipalError.
func (x *Access) Principal(name string) (*Principal, error) {
	wanted, err := identify(name)
	if err != nil {
		return nil, err
	}
	var found []*Principal
	for _, w := range x.Worlds {
		for _, p := range w.Principals {
			if p.ARN == name {
				return p, nil
			}
			if wanted.names(p) {
				found = append(found, p)
			}
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	out := &PrincipalError{Name: name, Near: x.near(wanted)}
	if len(found) > 1 {
		out.Near, out.Shared = nil, true
		for _, p := range found {
			out.Near = append(out.Near, p.ARN)
		}
	}
	return nil, out
}

// identity is what a name says of a user or role; empty fields are not said.
type identity struct{ account, kind, path, name string }

// identify reads the name of a user or role.
func identify(text string) (identity, error) {
	parsed, err := arn.Parse(text)
	if err != nil {
		kind, rest, typed := strings.Cut(text, "/")
		if typed && (kind == "user" || kind == "role") {
			return pathed("", kind, rest), nil
		}
		return identity{name: text}, nil
	}
	kind, rest, _ := strings.Cut(parsed.Resource, "/")
	switch parsed.Service + " " + kind {
	case "sts assumed-role":
		role, _, _ := strings.Cut(rest, "/")
		return identity{account: parsed.Account, kind: "role", name: role}, nil
	case "iam user", "iam role":
		return pathed(parsed.Account, kind, rest), nil
	case "iam group":
		return identity{}, &PrincipalError{Name: text, Why: "is a group, which makes no requests (expected a user or role)"}
	case "iam root", "sts root":
		return identity{}, &PrincipalError{Name: text, Why: "is an account's root user, which identity policies do not decide (expected a user or role)"}
	case "sts federated-user":
		return identity{}, &PrincipalError{Name: text, Why: "is a federated user, whose session policies no file holds (expected a user or role)"}
	}
	return identity{}, &PrincipalError{Name: text, Why: "is no principal (expected the ARN or name of a user or role)"}
}

func pathed(account, kind, rest string) identity {
	slash := strings.LastIndexByte(rest, '/') + 1
	return identity{account, kind, rest[:slash], rest[slash:]}
}

// names reports whether the name can be that of p. A path that is not written is
// not asked for: names are unique in an account without it.
func (i identity) names(p *Principal) bool {
	parsed, _ := arn.Parse(p.ARN)
	return i.name == p.Name && (i.account == "" || i.account == parsed.Account) && (i.kind == "" || i.kind == parsed.Type()) &&
		(i.path == "" || strings.HasPrefix(parsed.Resource, parsed.Type()+"/"+i.path))
}

// mostNear is how many principals are suggested.
const mostNear = 3

// near returns principals with a similar name, the most similar first.
func (x *Access) near(wanted identity) []string {
	type candidate struct {
		arn      string
		distance int
	}
	var all []candidate
	for _, w := range x.Worlds {
		for _, p := range w.Principals {
			d := spelling.Edits(strings.ToLower(wanted.name), strings.ToLower(p.Name))
			if wanted.name != "" && strings.Contains(strings.ToLower(p.Name), strings.ToLower(wanted.name)) {
				d = min(d, 1)
			}
			if d <= 1 || 3*d <= max(len(wanted.name), len(p.Name)) {
				all = append(all, candidate{p.ARN, d})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.distance - b.distance })
	var out []string
	for _, c := range all[:min(len(all), mostNear)] {
		out = append(out, c.arn)
	}
	return out
}

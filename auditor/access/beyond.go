package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// Beyond returns a request that q could allow and old certainly did not, nil
// when there is none: the proof that a changed policy allows nothing new, but
// for the actions of except. Both are policies of the same kind, judged by
// themselves for the same caller.
func (q *Policy) Beyond(old *Policy, except codeartifact.ActionSet) (*Request, error) {
	after, before := *q.alone, old.alone
	after.caller = before.caller
	b := after.steps()
	for a := range after.actions(maybe).Minus(except).All() {
		missing, escapes := before.outside(a)
		for _, more := range escapes {
			found, err := after.findWith(question{mode: maybe, actions: codeartifact.Actions(a), with: more}, nil, b)
			if found != nil || err != nil {
				return after.requestOrNil(found), err
			}
		}
		if missing == nil {
			continue
		}
		found, err := after.findWith(question{mode: maybe, actions: codeartifact.Actions(a)}, *missing, b)
		if found != nil || err != nil {
			return after.requestOrNil(found), err
		}
	}
	return nil, nil
}

// outside describes the requests for a that p does not certainly allow: those
// that pass no Allow, as clauses of which each must hold (nil when some Allow
// covers everything), and those that pass some Deny, one cube for each.
func (p *Profile) outside(a codeartifact.Action) (*[][]literal, [][]literal) {
	clauses := [][]literal{}
	missing := &clauses
	for _, x := range p.allows {
		lits, some := x.literals(sure)
		if !some || !x.names(a, sure) {
			continue
		}
		if len(lits) == 0 {
			missing = nil
			break
		}
		clauses = append(clauses, negated(lits))
	}
	var cubes [][]literal
	for _, x := range p.denies {
		if x.actions.Has(a) {
			cubes = append(cubes, slices.Clone(x.maybe))
		}
	}
	return missing, cubes
}

func negated(lits []literal) []literal {
	out := make([]literal, len(lits))
	for i, l := range lits {
		out[i] = l.not()
	}
	return out
}

// findWith is find with further clauses of which each must hold.
func (p *Profile) findWith(q question, clauses [][]literal, b *glob.Budget) (*Found, error) {
	view := *p
	view.key = ""
	view.clauses = clauses
	return view.find(q, b)
}

func (p *Profile) requestOrNil(f *Found) *Request {
	if f == nil {
		return nil
	}
	r := p.request(f)
	return &r
}

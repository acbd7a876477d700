package access

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// openSets is the number of random worlds that are asked what grows in them.
const openSets = 2_000

// TestOpenEndedAgreesWithOracle holds what is said to be open-ended against the
// oracle: a request that is shown must be allowed, and where nothing is shown no
// request may be allowed that every statement which names its action in so many
// words denies.
func TestOpenEndedAgreesWithOracle(t *testing.T) {
	var open, closed, undecided atomic.Int64
	inParallel(t, openSets, func(t *testing.T, r chance) {
		w := r.world()
		w.resource = nil
		p, rules := w.resolve(), w.oracle()
		found, err := p.OpenEnded()
		switch {
		case errors.Is(err, glob.ErrBudget):
			undecided.Add(1)
			return
		case err != nil:
			t.Errorf("%v\n%s", err, w)
			return
		case found != nil:
			open.Add(1)
			shown := found.Witness
			request := oracle.Request{Principal: w.caller, Action: shown.Action.String(), Resource: shown.Resource, Context: shown.Context}
			if got := oracle.Decide(request, rules); got == oracle.Deny && found.Certainty == Sure {
				t.Errorf("open-ended by %+v, the oracle says %v\n%s", request, got, w)
			}
			return
		}
		closed.Add(1)
		named := w.withoutPatterns()
		for range 3 {
			a := r.action(w)
			action, _ := codeartifact.LookupAction(a.name)
			if !codeartifact.ChangingActions().Has(action) {
				continue
			}
			for request := range w.requests(a.name, a.resources) {
				if oracle.Decide(request, rules) == oracle.Allow && oracle.Decide(request, named) == oracle.Deny {
					t.Errorf("nothing open-ended, and the oracle allows %+v by a pattern alone\n%s", request, w)
					return
				}
			}
		}
	})
	t.Logf("open %d, closed %d, undecided %d", open.Load(), closed.Load(), undecided.Load())
	if least := int64(openSets / 20); open.Load() < least || closed.Load() < least || undecided.Load() > least {
		t.Errorf("open %d, closed %d, undecided %d: too few answers to prove anything", open.Load(), closed.Load(), undecided.Load())
	}
}

// withoutPatterns returns the oracle's world without the Allow statements of
// identity policies that use NotAction or NotResource, and without the values of
// the others that have a wildcard.
func (w *testWorld) withoutPatterns() oracle.World {
	out := w.oracle()
	for i, d := range out.Identity {
		few := &policy.Document{Text: d.Text, Version: d.Version}
		for _, s := range d.Statements {
			if s.Effect == policy.Allow {
				only, ok := s.Actions.(policy.Only)
				if _, not := s.Resources.(policy.AllBut); not || !ok {
					continue
				}
				var exact policy.Only
				for _, v := range only {
					if !codeartifact.HasWildcard(v.Text) {
						exact = append(exact, v)
					}
				}
				s.Actions = exact
			}
			few.Statements = append(few.Statements, s)
		}
		out.Identity[i] = few
	}
	return out
}

func TestUnconditional(t *testing.T) {
	const put = `"Effect":"Allow","Action":"codeartifact:PublishPackage*"`
	for _, c := range []struct {
		name, identity string
		narrowed       bool
	}{
		{"no condition", `{` + put + `,"Resource":"*"}`, false},
		{"a network", `{` + put + `,"Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}`, true},
		{"what every caller can meet", `{` + put + `,"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`, false},
		{"a Deny of some packages under a condition", `{` + put + `,"Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*:package/example/*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}`, false},
		{"a Deny of all under a condition", `{` + put + `,"Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}`, true},
		{"two statements of which one is narrowed", `{` + put + `,"Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}},{` + put + `,"Resource":"*"}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &testWorld{caller: universeCallers[1], identity: []string{`{"Version":"2012-10-17","Statement":[` + c.identity + `]}`}}
			found, err := w.resolve().OpenEnded()
			if err != nil || found == nil || found.Narrowed != c.narrowed {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}

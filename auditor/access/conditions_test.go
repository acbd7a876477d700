package access

import (
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// TestConditionsAgreeWithOracle holds single conditions against the oracle, value
// by value, without any search in between.
func TestConditionsAgreeWithOracle(t *testing.T) {
	inParallel(t, 20_000, func(t *testing.T, r chance) {
		base := pickOf(r, comparisons)
		key := pickOf(r, keysFor(base))
		a := r.actionWith(key)
		v := vocabulary{keys: []*universeKey{key}, strange: r.oneIn(5)}
		block := map[string]map[string][]string{}
		r.condition(v, block)
		w := &testWorld{caller: pickOf(r, universeCallers), identity: []string{marshal(map[string]any{
			"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": block},
		})}}
		s := w.parsed(w.identity[0]).Statements[0]
		b := compileCondition(s.Conditions[0], variables{version: policy.Version2012, caller: principalCaller(w.account(), &w.account().Principals()[0])})
		for request := range w.requests(a.name, a.resources[:1]) {
			carried := value{}
			if texts := request.Keys()[dimensionOf(lower(s.Conditions[0].Key))]; texts != nil {
				carried = present(texts...)
			}
			certain, possible := b.sure != nil && b.sure.holds(carried), b.maybe == nil || b.maybe.holds(carried)
			got := oracle.Decide(request, w.oracle())
			if certain && got != oracle.Allow || !possible && got != oracle.Deny || certain && !possible {
				t.Errorf("%v of %v: sure %v, possible %v, the oracle says %v", block, carried, certain, possible, got)
			}
			if w.clear(a.name) && certain != possible {
				t.Errorf("%v of %v: sure %v, possible %v, and nothing is unknown", block, carried, certain, possible)
			}
		}
	})
}

package oracle

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// watch notes every answer that an evaluation settles on, and turns one of them
// round to see what would become of the decision.
type watch struct {
	turn  int // index of the answer to turn round, -1 for none
	count int
	seen  [][]string
}

// settled notes an answer with what it is an answer of, and returns it, or its
// opposite where that is asked for.
func (e *evaluation) settled(answer Truth, of string) Truth {
	if e.watch == nil {
		return answer
	}
	return e.watch.note(answer, of)
}

// tested is settled for the answer of a condition.
func (e *evaluation) tested(answer Truth, op policy.Operator, absent bool) Truth {
	if e.watch == nil {
		return answer
	}
	return e.watch.note(answer, features(op, absent)...)
}

func (w *watch) note(answer Truth, of ...string) Truth {
	at := w.count
	w.count++
	if w.turn < 0 {
		w.seen = append(w.seen, of)
	}
	if at == w.turn {
		return answer.not()
	}
	return answer
}

// Decisive decides the request and says what the decision hangs on: the names of
// the elements of which one, answering the other way round, would have turned an
// Allow into a Deny or the other way. A condition answers as its operator, its
// set operator, IfExists and as missing key, as far as it is one. The list is
// sorted; it is empty where the outcome is Unknown.
func Decisive(r Request, w World) (Decision, []string) {
	first := &watch{turn: -1}
	decision := decide(r, w, first)
	var names []string
	for i := range first.count {
		turned := decide(r, w, &watch{turn: i})
		if decision != Unknown && turned != Unknown && turned != decision {
			names = append(names, first.seen[i]...)
		}
	}
	slices.Sort(names)
	return decision, slices.Compact(names)
}

// features names what a condition is.
func features(op policy.Operator, absent bool) []string {
	names := []string{op.Base.String()}
	switch op.Quantifier {
	case policy.ForAnyValue:
		names = append(names, "ForAnyValue")
	case policy.ForAllValues:
		names = append(names, "ForAllValues")
	}
	if op.IfExists {
		names = append(names, "IfExists")
	}
	if absent {
		names = append(names, "missing key")
	}
	return names
}

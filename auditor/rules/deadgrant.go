package rules

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// grantors are the identity policies that can be mended: those that are more than
// a boundary, and of AWS's own those about CodeArtifact.
func (p *Pass) grantors() []*access.Policy {
	var out []*access.Policy
	for _, q := range p.World.Policies {
		if q.Kind != inventory.Identity || len(q.Holders) == 0 && len(q.Bounds) > 0 || q.AWSOwned() && !isCodeArtifactPolicy(q.Name) {
			continue
		}
		out = append(out, q)
	}
	return out
}

// anotherDoes ends the message on statements that allow nothing where the request
// they mean is allowed all the same.
const anotherDoes = "; another statement does"

// settleReach enters those that a policy applies to in a finding about what its
// statement fails to do. One that applies to nobody does less harm.
func (p *Pass) settleReach(f *finding.Finding, q *access.Policy) {
	for _, principal := range q.Reaches {
		f.Affected = append(f.Affected, principal.ARN)
	}
	slices.Sort(f.Affected)
	if len(q.Reaches) == 0 && !p.World.Bare && !p.World.Partial {
		f.Severity = f.Severity.Lower(1, finding.Low)
		f.Message += "; attached to nobody"
	}
}

// splitting collects edits of one document that may split its statements. Where
// the Statement element is a single object, it becomes a list first.
type splitting struct {
	document *policy.Document
	edits    []policy.Edit
	listed   bool
}

// newStatement is a statement that a splitting adds. Action and Resource are one
// value or a list.
type newStatement struct {
	Effect      string
	Action      any
	Resource    any            `json:",omitempty"`
	NotResource any            `json:",omitempty"`
	Condition   map[string]any `json:",omitempty"`
}

// pointer returns where an element of the document stands by now.
func (a *splitting) pointer(at policy.Place) string {
	pointer := a.document.Pointer(at)
	if a.listed {
		return "/Statement/0" + strings.TrimPrefix(pointer, "/Statement")
	}
	return pointer
}

func (a *splitting) edit(op, pointer string, value any) {
	a.edits = append(a.edits, policy.Edit{Op: op, Pointer: pointer, Value: value})
}

// add appends a statement, once.
func (a *splitting) add(s newStatement) {
	a.list()
	if !slices.ContainsFunc(a.edits, func(e policy.Edit) bool { return reflect.DeepEqual(e.Value, s) }) {
		a.edit("add", "/Statement/-", s)
	}
}

// list makes the Statement element a list. It comes before edits of what is in it.
func (a *splitting) list() {
	if len(a.document.Statements) != 1 || a.listed {
		return
	}
	only := a.document.Statements[0].Place
	if a.document.Pointer(only) != "/Statement" {
		return
	}
	a.edit("replace", "/Statement", []json.RawMessage{json.RawMessage(a.document.Text[only.Start:only.End])})
	a.listed = true
}

// take removes action elements from a statement that keeps others. It reports
// false where none would stay.
func (a *splitting) take(s *policy.Statement, elements []access.Element) bool {
	only, _ := s.Actions.(policy.Only)
	if len(elements) >= len(only) {
		return false
	}
	a.list()
	for _, e := range slices.Backward(elements) { // from the end, so that pointers stay right
		a.edit("remove", a.pointer(e.Place), nil)
	}
	return true
}

// conditions writes the conditions of a statement out as JSON has them, without
// those that drop reports true for.
func conditions(s *policy.Statement, drop func(policy.Condition) bool) map[string]any {
	out := map[string]any{}
	for _, c := range s.Conditions {
		if drop(c) {
			continue
		}
		block, _ := out[c.Operator.Text].(map[string]any)
		if block == nil {
			block = map[string]any{}
			out[c.Operator.Text] = block
		}
		values := make([]string, len(c.Values))
		for i, v := range c.Values {
			values[i] = v.Text
		}
		block[c.Key] = oneOrAll(values)
	}
	return out
}

// demanding adds a condition to those of a statement.
func demanding(conditions map[string]any, operator, key string, value any) map[string]any {
	block, _ := conditions[operator].(map[string]any)
	if block == nil {
		block = map[string]any{}
		conditions[operator] = block
	}
	block[key] = value
	return conditions
}

// oneOrAll is how a list of values is written: a single one by itself.
func oneOrAll(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}

// texts are the values of an Action or Resource element.
func texts(c policy.Clause) any {
	var out []string
	for _, v := range policy.Values(c) {
		out = append(out, v.Text)
	}
	return oneOrAll(out)
}

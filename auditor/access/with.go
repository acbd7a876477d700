package access

import (
	"fmt"
	"strconv"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Change is a policy with a document that may be another than its own.
type Change struct {
	Policy   *Policy
	Document *inventory.Document
}

// With returns a world of its own in which there are only the policies of the
// changes, in their order, with the documents given: what the changes by
// themselves come to. An identity policy is nobody's there, so that it is judged
// like every other of the same Standing; with a trust policy comes its role.
func (w *World) With(changes ...Change) *World {
	x := w.access.trial()
	changed := &World{Bare: true, access: x, account: w.account}
	for i, c := range changes {
		p := c.Policy.Policy
		x.purses[c.Document] = x.purse(p.Document) // what is tried of a document, it pays
		if p.Kind == inventory.Identity {
			p = inventory.Policy{Kind: p.Kind, ID: "#" + strconv.Itoa(i), Account: p.Account}
		}
		p.Document = c.Document
		if role := w.principal(p.Holder); role != nil && p.Kind == inventory.Trust {
			assumed := &Principal{Principal: role.WithTrust(c.Document), Profile: role.Profile}
			changed.Principals = append(changed.Principals, assumed)
			if !assumed.AllowsNothing() {
				changed.Allowed = append(changed.Allowed, assumed)
			}
		}
		changed.Policies = append(changed.Policies, &Policy{Held: inventory.Held{Policy: p}, alone: x.alone(p, w.account)})
	}
	return changed
}

// Standing is what decides, beside its document, what With makes of a policy:
// two policies of one standing and with one document are judged alike.
func (w *World) Standing(q *Policy) string {
	id := q.ID
	if q.Kind == inventory.Identity {
		id = ""
	}
	return fmt.Sprintf("%v %q %q %q %q %t", q.Kind, id, q.Account, w.account.ID, w.account.Organization, w.account.Partial)
}

// trial returns the same access with a purse of its own, so that what is tried
// out does not use up the steps of what is asked.
func (x *Access) trial() *Access {
	if x.trials == nil {
		t := *x
		t.budgets, t.purses = map[string]*glob.Budget{}, map[*inventory.Document]*glob.Budget{}
		t.trials = &t
		x.trials = &t
	}
	return x.trials
}

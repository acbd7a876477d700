package access

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"

// unsaid says what of a bare document was not judged, since the document does not
// show what it is, whose, or of whom.
func (w *World) unsaid() []string {
	if !w.Bare || len(w.Policies) == 0 {
		return nil
	}
	q := w.Policies[0]
	var out []string
	switch q.Kind {
	case inventory.DomainOrRepository:
		out = append(out, q.Path+": a policy of a domain or of a repository, which differ: what holds of one alone was left unsaid (--kind says which it is)")
	case inventory.Trust:
		out = append(out, q.Path+": a trust policy without its role: what the role may do is not known, and so who may assume it was not judged")
	}
	switch q.Kind {
	case inventory.DomainPolicy, inventory.RepositoryPolicy, inventory.DomainOrRepository:
		nothing := w.account.ID == "" && len(w.access.trusted) == 0 && w.Organization() == ""
		if nothing && len(accountsIn(q.Document.Text)) > 0 {
			out = append(out, q.Path+": whose resource it is does not show: whether the accounts that it names are trusted was not judged (--owner says whose)")
		}
	}
	return out
}

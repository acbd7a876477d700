package render

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// names shortens ARNs for people. Inside one account the resource part says it
// all ("role/ci"); a report over several accounts keeps the whole ARN.
type names struct{ whole bool }

func namesOf(r *auditor.Report) names { return names{whole: r.Coverage.Accounts > 1} }

// short returns how a subject, a policy or a principal is called, ready to print.
func (n names) short(id string) string {
	a, err := arn.Parse(id)
	switch {
	case err != nil || n.whole || a.Resource == "":
		return Visible(id)
	case a.Account == "aws":
		return Visible("aws:" + a.Resource)
	}
	return Visible(a.Resource)
}

// Short returns how a text of this report calls a subject, a policy or a principal.
func Short(r *auditor.Report, id string) string { return namesOf(r).short(id) }

// place returns where a grant stands: the file when the document is a file,
// otherwise the policy, and line and column where they are known.
func (n names) place(g finding.Grant) string {
	name := n.document(g)
	if g.Line == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, g.Line, g.Column)
}

func (n names) document(g finding.Grant) string {
	if g.Path != "" && !strings.HasPrefix(g.Policy.ID, "arn:") {
		return Visible(g.Path)
	}
	for _, id := range []string{g.Policy.ID, g.Policy.Name, g.Path} {
		if id != "" {
			return n.short(id)
		}
	}
	return "policy"
}

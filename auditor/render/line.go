package render

import (
	"bytes"
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// gapRule is the id under which formats of lines show gaps.
const gapRule = "coverage/not-evaluated"

// writeLines writes one line for each finding and each gap, in the shape that
// editors and grep know: place: severity: message [rule]. The place is that of
// the first grant, since that is where a reader has to go.
func writeLines(out *bytes.Buffer, r *auditor.Report) {
	n := namesOf(r)
	for _, f := range r.Findings {
		out.WriteString(inert(lineOfFinding(f, n)) + "\n")
	}
	for _, g := range r.Gaps {
		out.WriteString(inert(fmt.Sprintf("%s: gap: %s [%s]", gapPlace(g), Visible(g.Reason), gapRule)) + "\n")
	}
}

func lineOfFinding(f finding.Finding, n names) string {
	place := n.short(f.Subject.ID)
	if len(f.Grants) > 0 {
		place = n.place(f.Grants[0])
	}
	return fmt.Sprintf("%s: %v: %s [%s]", place, f.Severity, told(f), Visible(f.Rule))
}

// told is the message with how sure it is.
func told(f finding.Finding) string {
	message := Visible(f.Message)
	if f.Confidence != finding.HighConfidence {
		message += fmt.Sprintf(" (%v confidence)", f.Confidence)
	}
	return message
}

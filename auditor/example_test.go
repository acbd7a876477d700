package auditor_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

// A bare policy goes in, findings with their proof come out.
func ExampleAudit() {
	policy := `{
	  "Version": "2012-10-17",
	  "Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:codeartifact:*"}
	}`
	read := source.ReadFrom("build.json", strings.NewReader(policy), source.Options{})
	report := auditor.Audit(read.Inventory, auditor.Options{Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
	for _, f := range report.Findings {
		fmt.Printf("%s: %s: %s\n", f.Subject.ID, f.Severity, f.Rule)
		for _, w := range f.Witness {
			fmt.Println(w.Decision, w.Action, "on", w.Resource)
		}
	}
	// Output:
	// build.json: high: grant/full-access
	// allow codeartifact:PutDomainPermissionsPolicy on arn:aws:codeartifact:us-east-1:111122223333:domain/example
}

package render_test

import (
	"fmt"
	"os"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
)

func ExampleWrite() {
	const document = `{"Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}}`
	report := &auditor.Report{
		Coverage: auditor.Coverage{Policies: 1, Statements: 1},
		Findings: []finding.Finding{{
			Rule: "grant/full-access", Severity: finding.High, Confidence: finding.HighConfidence,
			Message: "allows 51 of 51 actions",
			Subject: finding.Subject{Type: finding.DocumentSubject, ID: "wide.json", Path: "wide.json"},
			Grants: []finding.Grant{{
				Policy: finding.Policy{Kind: "identity", Name: "wide.json", ID: "wide.json"}, Path: "wide.json",
				Line: 1, Column: 45, EndLine: 1, EndColumn: 61, Says: "covers every action", Text: document,
			}},
		}},
	}
	if err := render.Write(os.Stdout, render.Text, report, render.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// wide.json: high: allows 51 of 51 actions [grant/full-access]
	//
	//   wide.json:1:45
	//   1 | {"Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}}
	//     |                                             ^~~~~~~~~~~~~~~~ covers every action
	//
	//   more:    caudit explain grant/full-access
	//
	// 1 finding (1 high)
	// looked at: 1 policy, 1 statement
}

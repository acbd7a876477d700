package policy_test

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

func ExampleParse() {
	doc, err := policy.Parse([]byte(`{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "codeartifact:ReadFromRepository", "Resource": "*"},
    {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*", "Conditions": {}}
  ]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, statement := range doc.Statements {
		for _, action := range policy.Values(statement.Actions) {
			at := doc.Position(action.Start)
			fmt.Printf("%d:%d: %s %s (%s)\n", at.Line, at.Column, statement.Effect, action.Text, doc.Pointer(action.Place))
		}
	}
	for _, problem := range doc.Problems {
		at := doc.Position(problem.Start)
		fmt.Printf("%d:%d: %s\n", at.Line, at.Column, problem.Message)
	}
	// Output:
	// 4:35: Allow codeartifact:ReadFromRepository (/Statement/0/Action)
	// 5:70: unknown element "Conditions" (did you mean "Condition"?)
}

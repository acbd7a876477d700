package source_test

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

// A file is what its content says it is, whatever its name; what cannot be read
// says where.
func ExampleReadFrom() {
	policy := `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": "*", "Action": "codeartifact:ReadFromRepository", "Resource": "arn:aws:codeartifact:eu-west-1:111122223333:repository/team/app"},
  {"Effect": "Alow", "Principal": "*", "Action": "codeartifact:*", "Resource": "*"}]}`

	result := source.ReadFrom("app.json", strings.NewReader(policy), source.Options{})
	for _, file := range result.Inventory.Files {
		fmt.Printf("%s: %s policy of account %s, %d statement\n", file.Path, file.Kind, file.Owner, len(file.Document.Parsed.Statements))
	}
	for _, gap := range result.Inventory.Gaps {
		fmt.Printf("gap: %s:%d:%d: %s\n", gap.Where, gap.Line, gap.Column, gap.Reason)
	}
	for _, err := range source.ReadFrom("page.html", strings.NewReader("<html>"), source.Options{}).Errors {
		fmt.Println(err)
	}
	// Output:
	// app.json: repository policy of account 111122223333, 1 statement
	// gap: app.json:3:14: unknown Effect "Alow" (expected "Allow" or "Deny")
	// page.html:1:1: unexpected '<' (expected a JSON value)
}

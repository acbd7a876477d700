package inventory_test

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// What several inputs hold of an account becomes one; then every principal knows
// the policies that apply to it, those of its groups too.
func Example() {
	const publish = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codeartifact:PublishPackageVersion", "Resource": "*"}}`

	var builder inventory.Builder
	builder.AddAccount(&inventory.Account{ID: "111122223333", Users: []*inventory.User{{
		ARN: "arn:aws:iam::111122223333:user/alice", Name: "alice", Groups: []string{"developers", "retired"}, Input: "page1.json",
	}}})
	builder.AddAccount(&inventory.Account{ID: "111122223333", Groups: []*inventory.Group{{
		ARN: "arn:aws:iam::111122223333:group/developers", Name: "developers", Input: "page2.json",
		Inline: []inventory.InlinePolicy{{Name: "publish", Document: builder.Intern(publish)}},
	}}})

	inv := builder.Inventory()
	for _, principal := range inv.Accounts[0].Principals() {
		for _, policy := range principal.Policies {
			fmt.Println(principal.Name, "<-", policy.Where())
		}
	}
	for _, gap := range inv.Gaps {
		fmt.Println("gap:", gap.Where+":", gap.Reason)
	}
	// Output:
	// alice <- page2.json: arn:aws:iam::111122223333:group/developers inline policy "publish"
	// gap: page1.json: arn:aws:iam::111122223333:user/alice: group "retired" is not in the input (expected it among the groups); its policies were not judged
}

package denied_test

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access/denied"
)

func ExampleParse() {
	d, err := denied.Parse(`An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation:
User: arn:aws:sts::111122223333:assumed-role/ci/session is not authorized to perform: sts:GetServiceBearerToken
on resource: * because no identity-based policy allows the sts:GetServiceBearerToken action`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.User)
	fmt.Println(d.Action, "on", d.Resource)
	fmt.Println(d.Reason)
	// Output:
	// arn:aws:sts::111122223333:assumed-role/ci/session
	// sts:GetServiceBearerToken on *
	// because no identity-based policy allows it
}

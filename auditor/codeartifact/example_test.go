package codeartifact_test

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// What of a policy's Action element takes over or changes packages?
func Example() {
	reached := codeartifact.MatchActions("codeartifact:Put*")
	for action := range reached.And(codeartifact.FullActions()).All() {
		fmt.Println(action, "is", action.Info().Risk)
	}
	// Output:
	// codeartifact:PutDomainPermissionsPolicy is privilege-escalation
	// codeartifact:PutPackageMetadata is supply-chain
	// codeartifact:PutPackageOriginConfiguration is supply-chain
	// codeartifact:PutRepositoryPermissionsPolicy is privilege-escalation
}

// Who decides what a condition tests, and can a request lack it?
func ExampleLookupKey() {
	key, _ := codeartifact.LookupKey("AWS:principaltag/team")
	fmt.Println(key.Name, key.Presence(codeartifact.ReadFromRepository))
	fmt.Println("of a user:", key.Control(codeartifact.UserCaller))
	fmt.Println("of a role:", key.Control(codeartifact.RoleCaller))
	// Output:
	// aws:PrincipalTag/${TagKey} sometimes
	// of a user: identity
	// of a role: session
}

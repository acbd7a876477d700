package configfile_test

import (
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config/configfile"
)

func ExampleLoad() {
	const text = `version: 1
exceptions:
  - rules: [grant/*]
    match: {account: "111122223333"}
    reason: sandbox, emptied every night
    owner: platform@example.com
    expires: 2027-03-31
`
	c, err := configfile.Load("caudit.yaml", []byte(text), []string{"grant/full-access"})
	if err != nil {
		fmt.Println(err)
		return
	}
	target := config.Target{Rule: "grant/full-access", Account: "111122223333"}
	fmt.Println(c.Except(target, time.Date(2027, 3, 31, 12, 0, 0, 0, time.UTC)))
	fmt.Println(c.Except(target, time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)))

	_, err = configfile.Load("caudit.yaml", []byte("version: 1\ntrusted-account: [111122223333]\n"), nil)
	fmt.Println(err)
	// Output:
	// caudit.yaml:3: grant/* (owner platform@example.com, expires 2027-03-31) true
	// <nil> false
	// caudit.yaml:2:1: unknown key "trusted-account" (did you mean "trusted-accounts"?)
}

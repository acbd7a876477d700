package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
)

// Organization is which accounts a function is for.
type Organization struct {
	Own      string   // ACCOUNT: the one it runs in
	Whole    bool     // ORGANIZATION: all that its organization lists
	Accounts []string // ACCOUNTS: those of a list, sorted; empty for its own alone
	// Role (MEMBER_ROLE_NAME, with its path) is assumed in every other account,
	// with ExternalID (EXTERNAL_ID) unless that is empty.
	Role, ExternalID string
	Table            string // TABLE_NAME, empty for none
}

// Members reports whether there are accounts beside its own.
func (o Organization) Members() bool { return o.Whole || len(o.Accounts) > 0 }

// OrganizationOf reads the environment. It reports an error for what cannot be
// meant: a word that is no answer, a list with something that is no account id.
func OrganizationOf(getenv func(string) string) (Organization, error) {
	o := Organization{
		Own: getenv("ACCOUNT"), Role: strings.TrimPrefix(getenv("MEMBER_ROLE_NAME"), "/"), ExternalID: getenv("EXTERNAL_ID"), Table: getenv("TABLE_NAME"),
	}
	if o.Own != "" && !arn.IsAccountID(o.Own) {
		return Organization{}, fmt.Errorf("ACCOUNT is %q (expected an account id)", o.Own)
	}
	switch word := getenv("ORGANIZATION"); word {
	case "", "false":
	case "true":
		o.Whole = true
	default:
		return Organization{}, fmt.Errorf("ORGANIZATION is %q (expected true or false)", word)
	}
	for account := range strings.SplitSeq(getenv("ACCOUNTS"), ",") {
		account = strings.TrimSpace(account)
		if account == "" {
			continue
		}
		if !arn.IsAccountID(account) {
			return Organization{}, fmt.Errorf("ACCOUNTS has %q (expected account ids with commas between)", account)
		}
		o.Accounts = append(o.Accounts, account)
	}
	slices.Sort(o.Accounts)
	o.Accounts = slices.Compact(o.Accounts)
	if o.Whole && len(o.Accounts) > 0 {
		return Organization{}, fmt.Errorf("both ORGANIZATION and ACCOUNTS say which accounts (expected one of them)")
	}
	return o, nil
}

// Reading reports an error unless the settings say how to read every account.
func (o Organization) Reading() error {
	switch {
	case !o.Members():
		return nil
	case o.Role == "":
		return fmt.Errorf("MEMBER_ROLE_NAME is not set (expected the role to assume in other accounts)")
	case o.Own == "":
		return fmt.Errorf("ACCOUNT is not set (expected the account that the function runs in, which needs no role)")
	}
	return nil
}

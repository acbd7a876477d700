package inventory

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Write writes the accounts as an inventory file of schema caudit/inventory/1,
// one object an account in a row. The same accounts give the same bytes, and
// reading them back gives the same accounts.
//
// Documents are written as the decoded text that was read. Bare files, inputs and
// gaps have no place in the format; policies that are facts built in are left out,
// since every reader has them.
func Write(w io.Writer, accounts []*Account) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	for _, a := range accounts {
		if err := enc.Encode(asRead.account(a)); err != nil {
			return fmt.Errorf("write inventory of account %s: %w", a.ID, err)
		}
	}
	return nil
}

func (s speller) account(a *Account) wireAccount {
	w := wireAccount{
		Schema: Schema, Account: a.ID, Organization: a.Organization,
		IAM: wireIAM{
			Users: all(a.Users, s.user), Groups: all(a.Groups, s.group), Roles: all(a.Roles, s.role),
			Policies: []wireManaged{},
		},
		Domains: all(a.Domains, s.domain), Repositories: all(a.Repositories, s.repository),
		Guards: s.guards(a.Guards), Scopes: a.Scopes,
	}
	for _, p := range a.Policies {
		if !p.BuiltIn {
			w.IAM.Policies = append(w.IAM.Policies, s.managed(p))
		}
	}
	if !a.Collected.IsZero() {
		w.Collected = a.Collected.UTC().Format(time.RFC3339Nano)
	}
	return w
}

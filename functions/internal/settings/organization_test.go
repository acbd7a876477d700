package settings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

func TestWhichAccounts(t *testing.T) {
	for name, c := range map[string]struct {
		env     map[string]string
		want    settings.Organization
		members bool
		wrong   string // of the environment, or of reading by it
	}{
		"nothing":         {nil, settings.Organization{}, false, ""},
		"its own":         {map[string]string{"ACCOUNT": "111122223333", "ORGANIZATION": "false", "ACCOUNTS": ""}, settings.Organization{Own: "111122223333"}, false, ""},
		"an organization": {map[string]string{"ACCOUNT": "111122223333", "ORGANIZATION": "true", "MEMBER_ROLE_NAME": "/audit/reader", "EXTERNAL_ID": "x", "TABLE_NAME": "t"}, settings.Organization{Own: "111122223333", Whole: true, Role: "audit/reader", ExternalID: "x", Table: "t"}, true, ""},
		"a list":          {map[string]string{"ACCOUNT": "111122223333", "ACCOUNTS": "444455556666, 111122223333,444455556666,", "MEMBER_ROLE_NAME": "r"}, settings.Organization{Own: "111122223333", Accounts: []string{"111122223333", "444455556666"}, Role: "r"}, true, ""},
		"no role":         {map[string]string{"ACCOUNT": "111122223333", "ORGANIZATION": "true"}, settings.Organization{Own: "111122223333", Whole: true}, true, "MEMBER_ROLE_NAME"},
		"not its own":     {map[string]string{"ORGANIZATION": "true", "MEMBER_ROLE_NAME": "r"}, settings.Organization{Whole: true, Role: "r"}, true, "ACCOUNT is not set"},
		"no answer":       {map[string]string{"ORGANIZATION": "yes"}, settings.Organization{}, false, `ORGANIZATION is "yes"`},
		"no account":      {map[string]string{"ACCOUNT": "1"}, settings.Organization{}, false, `ACCOUNT is "1"`},
		"no accounts":     {map[string]string{"ACCOUNTS": "111122223333;444455556666"}, settings.Organization{}, false, "ACCOUNTS has"},
		"both":            {map[string]string{"ACCOUNTS": "111122223333", "ORGANIZATION": "true"}, settings.Organization{}, false, "both"},
	} {
		got, err := settings.OrganizationOf(func(name string) string { return c.env[name] })
		if err == nil {
			err = got.Reading()
		}
		if diff := cmp.Diff(c.want, got); diff != "" || got.Members() != c.members {
			t.Errorf("%s: members %t\n%s", name, got.Members(), diff)
		}
		if (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

package functions

import (
	"maps"
	"strings"
	"testing"
	"time"
)

// TestDispatchOfAList: the accounts of ACCOUNTS are asked for without a call to AWS.
func TestDispatchOfAList(t *testing.T) {
	f := start(t, "dispatch", map[string]string{"ACCOUNT": "111122223333", "ACCOUNTS": "444455556666,111122223333"})
	invoke(t, f, recorded(t, "schedule.json"))
	for _, want := range []string{`{"account":"111122223333","trigger":{"kind":"schedule"`, `{"account":"444455556666","trigger":{"kind":"schedule"`} {
		if strings.Count(f.Stderr(), want) != 1 {
			t.Errorf("%s is not asked for once:\n%s", want, f.Stderr())
		}
	}
}

// TestSettingsThatCannotBeMeant are told before the first invocation.
func TestSettingsThatCannotBeMeant(t *testing.T) {
	for says, own := range map[string]map[string]string{
		"ORGANIZATION is":         {"ORGANIZATION": "yes"},
		"ACCOUNTS has":            {"ACCOUNTS": "all"},
		"MEMBER_ROLE_NAME is not": {"ORGANIZATION": "true", "ACCOUNT": "111122223333"},
		"ACCOUNT is not set":      {"ORGANIZATION": "true", "MEMBER_ROLE_NAME": "reader"},
	} {
		environment := credentials()
		maps.Copy(environment, own)
		names := []string{"scan", "dispatch"}
		if strings.Contains(says, "not") {
			names = names[:1] // dispatch assumes no role
		}
		for _, name := range names {
			f := start(t, name, environment)
			if err := f.Ready(20 * time.Second); err == nil || !strings.Contains(f.Stderr(), says) {
				t.Errorf("%s with %v: %v\n%s", name, own, err, f.Stderr())
			}
		}
	}
}

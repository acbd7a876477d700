package codeartifact

import "testing"

// TestCallerSettlesOnlyOpenQuestions uses a key that the data does not have: one
// for which caller and action disagree.
func TestCallerSettlesOnlyOpenQuestions(t *testing.T) {
	key := KeyInfo{always: Actions(ReadFromRepository), sometimes: Actions(ListPackages)}
	key.callers[UserCaller].presence = Never
	key.callers[RoleCaller].presence = Always
	for _, test := range []struct {
		action     Action
		user, role Presence
	}{
		{ReadFromRepository, Always, Always},
		{ListPackages, Never, Always},
		{ListDomains, Never, Never},
	} {
		if user, role := key.PresenceFor(test.action, UserCaller), key.PresenceFor(test.action, RoleCaller); user != test.user || role != test.role {
			t.Errorf("%v: user %v, role %v, want %v, %v", test.action, user, role, test.user, test.role)
		}
	}
}

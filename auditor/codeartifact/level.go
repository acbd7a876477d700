package codeartifact

import "strings"

// Levels are the access levels that AWS gives an action; some have two.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
type Levels uint8

// The access levels, as one bit each.
const (
	List Levels = 1 << iota
	Read
	Write
	Tagging
	PermissionsManagement
)

var levelNames = []string{"List", "Read", "Write", "Tagging", "Permissions management"}

// Has reports whether l has every level of other.
func (l Levels) Has(other Levels) bool { return l&other == other }

// String lists the levels in AWS's words: "Permissions management, Write".
func (l Levels) String() string {
	var names []string
	for i := len(levelNames) - 1; i >= 0; i-- {
		if l&(1<<i) != 0 {
			names = append(names, levelNames[i])
		}
	}
	return strings.Join(names, ", ")
}

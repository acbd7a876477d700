package rules

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// deeds says in words what the gravest actions of each class of risk do.
var deeds = []struct {
	actions codeartifact.ActionSet
	words   string
}{
	{codeartifact.Actions(codeartifact.PutDomainPermissionsPolicy, codeartifact.PutRepositoryPermissionsPolicy), "rewrite policies"},
	{codeartifact.Actions(codeartifact.PublishPackageVersion, codeartifact.CopyPackageVersions), "publish packages"},
	{codeartifact.ActionsWithRisk(codeartifact.Destructive), "delete content"},
	{codeartifact.Actions(codeartifact.GetAuthorizationToken), "ask for tokens"},
	{codeartifact.Actions(codeartifact.ReadFromRepository, codeartifact.GetPackageVersionAsset), "download packages"},
}

// does puts a set of actions into a few words, the gravest deeds first. What has
// no words of its own is named by its action.
func does(set codeartifact.ActionSet) string {
	var said []string
	for _, d := range deeds {
		if set.Meets(d.actions) {
			said = append(said, d.words)
		}
	}
	switch {
	case len(said) == 0 && set.Len() <= 2:
		return "call " + set.String()
	case len(said) == 0:
		return fmt.Sprintf("call %d actions, %s among them", set.Len(), set.First())
	}
	return join(said)
}

// join lists words as a sentence does.
func join(words []string) string {
	switch len(words) {
	case 1:
		return words[0]
	case 2:
		return words[0] + " and " + words[1]
	}
	list := ""
	for _, w := range words[:len(words)-1] {
		list += w + ", "
	}
	return list + "and " + words[len(words)-1]
}

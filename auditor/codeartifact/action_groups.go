package codeartifact

// CodeArtifactActions returns every codeartifact action: what AWS documents on
// the date of the data.
func CodeArtifactActions() ActionSet { return serviceSets[serviceCodeArtifact] }

// AllActions returns every action of the table.
func AllActions() ActionSet { return allActions }

// FullActions returns the actions by which full access is measured: the
// codeartifact actions that have a resource type and whose Risk, not Also, is a
// class that [Risk.Full] names. Reading names and creating containers do not
// count, so neither a missing list action nor one that AWS adds later turns full
// access into something else.
func FullActions() ActionSet { return fullActions }

// FullActionsIn returns those of FullActions that an Allow in place can grant.
func FullActionsIn(place Place) ActionSet { return fullActions.And(grantable[place]) }

// GrantableIn returns the actions of the table for which an Allow in place takes
// effect, as documented or inferred.
func GrantableIn(place Place) ActionSet { return grantable[place] }

// TrustActions returns the actions that a role's trust policy decides: the
// AssumeRole actions and what is asked for with them.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func TrustActions() ActionSet { return grantable[TrustPolicy] }

// ChangingActions returns the codeartifact actions that AWS gives another access
// level than Read or List.
func ChangingActions() ActionSet { return changingActions }

var changingActions = func() ActionSet {
	var s ActionSet
	for a := range CodeArtifactActions().All() {
		if a.Info().Levels&^(Read|List) != 0 {
			s = s.Add(a)
		}
	}
	return s
}()

// ExpandPattern returns the names of the actions that an element of an Action
// list stands for, where it has a wildcard and reaches no service but
// CodeArtifact; else nil.
func ExpandPattern(element string) []string {
	named := MatchActions(element)
	if !HasWildcard(element) || WildcardService(element) || element == "*" || element == "*:*" || !CodeArtifactActions().Covers(named) {
		return nil
	}
	var names []string
	for a := range named.All() {
		names = append(names, a.String())
	}
	return names
}

// ActionsWithRisk returns the actions whose Risk is r.
func ActionsWithRisk(r Risk) ActionSet {
	var s ActionSet
	for a := NoAction + 1; int(a) < len(actions); a++ {
		if actions[a].Risk == r {
			s = s.Add(a)
		}
	}
	return s
}

// ActionsOn returns the actions that the reference lists for resource type t.
func ActionsOn(t ResourceType) ActionSet {
	var s ActionSet
	for a := NoAction + 1; int(a) < len(actions); a++ {
		if actions[a].Has(t) {
			s = s.Add(a)
		}
	}
	return s
}

package codeartifact

// Place is a kind of policy in which an Allow can grant. The zero value is
// invalid.
type Place uint8

// The places. All other kinds of policy (boundary, SCP, RCP, session, endpoint)
// only filter.
const (
	_ Place = iota
	IdentityPolicy
	DomainPolicy
	RepositoryPolicy
	TrustPolicy

	placeCount = iota
)

var placeNames = [placeCount]string{
	IdentityPolicy: "identity policy", DomainPolicy: "domain policy", RepositoryPolicy: "repository policy",
	TrustPolicy: "trust policy",
}

// String returns the place in words, "domain policy".
func (p Place) String() string {
	if int(p) < len(placeNames) && placeNames[p] != "" {
		return placeNames[p]
	}
	return "invalid place"
}

// Grant says whether an Allow takes effect for an action in a place, and how
// that is known. The zero value is unverified: AWS does not say.
type Grant uint8

// The answers.
const (
	Unverified Grant = iota
	YesDocumented
	YesInferred
	NoDocumented
	NoInferred
)

var grantNames = [...]string{"unverified", "yes (documented)", "yes (inferred)", "no (documented)", "no (inferred)"}

// Yes reports whether an Allow takes effect, as documented or inferred.
func (g Grant) Yes() bool { return g == YesDocumented || g == YesInferred }

// No reports whether an Allow has no effect, as documented or inferred. Neither
// Yes nor No holds of what is unverified.
func (g Grant) No() bool { return g == NoDocumented || g == NoInferred }

// String returns the answer with its basis, "no (documented)".
func (g Grant) String() string {
	if int(g) < len(grantNames) {
		return grantNames[g]
	}
	return "invalid grant"
}

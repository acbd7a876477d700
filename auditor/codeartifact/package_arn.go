package codeartifact

import (
	"slices"
	"strings"
)

// Formats returns the package formats that CodeArtifact has, sorted.
func Formats() []string { return slices.Clone(packageFormats) }

// ValidDomainName reports whether a domain can have that name: 2 to 50
// lower-case letters, digits and hyphens, beginning with a letter and not ending
// with a hyphen.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_PutDomainPermissionsPolicy.html
func ValidDomainName(name string) bool {
	if len(name) < 2 || len(name) > 50 || name[0] < 'a' || name[0] > 'z' || name[len(name)-1] == '-' {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// EncodePackageGroup returns a package-group pattern ("/npm/*") as it stands in
// the group's ARN: "*" is %2a, "$" is %24, "%" is %25, in lower case, and
// nothing else is encoded.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html
func EncodePackageGroup(pattern string) string { return packageGroupEncoder.Replace(pattern) }

var packageGroupEncoder = strings.NewReplacer("*", "%2a", "$", "%24", "%", "%25")

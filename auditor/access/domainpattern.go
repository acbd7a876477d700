package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// everyDomain is the pattern of all domains less those that a Deny or NotResource
// leaves out.
const everyDomain = "*"

// domainPattern returns the domain as the covering statements write it: the
// part of a resource pattern that stands where the domain's name stands. Where
// none names a domain, they cover every domain but some.
func domainPattern(c *coverage, name string) string {
	domainARN := "arn:aws:codeartifact:" + c.region + ":" + c.account + ":domain/" + name
	for _, x := range c.by {
		if _, only := x.parsed.Resources.(policy.Only); !only {
			return everyDomain
		}
		for _, text := range resourceTexts(x) {
			pattern := domainPart(text)
			switch variable := strings.Contains(text, "${"); {
			case !variable && !glob.Compile(text).Match(domainARN):
			case pattern == "":
				return everyDomain
			case variable || glob.Compile(pattern).Match(name):
				return pattern
			}
		}
	}
	return everyDomain
}

// domainPart returns what stands in a resource pattern where the domain's name
// stands in an ARN: behind the first slash, up to the second. Colons and slashes
// inside a variable separate nothing.
func domainPart(text string) string {
	var parts []string
	start, inside := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case strings.HasPrefix(text[i:], "${"):
			inside = true
		case c == '}':
			inside = false
		case inside:
		case c == ':':
			parts, start = nil, i+1
		case c == '/':
			parts, start = append(parts, text[start:i]), i+1
		}
	}
	parts = append(parts, text[start:])
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

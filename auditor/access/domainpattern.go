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
	for _, x := range c.by {
		if _, only := x.parsed.Resources.(policy.Only); !only {
			return everyDomain
		}
		for _, text := range resourceTexts(x) {
			head, pattern := domainPart(text)
			switch variable := strings.Contains(head, "${"); {
			case !variable && !c.speaksOf(head, name):
			case pattern == "":
				return everyDomain
			case variable || glob.Compile(pattern).Match(name):
				return pattern
			}
		}
	}
	return everyDomain
}

// speaksOf reports whether a resource pattern, up to where the domain's name ends,
// holds for the domain where the coverage was proved.
func (proof *coverage) speaksOf(head, name string) bool {
	p := glob.Compile(head)
	for a := range proof.actions.All() {
		for _, t := range typesOf(a) {
			if t != 0 && p.Match("arn:aws:codeartifact:"+proof.region+":"+proof.account+":"+typeStart(t)+name) {
				return true
			}
		}
	}
	return false
}

// domainPart returns what stands in a resource pattern where the domain's name
// stands in an ARN, behind the first slash, up to the second; and the pattern up to
// there. Colons and slashes inside a variable separate nothing.
func domainPart(text string) (head, part string) {
	var parts []string
	start, inside := 0, false
	head = text
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
			if len(parts) == 1 && head == text {
				head = text[:i]
			}
			parts, start = append(parts, text[start:i]), i+1
		}
	}
	parts = append(parts, text[start:])
	if len(parts) < 2 {
		return head, ""
	}
	return head, parts[1]
}

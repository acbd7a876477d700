package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
)

// Identify returns the id of a finding: the first 16 bytes of SHA-256 over
// "caudit/1", rule, account, subject type, subject id and facet, joined by NUL,
// as 32 hex digits. The text of statements takes no part, so reformatting,
// reordering and renaming Sids keep the id.
func Identify(rule string, subject Subject, facet string) string {
	return digest("caudit/1", rule, subject.Account, string(subject.Type), canonicalID(subject.ID), facet)
}

// GroupOf returns the hash of rule and canonical document, by which identical
// copies fold into one line.
func GroupOf(rule, canonicalDocument string) string {
	return digest("caudit/group/1", rule, canonicalDocument)
}

// canonicalID drops IAM paths from the ARN that a subject id begins with; what
// follows "#" (inline policy name, trust) stays.
func canonicalID(id string) string {
	name, rest, _ := strings.Cut(id, "#")
	parsed, err := arn.Parse(name)
	if err != nil {
		return id
	}
	switch parsed.Type() {
	case "user", "role", "group":
		return parsed.WithoutPath().String() + id[len(name):len(id)-len(rest)] + rest
	}
	return id
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

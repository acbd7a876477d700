package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// resourceTexts returns the patterns of a statement's Resource element.
func resourceTexts(x part) []string {
	only, _ := x.parsed.Resources.(policy.Only)
	out := make([]string, len(only))
	for i, v := range only {
		out[i] = v.Text
	}
	return out
}

// cutResource cuts an ARN behind its account and drops the type of the resource:
// "arn:aws:codeartifact:eu-west-1:111122223333:" and "team/app".
func cutResource(id string) (start, name string) {
	colon := strings.LastIndexByte(id, ':') + 1
	_, name, _ = strings.Cut(id[colon:], "/")
	return id[:colon], name
}

package source

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

// decoded returns the policy document that a string holds: JSON as it is, or
// percent-encoded as IAM's API returns it. A "+" stays one, as RFC 3986 has it.
//
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func decoded(text string) (string, error) {
	if !encoded(text) {
		return text, nil
	}
	plain, err := url.PathUnescape(text)
	if err != nil {
		return "", fmt.Errorf("document is not percent-encoded as in RFC 3986: %w", err)
	}
	return plain, nil
}

// encoded reports whether a document is percent-encoded: a JSON object begins
// with a brace and a quote, of which the encoding leaves neither.
func encoded(text string) bool {
	begin := strings.TrimLeft(text, " \t\r\n")
	rest, brace := strings.CutPrefix(begin, "{")
	return strings.HasPrefix(begin, "%") || brace && strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), "%")
}

// longestLaidOut is up to which length an object is laid out anew; what is longer
// cannot be stored in AWS, and deep nesting would make it longer still.
const longestLaidOut = 64 << 10

// laidOut returns the text of a document that stands as an object in another
// file, with the layout of a file of its own: where the document began, and how
// far it was indented, is the other file's matter.
func laidOut(object string) string {
	if len(object) > longestLaidOut {
		return object
	}
	return strings.TrimSuffix(string(jsonpos.Indent([]byte(object))), "\n")
}

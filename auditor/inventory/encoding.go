package inventory

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// DecodeDocument returns the policy document that a string of account details
// holds: JSON as it is, or percent-encoded as IAM's API returns it. A "+" stays
// one, as RFC 3986 has it. It does not ask whether the text is a policy.
//
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func DecodeDocument(text string) (string, error) {
	if !percentEncoded(text) {
		return text, nil
	}
	plain, err := url.PathUnescape(text)
	if err != nil {
		return "", fmt.Errorf("document is not percent-encoded as in RFC 3986: %w", err)
	}
	return plain, nil
}

// percentEncoded reports whether a document is percent-encoded: a JSON object
// begins with a brace and a quote, of which the encoding leaves neither.
func percentEncoded(text string) bool {
	const space = " \t\r\n"
	begin := strings.TrimLeft(text, space)
	rest, brace := strings.CutPrefix(begin, "{")
	return strings.HasPrefix(begin, "%") || brace && strings.HasPrefix(strings.TrimLeft(rest, space), "%")
}

// encodeDocument returns a string from which DecodeDocument makes text: text
// itself, unless JSON could not hold it or it would be taken for encoded.
func encodeDocument(text string) string {
	if utf8.ValidString(text) && !percentEncoded(text) {
		return text
	}
	var out strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&out, "%%%02X", text[i])
	}
	return out.String()
}

package source

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

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

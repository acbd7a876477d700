package configfile

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/spelling"
)

// expected ends a message about an unknown word: with the word that was
// probably meant, or else with all of them.
func expected(word string, known []string) string {
	if near, ok := nearest(word, known); ok {
		return "did you mean \"" + near + "\"?"
	}
	return "expected " + strings.Join(known, ", ")
}

// nearest returns the first of the known words that is fewest edits away from
// word, if that is at most a third of its letters.
func nearest(word string, known []string) (string, bool) {
	best, fewest := "", max(1, len(word)/3)+1
	for _, k := range known {
		if d := spelling.Edits(strings.ToLower(word), k); d < fewest {
			best, fewest = k, d
		}
	}
	return best, best != ""
}

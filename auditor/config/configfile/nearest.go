package configfile

import "strings"

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
		if d := edits(strings.ToLower(word), k); d < fewest {
			best, fewest = k, d
		}
	}
	return best, best != ""
}

// edits counts the insertions, deletions and substitutions that turn a into b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

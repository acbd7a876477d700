package house

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// misjudged compares the rows of docs/comparison.md with the samples and with what
// caudit prints of them, which its console block shows: each sample has a row, and
// our column has a dash where nothing is printed, and there alone. What an account
// holds is printed by its role's name.
func misjudged(page string, samples []string) []string {
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+\\.json)`[^|]*\\|[^|]*\\| *([^|]*?) *\\|").FindAllStringSubmatch(page, -1) {
		rows[m[1]] = m[2]
	}
	var wrong []string
	for _, name := range samples {
		said, ok := rows[name]
		delete(rows, name)
		found := strings.Contains(page, "\ndocs/comparison/"+name+":") || name == "account.json" && strings.Contains(page, "\nrole/ci")
		switch {
		case !ok:
			wrong = append(wrong, name+" has no row")
		case (said == "–") == found:
			wrong = append(wrong, fmt.Sprintf("%s: the row says %q, and something is printed: %v", name, said, found))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		wrong = append(wrong, name+" has a row, and is not there")
	}
	return wrong
}

func TestComparisonSaysWhatIsPrinted(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root(t), "docs", "comparison.md"))
	if err != nil {
		t.Fatal(err)
	}
	var samples []string
	for _, name := range files(t) {
		if sample, ok := strings.CutPrefix(name, "docs/comparison/"); ok {
			samples = append(samples, sample)
		}
	}
	if len(samples) == 0 {
		t.Error("no samples")
	}
	report(t, misjudged(string(page), samples))
}

func TestMisjudgedSampleIsSeen(t *testing.T) {
	const page = "| `a.json` | allows | ✓ it | – | – |\n| `b.json` (a domain's) | allows | – | ✓ | – |\n\ndocs/comparison/a.json:1:1: high: x\n"
	expect(t, misjudged(page, []string{"a.json", "b.json"}))
	expect(t, misjudged(page, []string{"a.json", "c.json"}), "c.json has no row", "b.json has a row, and is not there")
	expect(t, misjudged(strings.Replace(page, "✓ it", "–", 1), []string{"a.json", "b.json"}), `a.json: the row says "–", and something is printed: true`)
	expect(t, misjudged(strings.Replace(page, "docs/comparison/a", "docs/comparison/b", 1), []string{"a.json", "b.json"}),
		`a.json: the row says "✓ it", and something is printed: false`, `b.json: the row says "–", and something is printed: true`)
}

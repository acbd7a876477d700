package policy

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/spelling"
)

// nearest returns the name that was meant by name: one that differs only in
// case, else the first that is at most two typing errors away and shares half of
// its letters; empty when there is none.
func nearest(name string, known []string) string {
	for _, k := range known {
		if strings.EqualFold(name, k) {
			return k
		}
	}
	best, distance := "", 3
	for _, k := range known {
		if len(name) > len(k)+2 || len(k) > len(name)+2 {
			continue // also keeps hostile names from costing anything
		}
		if d := spelling.Edits(strings.ToLower(name), strings.ToLower(k)); d < distance && 2*d < len(k) {
			best, distance = k, d
		}
	}
	return best
}

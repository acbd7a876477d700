package policy

import "strings"

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
		if d := editDistance(strings.ToLower(name), strings.ToLower(k)); d < distance && 2*d < len(k) {
			best, distance = k, d
		}
	}
	return best
}

// editDistance counts the bytes to insert, delete or replace to turn a into b.
func editDistance(a, b string) int {
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

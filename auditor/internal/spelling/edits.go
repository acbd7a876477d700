// Package spelling says how far apart two words are, for messages that ask "did
// you mean".
package spelling

// Longest is the length beyond which words are not compared: names come from
// outside, and the comparison costs the product of their lengths.
const Longest = 128

// Edits counts the bytes to insert, delete or replace to turn a into b. Of a word
// longer than Longest it returns Longest: it is near to nothing.
func Edits(a, b string) int {
	if len(a) > Longest || len(b) > Longest {
		return Longest
	}
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

package oracle

// Truth is the answer to one question of the evaluation. The zero value is
// invalid.
type Truth uint8

// No and Yes are documented; Maybe is what no source settles.
const (
	_ Truth = iota
	No
	Maybe
	Yes
)

// not is No for Yes, Yes for No, and Maybe for Maybe.
func (t Truth) not() Truth { return Yes + No - t }

// both is as true as the less true of a and b.
func both(a, b Truth) Truth { return min(a, b) }

// either is as true as the truer of a and b.
func either(a, b Truth) Truth { return max(a, b) }

func truth(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

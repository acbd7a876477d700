package auditor

// Empty reports whether nothing was looked at: no policy, nobody and nothing
// that could have one. An audit of nothing proves nothing.
func (c Coverage) Empty() bool {
	return c.Principals == 0 && c.Policies == 0 && c.Domains == 0 && c.Repositories == 0 && c.Foreign == 0
}

package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// place is an account and Region with the state after reading an ARN up to its
// resource part. Places with the same key are decided alike.
type place struct {
	home
	state glob.State
	key   string
}

// places returns the accounts and Regions that the profile can speak of: every
// Region, and one account for each way in which the patterns tell accounts apart.
func (c *coverer) places() ([]place, error) {
	var out []place
	for _, region := range c.regions() {
		s := c.machine.Read(c.machine.Start(), "arn:aws:codeartifact:"+region+":")
		accounts, err := c.accounts(s)
		if err != nil {
			return nil, err
		}
		for _, b := range accounts {
			p := place{home: home{region, b.Text}, state: c.machine.Read(b.States[0], ":")}
			p.key = p.state.Key() + c.kinship(b.Text)
			if !c.placeless() {
				p.key += region + b.Text
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// regions returns the Regions that the profile can speak of, the policy of a
// domain of the domain's alone.
func (c *coverer) regions() []string {
	if c.own() {
		domain, _ := arn.Parse(c.confined.ID)
		return []string{domain.Region}
	}
	return c.access.regions
}

// accounts returns the accounts whose resources the profile can speak of. What
// is sure ends at the caller's own account: elsewhere a resource policy has to
// allow the request too. A resource policy speaks of one account, its owner's.
func (c *coverer) accounts(s glob.State) ([]glob.Branch, error) {
	own := c.caller.Account
	if c.confined != nil {
		owner, _ := c.caller.fixedValue(accountDim)
		own = owner.texts[0]
	}
	if own != "" && (c.mode == sure || c.confined != nil) {
		return []glob.Branch{{Text: own, States: []glob.State{c.machine.Read(s, own)}}}, nil
	}
	shape := glob.Union{glob.New().Times(12, glob.Digits).Pattern()}
	prefer := []string{own, exampleAccount}
	return c.machine.Spread([]glob.State{s}, shape, prefer, c.budget)
}

// placeless reports whether no test asks where the resource lives, so that
// places with the same state are alike.
func (c *coverer) placeless() bool {
	for _, x := range c.parts {
		lits, _ := x.literals(c.modeOf(x))
		if slices.ContainsFunc(lits, func(l literal) bool { return followsFromResource(l.test.dim) }) {
			return false
		}
	}
	return true
}

// kinship tells the caller's own account from others.
func (c *coverer) kinship(account string) string {
	if account == c.caller.Account {
		return "own"
	}
	return "other"
}

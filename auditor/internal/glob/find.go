package glob

// Find returns the simplest string x of shape such that accept holds for the
// membership of (what was read up to s)+x in each set of the machine: the first
// of prefer that does, else a shortest one. It reports false when there is
// none, and ErrBudget when the budget ended first.
func (m *Machine) Find(s State, shape Union, prefer []string, accept func(in []bool) bool, b *Budget) (string, bool, error) {
	for _, x := range prefer {
		if shape.Match(x) && accept(m.Members(m.Read(s, x))) {
			return x, true, nil
		}
	}
	w := walk{shape: NewMachine([]Union{shape}), m: m, budget: b}
	at, err := w.run(s, func(inShape bool, state State) verdict {
		in := m.Members(state)
		ok := accept(in)
		switch {
		case ok && inShape:
			return found
		case !ok && m.settled(state, in):
			return hopeless
		}
		return undecided
	})
	if err != nil || at < 0 {
		return "", false, err
	}
	return w.text(at), true, nil
}

// Branch is one way to begin a string: all beginnings that lead to its State
// are alike from there on.
type Branch struct {
	Text  string // the simplest beginning
	State State
}

// Spread returns one branch for each state that reading a string of shape from
// s can lead to. Strings of prefer stand for their state where they lie in shape.
func (m *Machine) Spread(s State, shape Union, prefer []string, b *Budget) ([]Branch, error) {
	var out []Branch
	seen := map[string]bool{}
	add := func(text string, state State) {
		if k := state.key(); !seen[k] {
			seen[k] = true
			out = append(out, Branch{text, state})
		}
	}
	for _, x := range prefer {
		if shape.Match(x) {
			add(x, m.Read(s, x))
		}
	}
	w := walk{shape: NewMachine([]Union{shape}), m: m, budget: b}
	var ends []int
	_, err := w.run(s, func(inShape bool, state State) verdict {
		if inShape {
			ends = append(ends, len(w.nodes)-1)
		}
		return undecided
	})
	for _, at := range ends {
		add(w.text(at), w.nodes[at].state)
	}
	return out, err
}

type verdict int

const (
	undecided verdict = iota
	found
	hopeless
)

// walk goes through the pairs of states of two machines, shortest strings first.
type walk struct {
	shape, m *Machine
	budget   *Budget
	nodes    []node
}

type node struct {
	shape, state State
	parent       int
	char         rune
}

// run visits every pair of states once. It returns the node that visit found,
// or -1 when there is none.
func (w *walk) run(from State, visit func(inShape bool, s State) verdict) (int, error) {
	seen := map[string]struct{}{}
	meet := func(n node) (verdict, error) {
		key := n.shape.key() + n.state.key()
		if _, known := seen[key]; known {
			return hopeless, nil
		}
		if err := w.budget.spend(1 + len(n.state) + len(n.shape)); err != nil {
			return hopeless, err
		}
		seen[key] = struct{}{}
		w.nodes = append(w.nodes, n)
		v := visit(w.shape.Members(n.shape)[0], n.state)
		if v == hopeless {
			w.nodes[len(w.nodes)-1].shape = nil // leads nowhere: do not go on from here
		}
		return v, nil
	}
	if v, err := meet(node{w.shape.Start(), from, -1, 0}); err != nil || v == found {
		return len(w.nodes) - 1, err
	}
	for i := 0; i < len(w.nodes); i++ {
		n := w.nodes[i]
		if n.shape == nil {
			continue
		}
		for _, c := range characters(w.shape, n.shape, w.m, n.state) {
			v, err := meet(node{w.shape.next(n.shape, c), w.m.next(n.state, c), i, c})
			if err != nil {
				return -1, err
			}
			if v == found {
				return len(w.nodes) - 1, nil
			}
		}
	}
	return -1, nil
}

// text returns the string that leads to a node.
func (w *walk) text(at int) string {
	var reversed []rune
	for ; w.nodes[at].parent >= 0; at = w.nodes[at].parent {
		reversed = append(reversed, w.nodes[at].char)
	}
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return string(reversed)
}

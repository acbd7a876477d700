package glob

import "slices"

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
	at, err := w.run([]State{s}, func(inShape bool, states []State) verdict {
		in := m.Members(states[0])
		ok := accept(in)
		switch {
		case ok && inShape:
			return found
		case !ok && m.settled(states[0], in):
			return hopeless
		}
		return undecided
	})
	if err != nil || at < 0 {
		return "", false, err
	}
	return w.text(at), true, nil
}

// FindMember returns the shortest string x of shape such that (what was read up
// to s)+x lies in exactly those sets of the machine that want says. It is Find
// for a conjunction, which ends as soon as one set is lost.
func (m *Machine) FindMember(s State, shape Union, want []bool, b *Budget) (string, bool, error) {
	w := walk{shape: NewMachine([]Union{shape}), m: m, budget: b}
	at, err := w.run([]State{s}, func(inShape bool, states []State) verdict {
		in := m.Members(states[0])
		if inShape && slices.Equal(in, want) {
			return found
		}
		if m.lost(states[0], in, want) {
			return hopeless
		}
		return undecided
	})
	if err != nil || at < 0 {
		return "", false, err
	}
	return w.text(at), true, nil
}

// Branch is one way to go on from several states at once: all texts that lead
// to its States are alike from there on.
type Branch struct {
	Text   string // the simplest such text
	States []State
}

// Spread returns one branch for each combination of states that reading one
// string of shape from every state of from can lead to. Strings of prefer stand
// for their combination where they lie in shape.
func (m *Machine) Spread(from []State, shape Union, prefer []string, b *Budget) ([]Branch, error) {
	var out []Branch
	seen := map[string]bool{}
	add := func(text string, states []State) {
		if k := keyOf(states); !seen[k] {
			seen[k] = true
			out = append(out, Branch{text, states})
		}
	}
	for _, x := range prefer {
		if shape.Match(x) {
			add(x, m.readAll(from, x))
		}
	}
	w := walk{shape: NewMachine([]Union{shape}), m: m, budget: b}
	var ends []int
	_, err := w.run(from, func(inShape bool, _ []State) verdict {
		if inShape {
			ends = append(ends, len(w.nodes)-1)
		}
		return undecided
	})
	for _, at := range ends {
		add(w.text(at), w.nodes[at].states)
	}
	return out, err
}

func (m *Machine) readAll(from []State, text string) []State {
	out := make([]State, len(from))
	for i, s := range from {
		out[i] = m.Read(s, text)
	}
	return out
}

type verdict int

const (
	undecided verdict = iota
	found
	hopeless
)

// walk reads strings of a shape, shortest first, from several states at once. It
// visits each combination of states once.
type walk struct {
	shape, m *Machine
	budget   *Budget
	nodes    []node
}

type node struct {
	shape  State
	states []State
	parent int
	char   rune
}

// run returns the node that visit found, or -1 when there is none.
func (w *walk) run(from []State, visit func(inShape bool, states []State) verdict) (int, error) {
	seen := map[string]struct{}{}
	meet := func(n node) (verdict, error) {
		key := n.shape.Key() + keyOf(n.states)
		if _, known := seen[key]; known {
			return hopeless, nil
		}
		if err := w.budget.Spend(4 + len(n.shape) + len(n.states)*w.m.words); err != nil {
			return hopeless, err
		}
		seen[key] = struct{}{}
		w.nodes = append(w.nodes, n)
		v := visit(w.shape.Members(n.shape)[0], n.states)
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
		for _, c := range w.characters(n) {
			to := make([]State, len(n.states))
			for k, s := range n.states {
				to[k] = w.m.next(s, c)
			}
			v, err := meet(node{w.shape.next(n.shape, c), to, i, c})
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

// characters returns one character for each way in which the live positions of
// n can tell the next character apart, among those that the shape can read. The
// most readable ones come first.
func (w *walk) characters(n node) []rune {
	readable := w.shape.live(n.shape, nil)
	if len(readable) == 0 {
		return nil
	}
	var classes []Class
	for _, s := range n.states {
		classes = w.m.live(s, classes)
	}
	return split(readable, classes)
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

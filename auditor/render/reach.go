package render

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// reach is a drawing of who reaches what: principals, policies, resources in three
// columns, and a row of a table for every way through it.
type reach struct {
	Width, Height int
	Nodes         []reachNode
	Edges         []reachEdge
	Rows          []reachRow
	Left          int // ways that are not drawn
}

type reachRow struct{ Principal, Policy, Resource string }

type reachNode struct {
	X, Y, W, TX, TY int
	Label           string
}

type reachEdge struct{ Class, D string }

// The measures of the drawing, in pixels but for the letters of a label.
const (
	reachWays    = 40
	reachBox     = 270
	reachGap     = 70
	reachStep    = 34
	reachMargin  = 10
	reachLetters = 35
)

// reach draws the gravest findings, which come first.
func (t text) reach(findings []finding.Finding) reach {
	d := reach{}
	var columns [3]reachColumn
	seen := map[reachRow]bool{}
	for _, f := range findings {
		if len(f.Grants) == 0 || len(f.Witness) == 0 || f.Witness[0].Decision != finding.Allowed {
			continue // a statement without effect lets nobody reach anything
		}
		who := f.Affected
		if len(who) == 0 {
			who = []string{f.Witness[0].Caller}
		}
		for _, principal := range who {
			row := reachRow{t.short(principal), t.document(f.Grants[0]), t.short(f.Witness[0].Resource)}
			if seen[row] {
				continue
			}
			seen[row] = true
			if len(d.Rows) == reachWays {
				d.Left++
				continue
			}
			d.Rows = append(d.Rows, row)
			from, by, to := columns[0].place(row.Principal), columns[1].place(row.Policy), columns[2].place(row.Resource)
			d.edge(f.Severity, 0, from, by)
			d.edge(f.Severity, 1, by, to)
		}
	}
	for i, c := range columns {
		for at, label := range c.labels {
			x, y := reachX(i), reachY(at)
			d.Nodes = append(d.Nodes, reachNode{x, y, reachBox, x + 8, y + 16, shortened(label)})
		}
		d.Height = max(d.Height, reachY(len(c.labels)))
	}
	d.Width = reachX(2) + reachBox + reachMargin
	return d
}

// reachColumn is a column of boxes, each label once.
type reachColumn struct {
	labels []string
	at     map[string]int
}

func (c *reachColumn) place(label string) int {
	if at, known := c.at[label]; known {
		return at
	}
	if c.at == nil {
		c.at = map[string]int{}
	}
	c.at[label] = len(c.labels)
	c.labels = append(c.labels, label)
	return c.at[label]
}

func reachX(column int) int { return reachMargin + column*(reachBox+reachGap) }

func reachY(row int) int { return reachMargin + row*reachStep }

// edge draws a curve from a box to one in the next column, once.
func (d *reach) edge(s finding.Severity, column, from, to int) {
	x1, x2 := reachX(column)+reachBox, reachX(column+1)
	y1, y2, bend := reachY(from)+12, reachY(to)+12, reachGap/2
	curve := fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
	for _, e := range d.Edges {
		if e.D == curve {
			return // the gravest came first
		}
	}
	d.Edges = append(d.Edges, reachEdge{s.String(), curve})
}

// shortened returns a label that fits its box; its end tells more than its middle.
func shortened(label string) string {
	letters := []rune(label)
	if len(letters) <= reachLetters {
		return label
	}
	return string(letters[:12]) + "…" + string(letters[len(letters)-reachLetters+13:])
}

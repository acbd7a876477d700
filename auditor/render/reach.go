package render

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
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
	reachOfOne   = 12 // of one finding and principal
	reachBox     = 270
	reachGap     = 56
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
		ways, left := waysOf(f)
		who := f.Affected
		if len(who) == 0 && len(ways) > 0 {
			who = []string{ways[0].caller}
		}
		d.Left += left * len(who)
		for _, principal := range who {
			for _, w := range ways {
				row := reachRow{t.short(principal), t.document(w.grant), t.short(w.resource)}
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

// way is a policy of a finding and what it lets a caller reach.
type way struct {
	grant            finding.Grant
	caller, resource string
}

// waysOf returns the ways of one finding, and how many more there are. What a proof
// asks for is told as the domain or repository it lies in; what lies in none, such
// as the bearer token, is told only where there is nothing else. A policy of a domain
// or repository reaches what it is attached to and nothing more. A statement
// without effect lets nobody reach anything.
func waysOf(f finding.Finding) (ways []way, left int) {
	reached := reachedBy(f.Witness)
	at := map[string]int{}
	for i, w := range reached {
		at[w.resource] = i
	}
	for _, g := range policiesOf(f.Grants) {
		to := reached
		if own, ok := at[g.Policy.ID]; ok {
			to = reached[own : own+1]
		}
		drawn := to[:min(len(to), reachOfOne-len(ways))]
		for _, w := range drawn {
			ways = append(ways, way{g, w.caller, w.resource})
		}
		left += len(to) - len(drawn)
	}
	return ways, left
}

// policiesOf returns the first grant of each policy that can be named.
func policiesOf(grants []finding.Grant) []finding.Grant {
	var first []finding.Grant
	seen := map[[2]string]bool{}
	for _, g := range grants {
		key := [2]string{g.Policy.ID, g.Path}
		if !seen[key] && key != [2]string{} {
			seen[key] = true
			first = append(first, g)
		}
	}
	return first
}

// reachedBy returns what the requests that are allowed reach, each once.
func reachedBy(requests []finding.Request) []way {
	var inside, outside []way
	seen := map[string]bool{}
	for _, q := range requests {
		resource, within := domainOrRepository(q.Resource)
		if q.Decision != finding.Allowed || seen[resource] {
			continue
		}
		seen[resource] = true
		if w := (way{caller: q.Caller, resource: resource}); within {
			inside = append(inside, w)
		} else {
			outside = append(outside, w)
		}
	}
	if len(inside) > 0 {
		return inside
	}
	return outside
}

// domainOrRepository returns the domain or repository that a resource is or lies in:
// packages lie in a repository, package groups in a domain.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html
func domainOrRepository(resource string) (string, bool) {
	a, err := arn.Parse(resource)
	if err != nil || a.Service != "codeartifact" {
		return resource, false
	}
	parts := strings.SplitN(a.Resource, "/", 4)
	switch {
	case len(parts) >= 2 && (parts[0] == "domain" || parts[0] == "package-group"):
		a.Resource = "domain/" + parts[1]
	case len(parts) >= 3 && (parts[0] == "repository" || parts[0] == "package"):
		a.Resource = "repository/" + parts[1] + "/" + parts[2]
	default:
		return resource, false
	}
	return a.String(), true
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

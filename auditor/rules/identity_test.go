package rules_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
)

// TestIdentity: a finding keeps its id however its documents are written. Any
// fixture that fires is rewritten in several ways at once.
func TestIdentity(t *testing.T) {
	var firing []*fixture
	for _, f := range fixtures(t) {
		if f.fires {
			firing = append(firing, f)
		}
	}
	before := map[string]*auditor.Report{}
	rapid.Check(t, func(r *rapid.T) {
		f := rapid.SampledFrom(firing).Draw(r, "fixture")
		if before[f.path] == nil {
			before[f.path] = f.audit(t, f.inputs)
		}
		inputs, names := f.inputs, []string{}
		for _, w := range rewritingsByChance(rapid.Uint64().Draw(r, "seed")) {
			if rapid.Bool().Draw(r, w.name) {
				inputs, names = w.rewrite(t, inputs), append(names, w.name)
			}
		}
		// Of a statement in parts each part is judged by itself: what an inert rule
		// said of all of it, it says of one, or no longer.
		judged := which(anyRule)
		if slices.Contains(names, splitting) {
			judged = func(rule string) bool { return !strings.HasPrefix(rule, "inert/") }
		}
		if diff := cmp.Diff(ids(before[f.path], judged), ids(f.audit(t, inputs), judged)); diff != "" {
			r.Errorf("%s: %s: other ids (-before +after):\n%s", f.path, strings.Join(names, ", "), diff)
		}
	})
}

// TestNarrowingKeepsTheID: a condition that narrows every Allow makes findings
// milder or ends them; it makes no other ones of those that remain.
func TestNarrowingKeepsTheID(t *testing.T) {
	narrow := rewriting{node: func(value any) any {
		o, _ := value.(object)
		for _, m := range o {
			if m.name == "Condition" {
				return value
			}
		}
		if slices.ContainsFunc(o, func(m member) bool { return m.name == "Effect" && m.value == "Allow" }) {
			return append(o, member{"Condition", object{{"StringEquals", object{{"aws:SourceVpc", "vpc-1"}}}}})
		}
		return value
	}}
	remaining := 0
	for _, f := range fixtures(t) {
		if !f.fires || !strings.HasPrefix(f.rule, "grant/") || f.rule == "grant/guardrail-only" {
			continue
		}
		before := ids(f.audit(t, f.inputs), only(f.rule))
		for _, id := range ids(f.audit(t, narrow.rewrite(t, f.inputs)), only(f.rule)) {
			remaining++
			if !slices.Contains(before, id) {
				t.Errorf("%s: narrowed, it is another finding", f.path)
			}
		}
	}
	if remaining == 0 {
		t.Error("nothing remains of any finding")
	}
}

// TestGroupFoldsEqualDocuments: copies of a document carry one group under
// names of their own, and another document another.
func TestGroupFoldsEqualDocuments(t *testing.T) {
	for _, f := range fixtures(t) {
		if !f.fires || len(f.inputs) != 1 || f.kind != 0 {
			continue
		}
		first := f.audit(t, f.inputs)
		if len(first.Findings) == 0 || first.Findings[0].Subject.Account != "" {
			continue // entities of one account merge
		}
		other := rewritings[0].rewrite(t, f.inputs)
		other[0].Name = "copy-" + other[0].Name
		groups := map[string]int{}
		for _, found := range f.audit(t, append(slices.Clone(f.inputs), other...)).Findings {
			groups[found.Group]++
		}
		for _, found := range first.Findings {
			if groups[found.Group] < 2 || groups[found.Group]%2 != 0 {
				t.Errorf("%s: %s: %d findings in the group of two copies", f.path, found.Rule, groups[found.Group])
			}
		}
	}
}

// which chooses findings by their rule.
type which func(rule string) bool

func anyRule(string) bool { return true }

func only(id string) which { return func(rule string) bool { return rule == id } }

// ids are the rules and ids of the findings of a report, sorted.
func ids(r *auditor.Report, of which) []string {
	list := []string{}
	for _, f := range r.Findings {
		if of(f.Rule) {
			list = append(list, f.Rule+" "+f.ID)
		}
	}
	slices.Sort(list)
	return list
}

const splitting = "splitting statements"

// rewritingsByChance are rewritings that keep what the inputs say, the random
// ones among them as the seed has it.
func rewritingsByChance(seed uint64) []rewriting {
	chance := rand.New(rand.NewPCG(seed, 1))
	return append(slices.Clone(rewritings),
		rewriting{name: "shuffling lists", node: func(v any) any {
			if list, ok := v.([]any); ok {
				chance.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			}
			return v
		}},
		rewriting{name: "dropping Sids", node: func(v any) any {
			if o, ok := v.(object); ok {
				return slices.DeleteFunc(o, func(m member) bool { return m.name == "Sid" })
			}
			return v
		}},
		rewriting{name: "writing lists of one as strings", node: unlisted},
		rewriting{name: splitting, node: split},
		rewriting{name: "exporting documents encoded", node: exported},
	)
}

var listed = []string{"Action", "NotAction", "Resource", "NotResource"}

func unlisted(v any) any {
	o, _ := v.(object)
	for i := range o {
		if list, ok := o[i].value.([]any); ok && len(list) == 1 && slices.Contains(listed, o[i].name) {
			o[i].value = list[0]
		}
	}
	return v
}

// split writes a statement once for each of its actions.
func split(v any) any {
	o, _ := v.(object)
	for i := range o {
		statements, ok := o[i].value.([]any)
		if o[i].name != "Statement" || !ok {
			continue
		}
		var parts []any
		for _, s := range statements {
			parts = append(parts, partsOf(s)...)
		}
		o[i].value = parts
	}
	return v
}

func partsOf(statement any) []any {
	o, _ := statement.(object)
	at := slices.IndexFunc(o, func(m member) bool { return m.name == "Action" })
	if at < 0 || slices.IndexFunc(o[at+1:], func(m member) bool { return m.name == "Action" }) >= 0 {
		return []any{statement}
	}
	actions, _ := o[at].value.([]any)
	if len(actions) < 2 {
		return []any{statement}
	}
	var parts []any
	for _, action := range actions {
		part := slices.Clone(o)
		part[at].value = action
		parts = append(parts, part)
	}
	return parts
}

// exported writes the documents of an account as IAM's API returns them.
func exported(v any) any {
	o, _ := v.(object)
	for i := range o {
		document, ok := o[i].value.(object)
		if !ok || !slices.ContainsFunc(document, func(m member) bool { return m.name == "Statement" }) {
			continue
		}
		switch o[i].name {
		case "PolicyDocument", "Document", "AssumeRolePolicyDocument":
			var text bytes.Buffer
			encode(&text, document)
			o[i].value = url.PathEscape(text.String())
		}
	}
	return v
}

// A rewriting that changed nothing would prove nothing.
func TestRewritingsRewrite(t *testing.T) {
	const inventory = `{"Policies":[{"Document":{"Statement":[{"Sid":"A","Action":["a:*"],"Resource":["b"]},{"Action":["c:d","c:e"]},{"Action":["f:g"]}]}}]}`
	input := []txtar.File{{Name: "a.json", Data: []byte(inventory)}}
	for _, w := range rewritingsByChance(3) {
		out := w.rewrite(t, input)[0].Data
		if !json.Valid(out) || w.name != rewritings[0].name && strings.TrimSpace(string(out)) == inventory {
			t.Errorf("%s: %s", w.name, out)
		}
	}
}

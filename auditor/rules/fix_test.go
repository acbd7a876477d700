package rules_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
)

// mends applies each fix of a finding by itself: the finding must be gone, none
// be new, and nothing be allowed that was not.
func (f *fixture) mends(t *testing.T, report *auditor.Report, broken finding.Finding) {
	t.Helper()
	for _, fix := range broken.Fixes {
		inv := f.read(t, f.inputs)
		for _, e := range fix.Edits {
			for _, place := range documents(inv, e) {
				keepsTheRest(t, *place, e.Patch)
			}
			if err := edit(inv, e); err != nil {
				t.Errorf("fix %s of %s: %v", fix.ID, broken.Rule, err)
			}
		}
		after := auditor.Audit(inv, auditor.Options{Config: f.config, Now: now})
		had := map[string]bool{}
		for _, was := range report.Findings {
			had[was.ID] = was.ID != broken.ID
		}
		for _, rule := range broken.Absorbed { // said already, in the one that is gone
			had[finding.Identify(rule, broken.Subject, "")] = true
		}
		for _, is := range after.Findings {
			if !had[is.ID] && !seenNow(broken, is) && !yielded(is, broken) {
				t.Errorf("fix %s of %s leaves or adds: %s on %s: %s", fix.ID, broken.Rule, is.Rule, is.Subject.ID, is.Message)
			}
		}
		if len(after.Gaps) > len(report.Gaps) {
			t.Errorf("fix %s of %s costs %v", fix.ID, broken.Rule, after.Gaps)
		}
		for _, request := range more(f.read(t, f.inputs), inv, broken) {
			if !revives(inv, broken.Rule, fix, request) {
				t.Errorf("fix %s of %s allows more: %s on %s with %v", fix.ID, broken.Rule, request.Action, request.Resource, request.Context)
			}
		}
	}
}

// seenNow reports whether a fix brings to light what was so before: whoever writes
// wildcards out names actions, which token/half-login takes for a wish to log in;
// and a grant that was dead was written too widely all along.
func seenNow(broken, is finding.Finding) bool {
	if slices.Contains([]string{"token/dead-condition", "token/half-login", "token/scoped-to-arn", "token/condition-blocks-call"}, broken.Rule) || strings.HasPrefix(broken.Rule, "inert/") {
		was, _ := rules.Lookup(broken.Rule)
		now, _ := rules.Lookup(is.Rule)
		return now.Severity < was.Severity && (strings.HasSuffix(is.Rule, "-anywhere") || is.Rule == "token/any-domain")
	}
	return broken.Rule == "grant/open-ended" && is.Rule == "token/half-login"
}

// revives reports whether a fix is there to make a request possible that somebody
// meant to allow and did not.
func revives(after *inventory.Inventory, rule string, fix finding.Fix, r finding.Request) bool {
	token := r.Action == codeartifact.GetServiceBearerToken.String() && r.Context["sts:AWSServiceName"][0] == codeartifact.ServiceName
	if token && (strings.Contains(fix.Title, "adds the bearer token") || fix.ID == "move-to-identity") {
		return true
	}
	switch rule {
	case "token/dead-condition", "token/half-login", "token/scoped-to-arn":
		return token
	case "token/condition-blocks-call":
		return strings.HasPrefix(r.Action, "codeartifact:") && meantBy(after, fix, r.Action)
	}
	return strings.HasPrefix(rule, "inert/") && !fix.Safe && meantBy(after, fix, r.Action)
}

// meantBy reports whether a statement that the fix changed or added names an
// action, by more than "*": a dead grant of it may come to life.
func meantBy(after *inventory.Inventory, fix finding.Fix, action string) bool {
	wanted, _ := codeartifact.LookupAction(action)
	for _, e := range fix.Edits {
		for _, place := range documents(after, e) {
			document := (*place).Parsed
			for _, s := range document.Statements {
				pointer := document.Pointer(s.Place)
				touched := slices.ContainsFunc(e.Patch, func(p finding.Patch) bool {
					return p.Path == pointer || strings.HasPrefix(p.Path, pointer+"/") || p.Path == "/Statement/-" && s.Index == len(document.Statements)-1
				})
				if touched && slices.ContainsFunc(policy.Values(s.Actions), func(v policy.Value) bool {
					return v.Text != "*" && codeartifact.MatchActions(v.Text).Has(wanted)
				}) {
					return true
				}
			}
		}
	}
	return false
}

// yielded reports whether one finding is about an element that another showed, and
// to which its rule left the element.
func yielded(f, other finding.Finding) bool {
	r, _ := rules.Lookup(f.Rule)
	category, _, _ := strings.Cut(other.Rule, "/")
	return slices.Contains(r.Yields, category+"/*") && slices.ContainsFunc(other.Grants, func(g finding.Grant) bool { return g.Pointer == f.Grants[0].Pointer })
}

// keepsTheRest applies a patch to a document as the product does: what comes out
// is a policy that says what the patch, applied plainly, says, and every byte
// outside the elements that the patch names is as it was.
func keepsTheRest(t *testing.T, document *inventory.Document, patch []finding.Patch) {
	t.Helper()
	text := document.Text
	for _, p := range patch {
		parsed, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		after, err := parsed.Apply(policy.Edit{Op: p.Op, Pointer: p.Path, Value: p.Value})
		if err != nil {
			t.Fatalf("%s %s: %v", p.Op, p.Path, err)
		}
		cut := strings.LastIndex(p.Path, "/")
		rest, edited := siblings(t, text, p.Path[:cut], p.Path[cut+1:], p.Op)
		start := 0
		for _, kept := range rest {
			at := strings.Index(after[start:], kept)
			if at < 0 {
				t.Errorf("%s %s changes or moves %q:\n%s", p.Op, p.Path, kept, after)
				break
			}
			start += at + len(kept)
		}
		before, behind := text[:edited.Start], text[edited.End:]
		if !strings.HasPrefix(after, before) || !strings.HasSuffix(after, behind) || len(after) < len(before)+len(behind) {
			t.Errorf("%s %s changes something outside of bytes %d to %d:\n%s", p.Op, p.Path, edited.Start, edited.End, after)
		}
		text = after
	}
	plain, err := patched(document.Text, patch)
	if err != nil {
		t.Fatal(err)
	}
	want, got := inventory.NewDocument(plain), inventory.NewDocument(text)
	if diff := cmp.Diff(want.Parsed.Canonical(), got.Parsed.Canonical()); diff != "" || len(got.Lost()) > len(document.Lost()) {
		t.Errorf("the patch applied plainly and in place differ (-plain +in place):\n%s\nlost %v", diff, got.Lost())
	}
}

// siblings returns the texts of what stands beside an element, in order, and the
// bytes that a change to the element may touch: up to its neighbours, with the
// comma and the space between; the whole parent where nothing else is in it.
func siblings(t *testing.T, text, parent, name, op string) (rest []string, edited policy.Place) {
	t.Helper()
	var tree jsonpos.Tree
	if err := tree.Parse(text); err != nil {
		t.Fatal(err)
	}
	v := tree.Root()
	for _, step := range strings.Split(parent, "/")[1:] {
		i := 0
		for child := range v.Children() {
			if child.Name() == strings.NewReplacer("~1", "/", "~0", "~").Replace(step) || v.Kind() == jsonpos.Array && step == strconv.Itoa(i) {
				v = child
				break
			}
			i++
		}
	}
	edited = policy.Place{Start: v.Start(), End: v.End()}
	var at policy.Place
	i, found := 0, false
	for child := range v.Children() {
		begin := child.Start()
		if v.Kind() == jsonpos.Object {
			begin = child.NameStart()
		}
		is := child.Name() == strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		if v.Kind() == jsonpos.Array {
			is = name == strconv.Itoa(i)
		}
		switch {
		case is && op != "add" || is && v.Kind() == jsonpos.Object:
			at, found = policy.Place{Start: begin, End: child.End()}, true
		default:
			rest = append(rest, text[begin:child.End()])
			if !found {
				edited.Start = child.End()
			} else if edited.End == v.End() {
				edited.End = begin
			}
		}
		i++
	}
	if found && op != "remove" {
		return rest, at
	}
	return rest, edited
}

// more returns requests, out of a few for every action, that the second
// evaluator denies before and does not deny after.
func more(before, after *inventory.Inventory, f finding.Finding) []finding.Request {
	var found []finding.Request
	resources := []string{"*"}
	for _, name := range []string{"domain/shop", "repository/shop/app", "package/shop/app/npm//web", "package-group/shop/npm/%2a"} {
		resources = append(resources, "arn:aws:codeartifact:eu-west-1:111122223333:"+name)
	}
	caller := f.Witness[0]
	if strings.HasPrefix(caller.Action, "sts:AssumeRole") {
		resources = append(resources, caller.Resource)
	}
	for a := range codeartifact.AllActions().All() {
		for _, resource := range resources {
			for _, service := range []string{codeartifact.ServiceName, "ecr-public.amazonaws.com"} {
				request := finding.Request{Caller: caller.Caller, Decision: caller.Decision, Action: a.String(), Resource: resource, Context: map[string][]string{}}
				if a == codeartifact.GetServiceBearerToken {
					request.Context["sts:AWSServiceName"] = []string{service}
					request.Context["sts:DurationSeconds"] = []string{"43200"}
				}
				if decided(before, f, request) == oracle.Deny && decided(after, f, request) != oracle.Deny {
					found = append(found, request)
				}
			}
		}
	}
	return found
}

// decided is the most that the second evaluator finds allowed in any world.
func decided(inv *inventory.Inventory, f finding.Finding, r finding.Request) oracle.Decision {
	most := oracle.Deny
	for _, world := range worlds(inv, f, r) {
		most = max(most, oracle.Decide(oracle.Request{Principal: principalOf(inv, r.Caller), Action: r.Action, Resource: r.Resource, Context: r.Context}, world))
	}
	return most
}

// edit applies one edit to the document that it names.
func edit(inv *inventory.Inventory, e finding.Edit) error {
	places := documents(inv, e)
	if len(places) != 1 {
		return fmt.Errorf("%d policies %q version %q", len(places), e.Policy, e.Version)
	}
	text, err := patched((*places[0]).Text, e.Patch)
	if err != nil {
		return err
	}
	*places[0] = inventory.NewDocument(text)
	return nil
}

// documents returns where the policy that an edit names stands.
func documents(inv *inventory.Inventory, e finding.Edit) []**inventory.Document {
	var found []**inventory.Document
	take := func(id string, document **inventory.Document) {
		if id == e.Policy && *document != nil {
			found = append(found, document)
		}
	}
	inline := func(holder string, list []inventory.InlinePolicy) {
		for i := range list {
			take(holder+"#inline/"+list[i].Name, &list[i].Document)
		}
	}
	for _, f := range inv.Files {
		take(f.Path, &f.Document)
	}
	for _, a := range inv.Accounts {
		for _, u := range a.Users {
			inline(u.ARN, u.Inline)
		}
		for _, g := range a.Groups {
			inline(g.ARN, g.Inline)
		}
		for _, r := range a.Roles {
			inline(r.ARN, r.Inline)
			take(r.ARN+"#trust", &r.Trust)
		}
		for _, p := range a.Policies {
			for i := range p.Versions {
				if p.Versions[i].ID == e.Version {
					take(p.ARN, &p.Versions[i].Document)
				}
			}
		}
		for _, d := range a.Domains {
			take(d.ARN, &d.Policy)
		}
		for _, r := range a.Repositories {
			take(r.ARN, &r.Policy)
		}
	}
	return found
}

// patched applies a JSON Patch (RFC 6902) to a text, plainly: it decodes, changes
// and encodes again.
func patched(text string, patch []finding.Patch) (string, error) {
	root, err := decode(json.NewDecoder(strings.NewReader(text)))
	if err != nil {
		return "", err
	}
	for _, p := range patch {
		value, err := json.Marshal(p.Value)
		if err != nil {
			return "", err
		}
		fresh, err := decode(json.NewDecoder(bytes.NewReader(value)))
		if err != nil {
			return "", err
		}
		steps := strings.Split(p.Path, "/")[1:]
		for i := range steps {
			steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(steps[i])
		}
		if root, err = change(root, steps, p.Op, fresh); err != nil {
			return "", fmt.Errorf("%s %s: %w", p.Op, p.Path, err)
		}
	}
	var out bytes.Buffer
	encode(&out, root)
	return out.String(), nil
}

// change returns v with one operation done where the steps lead.
func change(v any, steps []string, op string, fresh any) (any, error) {
	name, last := steps[0], len(steps) == 1
	switch v := v.(type) {
	case object:
		at := slices.IndexFunc(v, func(m member) bool { return m.name == name })
		switch {
		case last && op == "add" && at < 0:
			return append(v, member{name, fresh}), nil
		case at < 0:
			return nil, fmt.Errorf("no member %q", name)
		case last && op == "remove":
			return slices.Delete(v, at, at+1), nil
		case last:
			v[at].value = fresh
			return v, nil
		}
		inner, err := change(v[at].value, steps[1:], op, fresh)
		v[at].value = inner
		return v, err
	case []any:
		if name == "-" && last && op == "add" {
			return append(v, fresh), nil
		}
		at, err := strconv.Atoi(name)
		if err != nil || at < 0 || at > len(v) || at == len(v) && op != "add" {
			return nil, fmt.Errorf("no element %q", name)
		}
		switch {
		case last && op == "add":
			return slices.Insert(v, at, fresh), nil
		case last && op == "remove":
			return slices.Delete(v, at, at+1), nil
		case last:
			v[at] = fresh
			return v, nil
		}
		inner, err := change(v[at], steps[1:], op, fresh)
		v[at] = inner
		return v, err
	}
	return nil, fmt.Errorf("%q is in neither an object nor a list", name)
}

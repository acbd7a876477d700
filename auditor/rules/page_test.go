package rules_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules/docs"
)

// sections are the parts of a page, each under its heading.
var sections = []string{"What it means", "Wrong", "Right", "How it is decided", "Limits", "Sources"}

// page is a rule's page taken apart.
type page struct {
	title   string // behind "# "
	summary string // the lines below the title, joined
	parts   map[string]string
	order   []string
}

func parsePage(text string) page {
	p := page{parts: map[string]string{}}
	current := ""
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "# "):
			p.title = strings.TrimSpace(line[2:])
		case strings.HasPrefix(line, "## "):
			current = strings.TrimSpace(line[3:])
			p.order = append(p.order, current)
		case current == "":
			p.summary = strings.TrimSpace(p.summary + " " + strings.TrimSpace(line))
		default:
			p.parts[current] += line
		}
	}
	return p
}

// policyKinds are the words that a page introduces an example with.
var policyKinds = map[string]inventory.Kind{
	"An identity policy":    inventory.Identity,
	"A domain policy":       inventory.DomainPolicy,
	"A repository policy":   inventory.RepositoryPolicy,
	"A trust policy":        inventory.Trust,
	"A VPC endpoint policy": inventory.Endpoint,
	"An inventory":          inventory.Identity, // which says itself what its policies are
	publisherWords:          inventory.Trust,
}

// publisherWords introduce a trust policy that stands in a role, so that what the
// role may do is known.
const publisherWords = "The trust policy of a role that may publish"

// publisher is an account with that role, and no policy that is wrong.
const publisher = `{"schema": "caudit/inventory/1", "account": "111122223333", "organization": "o-a1b2c3d4e5",
	"guards": [[{"name": "FullAWSAccess", "kind": "scp", "policy": ` + star + `}]],
	"iam": {"RoleDetailList": [{"RoleName": "ci", "Arn": "arn:aws:iam::111122223333:role/ci", "AssumeRolePolicyDocument": %s,
		"RolePolicyList": [{"PolicyName": "publish", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "codeartifact:GetAuthorizationToken", "Resource": "arn:aws:codeartifact:eu-west-1:111122223333:domain/shop"},
			{"Effect": "Allow", "Action": ["codeartifact:ReadFromRepository", "codeartifact:GetRepositoryEndpoint"],
				"Resource": "arn:aws:codeartifact:eu-west-1:111122223333:repository/shop/app"},
			{"Effect": "Allow", "Action": "codeartifact:PublishPackageVersion", "Resource": "arn:aws:codeartifact:eu-west-1:111122223333:package/shop/app/*"},
			{"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*",
				"Condition": {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}}]}}]}]}}`

// example is a policy on a page, with what the sentence that introduces it says.
type example struct {
	kind          inventory.Kind
	configuration string
	// published: the policy stands in a role that may publish.
	published bool
	text      string
}

// configured takes the beginning of a sentence that says under which line of
// caudit.yaml an example is judged: "With `max-token-lifetime: 1h`, an identity
// policy that …".
var configured = regexp.MustCompile("^With `([^`]+)`, a")

// examples returns the fenced policies of a part, or says what is wrong. Above
// each of them a line begins with what kind of policy it is.
func examples(part string) ([]example, error) {
	var list []example
	var next example
	fenced := false
	for line := range strings.Lines(part) {
		fence := strings.HasPrefix(line, "```")
		switch {
		case fence && fenced:
			list, next, fenced = append(list, next), example{}, false
		case fence && strings.TrimSpace(line) != "```json":
			return nil, fmt.Errorf("a fence opens with %q (expected ```json)", strings.TrimSpace(line))
		case fence && next.kind == 0:
			return nil, fmt.Errorf("example %d does not say what kind of policy it is", len(list)+1)
		case fence:
			fenced = true
		case fenced:
			next.text += line
		default:
			if with := configured.FindStringSubmatch(line); with != nil {
				next.configuration = "version: 1\n" + with[1] + "\n"
				line = "A" + line[len(with[0]):]
			}
			for words, kind := range policyKinds {
				if strings.HasPrefix(line, words) {
					next.kind, next.published = kind, words == publisherWords
				}
			}
		}
	}
	if fenced {
		return nil, fmt.Errorf("the fence of example %d is not closed", len(list)+1)
	}
	return list, nil
}

// besides are the rules that what a page calls wrong may fire too, as the page says:
// who is given everything in a domain may take it over in each of these ways.
var besides = map[string][]string{
	"exposure/cross-account-write": takeovers,
	"exposure/full-access":         takeovers,
}

var takeovers = []string{"escalation/policy-rewrite", "supply-chain/open-upstream", "supply-chain/relax-origin"}

// TestPages runs what each page calls wrong and right, and holds what it says of
// its rule against the rule.
func TestPages(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.ID, func(t *testing.T) {
			p := parsePage(docs.Page(r.ID))
			if p.title != r.ID {
				t.Errorf("title is %q", p.title)
			}
			if want := sentence(r.Title) + " Severity: " + r.Severity.String(); !strings.HasPrefix(p.summary, want) {
				t.Errorf("summary is %q, want it to begin with %q", p.summary, want)
			}
			if diff := cmp.Diff(sections, p.order); diff != "" {
				t.Errorf("sections (-want +got):\n%s", diff)
			}
			for _, name := range sections {
				if strings.TrimSpace(p.parts[name]) == "" {
					t.Errorf("%q is empty", name)
				}
			}
			for _, url := range r.Sources {
				if !strings.Contains(p.parts["Sources"], "<"+url+">") {
					t.Errorf("source %s of the rule is not on its page", url)
				}
			}
			for _, e := range onPage(t, p, "Wrong") {
				got := slices.DeleteFunc(e.fired(t), func(id string) bool { return slices.Contains(besides[r.ID], id) })
				if !slices.Equal(got, []string{r.ID}) {
					t.Errorf("this is called wrong and fires %q:\n%s", got, e.text)
				}
			}
			for _, e := range onPage(t, p, "Right") {
				if got := e.fired(t); len(got) > 0 {
					t.Errorf("this is called right and fires %q:\n%s", got, e.text)
				}
			}
		})
	}
}

func onPage(t *testing.T, p page, part string) []example {
	t.Helper()
	list, err := examples(p.parts[part])
	if err != nil || len(list) == 0 {
		t.Fatalf("%s: %d examples: %v", part, len(list), err)
	}
	return list
}

// fired returns the rules that find something in the example.
func (e example) fired(t *testing.T) []string {
	t.Helper()
	f := fixture{kind: e.kind}
	if e.configuration != "" {
		f.config = loadConfig(t, e.configuration)
	}
	if e.published {
		f.kind, e.text = 0, fmt.Sprintf(publisher, e.text)
	}
	report := f.audit(t, []txtar.File{{Name: "policy.json", Data: []byte(e.text)}})
	for _, g := range report.Gaps {
		t.Errorf("%s:%d:%d: %s", g.Where, g.Line, g.Column, g.Reason)
	}
	var ids []string
	for _, found := range report.Findings {
		ids = append(ids, found.Rule)
	}
	return ids
}

// sentence makes one of a title.
func sentence(title string) string {
	if title == "" {
		return "a title that is missing."
	}
	first, size := utf8.DecodeRuneInString(title)
	return string(unicode.ToUpper(first)) + title[size:] + "."
}

// TestPageListsFullAccess: the page of grant/full-access names the actions that
// full access is measured by, and says how many they are.
func TestPageListsFullAccess(t *testing.T) {
	r, _ := rules.Lookup("grant/full-access")
	var listed []string
	for line := range strings.Lines(parsePage(docs.Page(r.ID)).parts["How it is decided"]) {
		if strings.HasPrefix(line, "    ") {
			listed = append(listed, strings.Fields(line)...)
		}
	}
	var want []string
	for a := range codeartifact.FullActions().All() {
		want = append(want, a.Info().Name)
	}
	slices.Sort(listed)
	slices.Sort(want)
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	for _, id := range []string{"grant/full-access", "grant/admin-access"} {
		r, _ := rules.Lookup(id)
		if words := fmt.Sprintf("%d actions", len(want)); !strings.Contains(docs.Page(r.ID), words) {
			t.Errorf("the page of %s does not say %q", id, words)
		}
	}
}

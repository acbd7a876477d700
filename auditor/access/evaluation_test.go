package access

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
)

// Each file of testdata/evaluation is one sentence of AWS's documentation on how
// requests are evaluated, with its address: policies, and requests with what
// becomes of them. Policies are identity*.json, boundary.json, scp-LEVEL-N.json,
// and of resources domain-NAME.json and repository-DOMAIN-NAME.json, in us-east-1
// of 111122223333; a name that begins with other- is of 444455556666.

// evaluated is a request with what becomes of it.
type evaluated struct {
	Caller struct {
		ARN, Session, ID, Organization string
		Tags                           map[string]string
		ServiceLinked                  bool
	}
	Action, Resource string
	Also             []string
	Context          map[string][]string
	Decision         string
}

func TestEvaluation(t *testing.T) {
	files, err := filepath.Glob("testdata/evaluation/*.txtar")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d sentences (expected 100 and more): %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { evaluateFile(t, name) })
	}
}

func evaluateFile(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	address, sentence, _ := strings.Cut(string(archive.Comment), "\n")
	if !strings.HasPrefix(address, "https://") || strings.TrimSpace(sentence) == "" {
		t.Errorf("begins with %q (expected the address of a source, then a sentence)", archive.Comment)
	}
	var base testWorld
	var requests []evaluated
	for _, f := range archive.Files {
		if f.Name == "requests.json" {
			decoder := json.NewDecoder(strings.NewReader(string(f.Data)))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&requests); err != nil {
				t.Fatal(err)
			}
			continue
		}
		base.enter(t, f.Name, strings.TrimSpace(string(f.Data)))
	}
	if len(requests) == 0 {
		t.Fatal("no requests")
	}
	for i, r := range requests {
		r.check(t, i, base)
	}
}

// enter adds one policy of a file.
func (w *testWorld) enter(t *testing.T, name, text string) {
	if lost := w.documents.Intern(text).Lost(); len(lost) > 0 {
		t.Fatalf("%s: %v", name, lost)
	}
	stem := strings.TrimSuffix(name, ".json")
	place := ownPlace
	if rest, ok := strings.CutPrefix(stem, "other-"); ok {
		stem, place = rest, otherPlace
	}
	kind, rest, _ := strings.Cut(stem, "-")
	switch {
	case strings.HasPrefix(kind, "identity"):
		w.identity = append(w.identity, text)
	case kind == "boundary":
		w.boundary = text
	case kind == "scp":
		level := int(rest[0] - '0')
		for len(w.scps) <= level {
			w.scps = append(w.scps, nil)
		}
		w.scps[level] = append(w.scps[level], text)
	case kind == "domain":
		w.resource = append(w.resource, testPolicy{place + "domain/" + rest, text})
	case kind == "repository":
		w.resource = append(w.resource, testPolicy{place + "repository/" + strings.Replace(rest, "-", "/", 1), text})
	default:
		t.Fatalf("%s: what is this? (expected identity, boundary, scp, domain or repository)", name)
	}
}

func (r evaluated) check(t *testing.T, i int, w testWorld) {
	w.caller = oracle.Principal{
		ARN: r.Caller.ARN, Session: r.Caller.Session, ID: r.Caller.ID, Organization: r.Caller.Organization,
		Tags: r.Caller.Tags, ServiceLinked: r.Caller.ServiceLinked,
	}
	if w.caller.ARN == "" {
		w.caller.ARN = "arn:aws:iam::111122223333:user/ann"
	}
	if r.Resource == "" {
		r.Resource = "*"
	}
	request := oracle.Request{Principal: w.caller, Action: r.Action, Resource: r.Resource, Also: r.Also, Context: r.Context}
	if !slices.Contains([]string{"allow", "deny", "unknown"}, r.Decision) {
		t.Fatalf("request %d: decision %q (expected allow, deny or unknown)", i, r.Decision)
	}
	rules := w.oracle()
	if got := oracle.Decide(request, rules).String(); got != r.Decision {
		t.Errorf("request %d: the oracle says %s, expected %s", i, got, r.Decision)
	}
	got, err := decideRequest(w.resolve(), request)
	if err != nil || got.String() != r.Decision {
		t.Errorf("request %d: the engine says %v (%v), expected %s", i, got, err, r.Decision)
	}
}

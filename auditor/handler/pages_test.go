package handler_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	yaml "go.yaml.in/yaml/v4"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
)

// hold compares what lies between two comments of a page with want, and writes
// it anew with -update.
func hold(t *testing.T, page, part, want string) {
	t.Helper()
	name := filepath.Join("..", "..", "docs", page)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+part+" -->\n", "<!-- /"+part+" -->\n"
	before, rest, opened := strings.Cut(string(text), begin)
	got, after, closed := strings.Cut(rest, end)
	switch {
	case !opened || !closed:
		t.Fatalf("docs/%s has no %s…%s", page, begin, end)
	case got == want:
	case !*update:
		t.Errorf("docs/%s is not up to date (go test ./auditor/handler -run Page -update):\n%s", page, cmp.Diff(got, want))
	default:
		if err := os.WriteFile(name, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// docs/permissions.md lists what each function may do.
func TestPermissionsPageListsEveryCall(t *testing.T) {
	var rows strings.Builder
	for _, f := range []handler.Function{handler.ChangeFunction, handler.ScanFunction, handler.DispatchFunction} {
		fmt.Fprintf(&rows, "| **`%s`** | | |\n", f)
		for _, p := range f.Permissions() {
			when := "always"
			if p.Members {
				when = "with other accounts"
			}
			if strings.HasPrefix(p.Action, "organizations:") {
				when = "with an organization"
			}
			on := on(p)
			what := string(p.On)
			if p.On == handler.Anything {
				what = "`" + strings.Join(on, "`, `") + "`"
			}
			fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", p.Action, strings.ReplaceAll(what, organization["Organization"], "ORGANIZATION"), when)
		}
	}
	hold(t, "permissions.md", "functions", "| Action | On | When |\n|---|---|---|\n"+rows.String())
}

// docs/deploy.md has every parameter of the template, and deploys members to
// every Region that has CodeArtifact.
func TestDeployPageKnowsTheTemplate(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", mainTemplate))
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters yaml.Node `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for i := 0; i < len(template.Parameters.Content); i += 2 {
		var p struct {
			Default     string `yaml:"Default"`
			Description string `yaml:"Description"`
		}
		if err := template.Parameters.Content[i+1].Decode(&p); err != nil {
			t.Fatal(err)
		}
		if p.Default != "" {
			p.Default = "`" + p.Default + "`"
		}
		fmt.Fprintf(&rows, "| `%s` | %s | %s |\n", template.Parameters.Content[i].Value, p.Default, p.Description)
	}
	hold(t, "deploy.md", "parameters", rows.String())

	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	regions := regexp.MustCompile(`(?s)--regions (.*?)\n` + "```").FindStringSubmatch(string(page))
	if regions == nil {
		t.Fatal("docs/deploy.md deploys to no Region")
	}
	named := strings.Fields(strings.ReplaceAll(regions[1], "\\\n", " "))
	slices.Sort(named)
	if diff := cmp.Diff(codeartifact.Regions(), named); diff != "" {
		t.Errorf("Regions of docs/deploy.md (-have CodeArtifact +named)\n%s", diff)
	}
}

// docs/operations.md says of every alarm what to do.
func TestOperationsPageKnowsEveryAlarm(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	var explained, there []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+Alarm)` \\|").FindAllStringSubmatch(string(page), -1) {
		explained = append(explained, row[1])
	}
	for name := range alarms(t, deployed(t, mainTemplate)) {
		there = append(there, name)
	}
	slices.Sort(explained)
	slices.Sort(there)
	if diff := cmp.Diff(there, explained); diff != "" {
		t.Errorf("(-there is +explained)\n%s", diff)
	}
}

package house

import (
	"fmt"
	"strings"
	"testing"
)

// rows is the map of the repository in import order: a folder imports from
// itself and from rows above its own.
var rows = [][]string{
	{"auditor/internal/jsonpos", "auditor/internal/glob", "auditor/internal/spelling", "auditor/internal/dump"},
	{"auditor/arn"},
	{"auditor/codeartifact"},
	{"auditor/policy"},
	{"auditor/inventory"},
	{"auditor/access"},
	{"auditor/internal/oracle"},
	{"auditor/config"},
	{"auditor/finding"},
	{"auditor/rules/docs"},
	{"auditor/rules"},
	{"auditor"},
	{"auditor/source"},
	{"auditor/collect"},
	{"auditor/collect/organization", "auditor/collect/collecttest"},
	{"auditor/publish"},
	{"auditor/history"},
	{"auditor/history/dynamo"},
	{"auditor/render"},
	{"auditor/handler"},
	{"events"},
	{"functions/internal/runtimeapi"},
	{"functions"},
	{"cmd"},
}

// forTests are the folders that only tests import.
var forTests = []string{"auditor/internal/dump", "auditor/internal/oracle", "auditor/collect/collecttest", "functions/internal/runtimeapi"}

// place returns the row of a folder and the entry of the row that it lies in;
// the longest entry decides, so that "auditor" holds the front door alone.
func place(folder string) (row int, entry string) {
	row = -1
	for i, entries := range rows {
		for _, e := range entries {
			// The front door is one package, not everything that no other row claims.
			if folder == e || e != "auditor" && within(folder, e) && len(e) > len(entry) {
				row, entry = i, e
			}
		}
	}
	return row, entry
}

// turned returns the imports that point against the map.
func turned(all []goFile) []string {
	var wrong []string
	for _, f := range all {
		if f.test() {
			continue // a test may look at its package from anywhere
		}
		row, entry := place(f.folder())
		if row < 0 {
			wrong = append(wrong, fmt.Sprintf("%s: folder %s has no row in the map", f.path, f.folder()))
			continue
		}
		ours, _ := f.imports()
		for _, imported := range ours {
			to, target := place(imported)
			switch {
			case target == entry:
			case to >= row:
				wrong = append(wrong, fmt.Sprintf("%s: imports %s, which is not above it in the map", f.path, imported))
			case onlyTests(target):
				wrong = append(wrong, fmt.Sprintf("%s: imports %s, which is for tests", f.path, imported))
			}
		}
	}
	return wrong
}

func onlyTests(entry string) bool {
	for _, e := range forTests {
		if e == entry {
			return true
		}
	}
	return false
}

func TestImportsFollowTheMap(t *testing.T) {
	report(t, turned(goFiles(t)))
}

func TestTurnedImportIsSeen(t *testing.T) {
	source := func(name string, imports ...string) goFile {
		text := "package p\n"
		for _, i := range imports {
			text += fmt.Sprintf("import _ %q\n", module+"/"+i)
		}
		return parse(t, name, text)
	}
	expect(t, turned([]goFile{
		source("auditor/policy/a.go", "auditor/arn", "auditor/internal/jsonpos", "auditor/policy/sub"),
		source("auditor/policy/sub/a.go", "auditor/policy"),
		source("auditor/history/dynamo/a.go", "auditor/history"),
		source("auditor/rules/a_test.go", "auditor/render", "auditor/internal/oracle"),
		source("functions/scan/main.go", "auditor", "auditor/handler", "auditor/history/dynamo"),
	}))
	expect(t, turned([]goFile{
		source("auditor/policy/a.go", "auditor/inventory"),
		source("auditor/internal/glob/a.go", "auditor/internal/jsonpos"),
		source("auditor/rules/a.go", "auditor/internal/oracle"),
		source("auditor/rules/b.go", "auditor"),
		source("auditor/history/a.go", "auditor/history/dynamo"),
		source("auditor/novelty/a.go", "auditor/arn"),
		source("functions/scan/main.go", "functions/internal/runtimeapi"),
		source("auditor/render/a.go", "auditor/novelty", "cmd/caudit"),
	}),
		"auditor/policy/a.go: imports auditor/inventory, which is not above it in the map",
		"auditor/internal/glob/a.go: imports auditor/internal/jsonpos, which is not above it in the map",
		"auditor/rules/a.go: imports auditor/internal/oracle, which is for tests",
		"auditor/rules/b.go: imports auditor, which is not above it in the map",
		"auditor/history/a.go: imports auditor/history/dynamo, which is not above it in the map",
		"auditor/novelty/a.go: folder auditor/novelty has no row in the map",
		"functions/scan/main.go: imports functions/internal/runtimeapi, which is for tests",
		"auditor/render/a.go: imports cmd/caudit, which is not above it in the map",
	)
}

// outsiders says which folders may import a module that is not ours. A module
// that is not here is not a dependency we chose. Tests may import any of them.
var outsiders = []struct {
	module  string
	folders []string
}{
	{"github.com/aws/aws-sdk-go-v2", []string{"auditor/collect", "auditor/publish", "auditor/history/dynamo", "functions", "cmd"}},
	{"github.com/aws/smithy-go", []string{"auditor/collect", "auditor/publish", "auditor/history/dynamo", "functions", "cmd"}},
	{"github.com/aws/aws-lambda-go", []string{"functions", "cmd"}},
	{"github.com/go-json-experiment/json", []string{"auditor/internal/jsonpos"}},
	{"go.yaml.in/yaml/v4", []string{"auditor/config/configfile"}},
	{"github.com/spf13/cobra", []string{"cmd"}},
	{"github.com/spf13/pflag", []string{"cmd"}},
	{"github.com/jedib0t/go-pretty/v6", []string{"auditor/render", "cmd"}},
	{"golang.org/x/text", []string{"auditor/render"}},
	{"github.com/google/go-cmp", nil},
	{"github.com/rogpeppe/go-internal/diff", []string{"cmd"}},
	{"github.com/rogpeppe/go-internal", nil},
	{"github.com/owenrumney/go-sarif/v3", nil},
	{"github.com/santhosh-tekuri/jsonschema/v6", nil},
	{"pgregory.net/rapid", nil},
}

// leaked returns the imports of other people's modules outside the folders that
// may know them.
func leaked(all []goFile) []string {
	var wrong []string
	for _, f := range all {
		_, others := f.imports()
		for _, imported := range others {
			if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
				continue // the standard library
			}
			if why := mayImport(f, imported); why != "" {
				wrong = append(wrong, fmt.Sprintf("%s: imports %s, %s", f.path, imported, why))
			}
		}
	}
	return wrong
}

func mayImport(f goFile, imported string) (why string) {
	for _, o := range outsiders {
		if !within(imported, o.module) {
			continue
		}
		if f.test() {
			return ""
		}
		for _, folder := range o.folders {
			if within(f.folder(), folder) {
				return ""
			}
		}
		if len(o.folders) == 0 {
			return "which is for tests"
		}
		return "which belongs in " + strings.Join(o.folders, ", ")
	}
	return "a module that nobody chose"
}

func TestOutsidersStayOutside(t *testing.T) {
	report(t, leaked(goFiles(t)))
}

func TestLeakIsSeen(t *testing.T) {
	source := func(name, imported string) goFile {
		return parse(t, name, fmt.Sprintf("package p\nimport _ %q\n", imported))
	}
	expect(t, leaked([]goFile{
		source("auditor/publish/a.go", "github.com/aws/aws-sdk-go-v2/service/eventbridge"),
		source("functions/scan/main.go", "github.com/aws/aws-lambda-go/lambda"),
		source("auditor/rules/a_test.go", "pgregory.net/rapid"),
		source("auditor/rules/a.go", "net/http"),
	}))
	expect(t, leaked([]goFile{
		source("auditor/rules/a.go", "github.com/aws/aws-sdk-go-v2/aws"),
		source("auditor/history/a.go", "github.com/aws/smithy-go"),
		source("auditor/handler/a.go", "github.com/aws/aws-lambda-go/lambda"),
		source("auditor/policy/a.go", "github.com/go-json-experiment/json/jsontext"),
		source("auditor/policy/b.go", "pgregory.net/rapid"),
		source("auditor/policy/c_test.go", "gopkg.in/yaml.v3"),
	}),
		"auditor/rules/a.go: imports github.com/aws/aws-sdk-go-v2/aws, which belongs in auditor/collect, auditor/publish, auditor/history/dynamo, functions, cmd",
		"auditor/history/a.go: imports github.com/aws/smithy-go, which belongs in auditor/collect, auditor/publish, auditor/history/dynamo, functions, cmd",
		"auditor/handler/a.go: imports github.com/aws/aws-lambda-go/lambda, which belongs in functions, cmd",
		"auditor/policy/a.go: imports github.com/go-json-experiment/json/jsontext, which belongs in auditor/internal/jsonpos",
		"auditor/policy/b.go: imports pgregory.net/rapid, which is for tests",
		"auditor/policy/c_test.go: imports gopkg.in/yaml.v3, a module that nobody chose",
	)
}

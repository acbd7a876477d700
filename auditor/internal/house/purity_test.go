package house

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// pure are the folders between collecting and publishing: same input, same
// bytes out. source reads the files it is given, and handler runs what it is
// wired to, so these two may see a file system but no clock and no network.
var pure = []string{
	"auditor/internal/jsonpos", "auditor/internal/glob", "auditor/arn", "auditor/codeartifact", "auditor/policy",
	"auditor/inventory", "auditor/access", "auditor/internal/oracle", "auditor/config", "auditor/finding",
	"auditor/rules", "auditor", "auditor/source", "auditor/history", "auditor/render", "auditor/handler",
}

var (
	seesFiles = []string{"auditor/source", "auditor/config", "auditor/handler"}

	// impurePackages reach outside the program or roll dice. Logging is one of
	// them: what the audit has to say stands in its report.
	impurePackages = []string{
		"net", "net/http", "net/rpc", "os", "os/exec", "os/signal", "os/user", "path/filepath", "syscall",
		"math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "expvar", "plugin",
	}
	filePackages = []string{"os", "path/filepath", "log/slog"}

	// impureCalls of packages that are otherwise pure.
	impureCalls = map[string][]string{
		"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local", "LoadLocation"},
		"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
		"os":   {"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Hostname", "Getwd", "Stdout", "Stderr", "Exit"},
	}
)

// impure returns the places where pure code reaches for a clock, the network or
// the environment. A package main in a pure folder is its generator: nothing
// can import it.
func impure(all []goFile) []string {
	var wrong []string
	for _, f := range all {
		_, entry := place(f.folder())
		if f.test() || f.syntax.Name.Name == "main" || !slices.Contains(pure, entry) {
			continue
		}
		_, others := f.imports()
		for _, imported := range others {
			if slices.Contains(seesFiles, entry) && slices.Contains(filePackages, imported) {
				continue
			}
			// The oracle's arithmetic of addresses is not that of access, which is
			// net/netip; and it is linked into nothing that runs.
			if entry == "auditor/internal/oracle" && imported == "net" {
				continue
			}
			if slices.Contains(impurePackages, imported) {
				wrong = append(wrong, fmt.Sprintf("%s: imports %s; this code is pure", f.path, imported))
			}
		}
		wrong = append(wrong, callsOut(f)...)
	}
	return wrong
}

func callsOut(f goFile) []string {
	names := importNames(f)
	var wrong []string
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, ok := selector.X.(*ast.Ident); ok && slices.Contains(impureCalls[names[pkg.Name]], selector.Sel.Name) {
			at := f.fset.Position(selector.Pos())
			wrong = append(wrong, fmt.Sprintf("%s:%d: %s.%s; this code is pure", f.path, at.Line, names[pkg.Name], selector.Sel.Name))
		}
		return true
	})
	return wrong
}

// importNames maps the name a file uses for a package to the package's path,
// for the packages of impureCalls.
func importNames(f goFile) map[string]string {
	names := map[string]string{}
	for _, spec := range f.syntax.Imports {
		imported := strings.Trim(spec.Path.Value, "`\"")
		if _, ok := impureCalls[imported]; !ok {
			continue
		}
		if spec.Name != nil {
			names[spec.Name.Name] = imported
		} else {
			names[imported] = imported
		}
	}
	return names
}

func TestPureCodeIsPure(t *testing.T) {
	report(t, impure(goFiles(t)))
}

func TestImpurityIsSeen(t *testing.T) {
	expect(t, impure([]goFile{
		parse(t, "auditor/rules/a.go", "package rules\nimport \"time\"\nvar day = 24 * time.Hour\n"),
		parse(t, "auditor/rules/a_test.go", "package rules\nimport \"os\"\nvar _ = os.Getenv\n"),
		parse(t, "auditor/collect/a.go", "package collect\nimport \"time\"\nvar now = time.Now\n"),
		parse(t, "auditor/source/a.go", "package source\nimport \"os\"\nvar open = os.Open\n"),
		parse(t, "auditor/codeartifact/generate/main.go", "package main\nimport \"net/http\"\nvar get = http.Get\n"),
		parse(t, "auditor/internal/oracle/a.go", "package oracle\nimport \"net\"\nvar cidr = net.ParseCIDR\n"),
		parse(t, "auditor/history/dynamo/a.go", "package dynamo\nimport \"time\"\nvar now = time.Now\n"),
	}))
	expect(t, impure([]goFile{
		parse(t, "auditor/rules/a.go", "package rules\nimport \"time\"\nvar now = time.Now()\n"),
		parse(t, "auditor/access/a.go", "package access\nimport clock \"time\"\nvar now = clock.Since\n"),
		parse(t, "auditor/policy/b.go", "package policy\nimport \"net\"\nvar cidr = net.ParseCIDR\n"),
		parse(t, "auditor/a.go", "package auditor\nimport \"net/http\"\nvar get = http.Get\n"),
		parse(t, "auditor/policy/a.go", "package policy\nimport \"os\"\n"),
		parse(t, "auditor/source/a.go", "package source\nimport \"os\"\nvar home = os.Getenv(\"HOME\")\n"),
		parse(t, "auditor/render/a.go", "package render\nimport \"fmt\"\nfunc f() { fmt.Println() }\n"),
	}),
		"auditor/rules/a.go:3: time.Now; this code is pure",
		"auditor/access/a.go:3: time.Since; this code is pure",
		"auditor/policy/b.go: imports net; this code is pure",
		"auditor/a.go: imports net/http; this code is pure",
		"auditor/policy/a.go: imports os; this code is pure",
		"auditor/source/a.go:3: os.Getenv; this code is pure",
		"auditor/render/a.go:3: fmt.Println; this code is pure",
	)
}

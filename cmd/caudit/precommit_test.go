package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// git runs git in a folder, without the settings of whoever runs the test.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// published returns a repository that holds what a release would: the files that
// build the command, and the definition of the hook.
func published(t *testing.T) (dir, revision string) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, name := range []string{".pre-commit-hooks.yaml", "go.mod", "go.sum"} {
		writeText(t, filepath.Join(dir, name), readText(t, filepath.Join(root, name)))
	}
	for _, name := range []string{"auditor", "cmd", "events", "functions"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "init", "--quiet")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "--quiet", "--message", "release")
	return dir, git(t, dir, "rev-parse", "HEAD")
}

// The hook is what pre-commit installs from the repository and runs, and not only
// what the file says: it builds with Go, and refuses the commit of a finding.
func TestPreCommitHook(t *testing.T) {
	hooks, revision := published(t)
	home := t.TempDir()
	preCommit, err := filepath.Abs(filepath.Join("..", "..", ".venv", "bin", "pre-commit"))
	if err != nil {
		t.Fatal(err)
	}
	modules, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	// commit stages the files in a repository with this configuration of the hook,
	// and says what the hook does.
	commit := func(settings string, files map[string]string) (status int, said string) {
		t.Helper()
		dir := t.TempDir()
		git(t, dir, "init", "--quiet")
		writeText(t, filepath.Join(dir, ".pre-commit-config.yaml"), "repos:\n  - repo: "+hooks+"\n    rev: "+revision+"\n    hooks:\n      - id: caudit\n"+settings)
		for name, text := range files {
			writeText(t, filepath.Join(dir, filepath.FromSlash(name)), text)
		}
		git(t, dir, "add", ".")
		cmd := exec.Command(preCommit, "run", "--color=never")
		cmd.Dir = dir
		// The caches of the machine, so that nothing is fetched or compiled twice.
		cmd.Env = append(os.Environ(), "PRE_COMMIT_HOME="+home, "GOMODCACHE="+strings.TrimSpace(string(modules)), "GOFLAGS=-trimpath", "CGO_ENABLED=0",
			"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok {
				t.Fatalf("%v (make test installs what it needs)", err)
			}
			status = exit.ExitCode()
		}
		return status, string(out)
	}

	for _, tt := range []struct {
		name, settings string
		files          map[string]string
		refused        bool
		said           string
	}{
		{"a finding", "", map[string]string{"policies/wide.json": widePolicy, "package.json": "{}"}, true, "policies/wide.json: high: allows full access"},
		{"none", "", map[string]string{"policies/tight.json": tightPolicy, "package.json": "{}"}, false, "Passed"},
		{"no JSON is staged", "", map[string]string{"README.md": "hello"}, false, "Skipped"},
		{"no policy is there", "", map[string]string{"package.json": "{}"}, false, "Passed"},
		{"one that cannot be read", "", map[string]string{"policies/half.json": `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",`}, true, "gap: policies/half.json:1:"},
		{"names with spaces and quotes", "", map[string]string{"my policies/$(touch pwned) \"wide\".json": widePolicy}, true, "high: allows full access"},
		{
			"what is staged alone", "        args: []\n        files: ^policies/\n        pass_filenames: true\n",
			map[string]string{"policies/with space $(touch pwned).json": widePolicy, "package.json": "{}"},
			true, "high: allows full access",
		},
		{"a level of one's own", "        args: [--fail-on, critical, .]\n", map[string]string{"policies/wide.json": widePolicy}, false, "Passed"},
	} {
		status, said := commit(tt.settings, tt.files)
		if (status != 0) != tt.refused || !strings.Contains(said, tt.said) || strings.Contains(said, "pwned: ") {
			t.Errorf("%s: exit status %d\n%s", tt.name, status, said)
		}
	}
}

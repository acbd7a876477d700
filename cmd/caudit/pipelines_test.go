package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// pipelines returns docs/pipelines.md.
func pipelines(t *testing.T) string {
	t.Helper()
	return readText(t, filepath.Join("..", "..", "docs", "pipelines.md"))
}

// blocks returns the fenced blocks of a Markdown text in this language.
func blocks(text, language string) []string {
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

// checkout is a folder with what the examples name, and the command in its PATH.
func checkout(t *testing.T) (dir string, env []string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"policies/wide.json": widePolicy, "policies/narrow.json": tightPolicy, "notes/readme.txt": "hello", "bin/generate-policy": "#!/bin/sh\ncat policies/narrow.json\n",
	} {
		writeText(t, filepath.Join(dir, name), text)
	}
	if err := os.Chmod(filepath.Join(dir, "bin", "generate-policy"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir, append(os.Environ(), "PATH="+withCaudit(t)+":"+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
}

// exitStatus runs a line in a shell and returns its exit status and what it says.
func exitStatus(t *testing.T, dir string, env []string, line string) (int, string) {
	t.Helper()
	cmd := exec.Command("bash", "-c", line)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func TestExitStatusesOfThePage(t *testing.T) {
	dir, env := checkout(t)
	rows := regexp.MustCompile("(?m)^\\| (\\d) \\| .* \\| `(caudit [^`]+)` \\|$").FindAllStringSubmatch(pipelines(t), -1)
	seen := map[string]bool{}
	for _, row := range rows {
		seen[row[1]] = true
		if got, said := exitStatus(t, dir, env, row[2]); fmt.Sprint(got) != row[1] {
			t.Errorf("%s: exit status %d, the page says %s\n%s", row[2], got, row[1], said)
		}
	}
	if len(seen) != 4 {
		t.Errorf("the page shows the exit statuses %v", seen)
	}
}

// Every command that the page shows is one: it runs, and is no wrong usage.
func TestCommandsOfThePageRun(t *testing.T) {
	dir, env := checkout(t)
	text := pipelines(t)
	lines := strings.Split(strings.Join(blocks(text, "sh"), ""), "\n")
	for _, m := range regexp.MustCompile(`'(caudit [^']+)'`).FindAllStringSubmatch(strings.Join(blocks(text, "groovy"), ""), -1) {
		lines = append(lines, m[1])
	}
	ran := 0
	for _, line := range lines {
		if !strings.Contains(line, "caudit ") {
			continue
		}
		ran++
		if got, said := exitStatus(t, dir, env, line); got == statusWrong || got > statusIncomplete {
			t.Errorf("%s: exit status %d\n%s", line, got, said)
		}
	}
	if ran < 7 {
		t.Errorf("%d commands found", ran)
	}
	for _, name := range []string{"baseline.json", "caudit.sarif", "comment.md", "result.csv"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", name, err)
		}
	}
}

// documents parses every YAML block of the page.
func documents(t *testing.T) []map[string]any {
	t.Helper()
	var parsed []map[string]any
	for _, block := range blocks(pipelines(t), "yaml") {
		decoder := yaml.NewDecoder(bytes.NewReader([]byte(block)))
		for {
			var document map[string]any
			err := decoder.Decode(&document)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, block)
			}
			parsed = append(parsed, document)
		}
	}
	return parsed
}

// What the page gives the action are inputs that it has, and its table names them
// all with their defaults.
func TestInputsOfThePage(t *testing.T) {
	inputs := readAction(t).Inputs
	steps := 0
	for _, document := range documents(t) {
		for _, job := range asMap(document["jobs"]) {
			list, _ := asMap(job)["steps"].([]any)
			for _, step := range list {
				s := asMap(step)
				if uses, _ := s["uses"].(string); !strings.HasPrefix(uses, "codeartifact-auditor/") {
					continue
				}
				steps++
				for name := range asMap(s["with"]) {
					if _, ok := inputs[name]; !ok {
						t.Errorf("the action has no input %q", name)
					}
				}
			}
		}
	}
	if steps == 0 {
		t.Error("no step shows the action")
	}
	listed := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z-]+`(?:, `[a-z-]+`)*) \\| (?:`([^`]*)`)? *\\|").FindAllStringSubmatch(pipelines(t), -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			listed[strings.Trim(name, "`")] = row[2]
		}
	}
	for name, input := range inputs {
		if fallback, ok := listed[name]; !ok || fallback != input.Default {
			t.Errorf("input %s: the table says %q (listed: %v), the action %q", name, fallback, ok, input.Default)
		}
	}
	if len(listed) != len(inputs) {
		t.Errorf("the table lists %d inputs, the action has %d", len(listed), len(inputs))
	}
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// The job for GitLab, run as its runner does, line by line until one fails.
func TestGitLabJobOfThePage(t *testing.T) {
	var job map[string]any
	for _, document := range documents(t) {
		if found, ok := document["caudit"]; ok {
			job = asMap(found)
		}
	}
	script, _ := job["script"].([]any)
	if len(script) == 0 || asMap(job["allow_failure"])["exit_codes"] != statusIncomplete {
		t.Fatalf("no job with a script, or another status is allowed: %v", job)
	}
	for _, tt := range []struct {
		name   string
		remove string
		put    map[string]string
		status int
	}{
		{"a finding", "", nil, statusFound},
		{"none", "wide.json", nil, statusOK},
		{"a finding and a gap", "", map[string]string{"half.json": `{"Version": "2012-10-17", "Statement": [{`}, statusFound},
		{"a gap", "wide.json", map[string]string{"half.json": `{"Version": "2012-10-17", "Statement": [{`}, statusIncomplete},
	} {
		dir, env := checkout(t)
		if tt.remove != "" {
			if err := os.Remove(filepath.Join(dir, "policies", tt.remove)); err != nil {
				t.Fatal(err)
			}
		}
		for name, text := range tt.put {
			writeText(t, filepath.Join(dir, "policies", name), text)
		}
		got := statusOK
		var said string
		for _, line := range script {
			if got, said = exitStatus(t, dir, env, line.(string)); got != statusOK {
				break
			}
		}
		if got != tt.status {
			t.Errorf("%s: exit status %d, want %d\n%s", tt.name, got, tt.status, said)
		}
		if _, err := os.Stat(filepath.Join(dir, "caudit.html")); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// action is action.yml, as far as a runner reads it.
type action struct {
	Inputs map[string]struct {
		Description string `yaml:"description"`
		Default     string `yaml:"default"`
	} `yaml:"inputs"`
	Outputs map[string]struct {
		Value string `yaml:"value"`
	} `yaml:"outputs"`
	Runs struct {
		Using string       `yaml:"using"`
		Steps []actionStep `yaml:"steps"`
	} `yaml:"runs"`
}

type actionStep struct {
	ID    string            `yaml:"id"`
	If    string            `yaml:"if"`
	Uses  string            `yaml:"uses"`
	Shell string            `yaml:"shell"`
	Env   map[string]string `yaml:"env"`
	Run   string            `yaml:"run"`
}

func readAction(t *testing.T) action {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a action) step(t *testing.T, id string) actionStep {
	t.Helper()
	i := slices.IndexFunc(a.Runs.Steps, func(s actionStep) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("no step %q", id)
	}
	return a.Runs.Steps[i]
}

var (
	expression      = regexp.MustCompile(`\$\{\{.*?\}\}`)
	wholeExpression = regexp.MustCompile(`^\$\{\{ ([a-z_.-]+) \}\}$`)
)

// runner is one job's runner, as far as a step of the action sees it.
type runner struct {
	dir    string            // the checkout
	temp   string            // RUNNER_TEMP
	with   map[string]string // inputs that the workflow gives
	env    map[string]string // in place of what the step says: the test's own
	action action
}

func newRunner(t *testing.T, with map[string]string) *runner {
	return &runner{dir: t.TempDir(), temp: t.TempDir(), with: with, env: map[string]string{}, action: readAction(t)}
}

// value is what the runner puts in the place of an expression.
func (r *runner) value(t *testing.T, name string) string {
	t.Helper()
	if input, ok := strings.CutPrefix(name, "inputs."); ok {
		declared, ok := r.action.Inputs[input]
		if !ok {
			t.Fatalf("input %q is not declared", input)
		}
		if given, ok := r.with[input]; ok {
			return given
		}
		return declared.Default
	}
	switch name {
	case "github.action_path":
		return r.env["ACTION"]
	case "steps.install.outputs.bin":
		return r.env["BIN"]
	}
	t.Fatalf("an expression that this runner does not know: %s", name)
	return ""
}

// done is what a step left behind.
type done struct {
	status  int
	log     string
	outputs map[string]string
	summary string
}

// run runs the script of a step as a runner does: bash --noprofile --norc -eo
// pipefail FILE.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
func (r *runner) run(t *testing.T, id string) done {
	t.Helper()
	step := r.action.step(t, id)
	script := filepath.Join(r.temp, id+".sh")
	output, summary := filepath.Join(r.temp, "output"), filepath.Join(r.temp, "summary")
	writeText(t, script, step.Run)
	writeText(t, output, "")
	writeText(t, summary, "")
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "RUNNER_TEMP="+r.temp, "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary)
	for key, text := range step.Env {
		if m := wholeExpression.FindStringSubmatch(text); m != nil {
			text = r.value(t, m[1])
		}
		if own, ok := r.env[key]; ok {
			text = own
		}
		cmd.Env = append(cmd.Env, key+"="+text)
	}
	var d done
	log, err := cmd.CombinedOutput()
	if err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			t.Fatal(err)
		}
		d.status = exit.ExitCode()
	}
	d.log, d.summary, d.outputs = string(log), readText(t, summary), map[string]string{}
	for line := range strings.Lines(readText(t, output)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		d.outputs[key] = value
	}
	return d
}

func writeText(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// withCaudit returns a folder that holds this very program as caudit.
func withCaudit(t *testing.T) (folder string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "caudit")); err != nil {
		t.Fatal(err)
	}
	return folder
}

const (
	widePolicy  = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}}`
	tightPolicy = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codeartifact:DescribeDomain", "Resource": "arn:aws:codeartifact:eu-west-1:111122223333:domain/anycompany"}}`
)

// No input is text of a script: what a workflow passes on from a pull request
// would run.
// Source: https://docs.github.com/en/actions/concepts/security/script-injections
func TestActionPutsNoInputIntoAScript(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatal("no composite action")
	}
	used := map[string]bool{}
	for _, step := range a.Runs.Steps {
		if found := expression.FindString(step.Run); found != "" {
			t.Errorf("step %q: the script holds %s", step.ID, found)
		}
		if step.Run != "" && step.Shell != "bash" {
			t.Errorf("step %q: shell %q", step.ID, step.Shell)
		}
		for key, text := range step.Env {
			if strings.Contains(text, "${{") && !wholeExpression.MatchString(text) {
				t.Errorf("step %q: %s is not one expression: %s", step.ID, key, text)
			}
			used[strings.Trim(text, "${ }")] = true
		}
	}
	for name, input := range a.Inputs {
		if !used["inputs."+name] {
			t.Errorf("input %s is used by no step", name)
		}
		if input.Description == "" {
			t.Errorf("input %s is not described", name)
		}
	}
}

func TestActionAudits(t *testing.T) {
	for _, tt := range []struct {
		name   string
		with   map[string]string
		status int
		log    []string // regular expressions
	}{
		{"a finding", nil, 1, []string{`(?m)^::error .*file=policies/wide\.json.*full access`}},
		{"two paths, one with a space", map[string]string{"paths": "policies/tight.json\npolicies/with space.json\n"}, 1, []string{`(?m)^::error .*file=policies/with space\.json`}},
		{"nothing wrong", map[string]string{"paths": "policies/tight.json"}, 0, nil},
		{"below the level", map[string]string{"fail-on": "critical"}, 0, []string{`(?m)^::error`}},
		{"never", map[string]string{"fail-on": "never", "severity": "critical"}, 0, nil},
		{"a form to read", map[string]string{"format": "line", "paths": "policies/wide.json"}, 1, []string{`(?m)^policies/wide\.json:1:\d+: high: `}},
		{"no such file", map[string]string{"paths": "missing.json"}, 2, []string{`(?m)^error: missing\.json: `}},
		{"no such level", map[string]string{"fail-on": "hihg"}, 2, []string{`--fail-on`}},
		{"no such form", map[string]string{"format": "pdf"}, 2, []string{`pdf`}},
		{"no such severity", map[string]string{"severity": "hihg"}, 2, []string{`hihg`}},
		{"nothing to look at", map[string]string{"paths": "empty"}, 3, nil},
		{"nothing, and that is fine", map[string]string{"paths": "empty", "allow-empty": "true"}, 0, nil},
		{"known before", map[string]string{"baseline": "known.json"}, 0, nil},
		{"an exception", map[string]string{"config": "caudit.yaml", "paths": "policies/wide.json"}, 0, nil},
		{"one rule", map[string]string{"rule": "token/*"}, 0, nil},
		{"left out", map[string]string{"skip": "grant/*,escalation/*,supply-chain/*,token/*", "paths": "policies/wide.json"}, 0, nil},
		{"as a control policy, for an owner", map[string]string{"kind": "scp", "owner": "111122223333", "paths": "policies/wide.json"}, 0, nil},
		{"a file that cannot be written", map[string]string{"sarif": "no/such/folder/a.sarif"}, 2, []string{`(?m)^error: --output: "no/such/folder" is no folder`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRunner(t, tt.with)
			r.env["BIN"] = withCaudit(t)
			for name, text := range map[string]string{
				"policies/wide.json": widePolicy, "policies/with space.json": widePolicy, "policies/tight.json": tightPolicy, "empty/package.json": `{"name": "x"}`,
				"caudit.yaml": "version: 1\nexceptions:\n  - rules: [grant/*]\n    match: {path: policies/wide.json}\n    reason: a test\n    owner: ann@example.com\n    expires: 2199-12-31\n",
			} {
				writeText(t, filepath.Join(r.dir, name), text)
			}
			known := exec.Command(filepath.Join(r.env["BIN"], "caudit"), "scan", "--format", "json", "--fail-on", "never", "-o", "known.json", "policies")
			known.Dir = r.dir
			if out, err := known.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			d := r.run(t, "scan")
			if d.status != tt.status || d.outputs["status"] != fmt.Sprint(tt.status) {
				t.Errorf("exit status %d, output status %q, want %d\n%s", d.status, d.outputs["status"], tt.status, d.log)
			}
			for _, want := range tt.log {
				if !regexp.MustCompile(want).MatchString(d.log) {
					t.Errorf("the log has nothing like %s\n%s", want, d.log)
				}
			}
			if strings.Contains(d.log, "unbound variable") || strings.Contains(d.log, "line ") && strings.Contains(d.log, ".sh: ") {
				t.Errorf("the script stumbles\n%s", d.log)
			}
		})
	}
}

func TestActionWritesEveryForm(t *testing.T) {
	r := newRunner(t, map[string]string{"sarif": "out/audit.sarif"})
	r.env["BIN"] = withCaudit(t)
	writeText(t, filepath.Join(r.dir, "wide.json"), widePolicy)
	writeText(t, filepath.Join(r.dir, "out", "keep"), "")
	d := r.run(t, "scan")
	var sarif struct {
		Version string `json:"version"`
		Runs    []struct {
			Results []any `json:"results"`
		} `json:"runs"`
	}
	if err := json.Unmarshal([]byte(readText(t, filepath.Join(r.dir, "out", "audit.sarif"))), &sarif); err != nil {
		t.Fatal(err)
	}
	var result struct {
		Findings []any `json:"findings"`
	}
	if err := json.Unmarshal([]byte(readText(t, d.outputs["result"])), &result); err != nil {
		t.Fatal(err)
	}
	if len(result.Findings) == 0 || len(sarif.Runs) != 1 || len(sarif.Runs[0].Results) != len(result.Findings) {
		t.Errorf("%d findings as JSON, and as SARIF %+v", len(result.Findings), sarif)
	}
	if !strings.Contains(d.summary, "grant/full-access") {
		t.Errorf("summary: %q", d.summary)
	}
	r.with["summary"] = "false"
	if d := r.run(t, "scan"); d.summary != "" {
		t.Errorf("summary, though none was asked for: %q", d.summary)
	}
}

// hostile are texts that would do something if a shell, or the command's own
// flags, took them for more than text.
var hostile = []string{
	`$(touch pwned)`, "`touch pwned`", `; touch pwned #`, `" ; touch pwned ; "`, `' ; touch pwned ; '`, `a b  c`, `*`, `--fail-on=never`, `-o pwned`, `--output=pwned`,
	"a\ntouch pwned", `${IFS}touch${IFS}pwned`, `\`, "a\r\n$(touch pwned)", `::stop-commands::x`, `##[add-mask]x`, `${{ github.token }}`, `> pwned`, `| touch pwned`, `&& touch pwned`,
}

// Whatever an input is, it is a value of that input: nothing else runs, no file
// is written, and what is no valid value is refused.
func TestActionTakesHostileInputsAsText(t *testing.T) {
	bin := withCaudit(t)
	try := func(input, text string) {
		r := newRunner(t, map[string]string{input: text})
		r.env["BIN"] = bin
		writeText(t, filepath.Join(r.dir, "wide.json"), widePolicy)
		d := r.run(t, "scan")
		if d.status != statusWrong {
			t.Errorf("%s: %q: exit status %d, want %d\n%s", input, text, d.status, statusWrong, d.log)
		}
		onlyFiles(t, r.dir, "wide.json")
	}
	for _, text := range hostile {
		try("paths", text)
	}
	for _, input := range []string{"format", "fail-on", "severity", "config", "baseline", "kind", "owner", "rule", "skip"} {
		try(input, strings.Join(hostile, " "))
		try(input, "--output=pwned")
		try(input, "[ $(touch pwned)")
	}
}

// Names of files come from whoever opened the pull request.
func TestActionTakesHostileNamesAsText(t *testing.T) {
	r := newRunner(t, map[string]string{"format": "text", "sarif": `$(touch pwned) ".sarif`})
	r.env["BIN"] = withCaudit(t)
	var names []string
	for i, text := range hostile {
		name := strings.ReplaceAll(text, "/", "_") + ".json"
		names = append(names, name)
		writeText(t, filepath.Join(r.dir, name), strings.Replace(widePolicy, "2012-10-17", "2012-10-17\", \"Id\": \""+fmt.Sprint(i), 1))
	}
	d := r.run(t, "scan")
	if d.status != statusFound {
		t.Errorf("exit status %d\n%s", d.status, d.log)
	}
	onlyFiles(t, r.dir, append(names, `$(touch pwned) ".sarif`)...)

	// The runner takes no command from the log while names are shown.
	held := ""
	for line := range strings.Lines(d.log) {
		line = strings.TrimSpace(line)
		switch stop, ok := strings.CutPrefix(line, "::stop-commands::"); {
		case held == "" && ok && regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(stop):
			held = stop
		case held != "" && line == "::"+held+"::":
			held = ""
		case held == "":
			t.Errorf("shown while the runner listens: %q", line)
		}
	}
	if held != "" {
		t.Error("the runner is left deaf")
	}

	// With annotations it listens, and each line that it takes for a command is one of ours.
	r.with["format"] = "github"
	held = ""
	for line := range strings.Lines(r.run(t, "scan").log) {
		line = strings.TrimSpace(line)
		switch {
		case held != "":
			if line == "::"+held+"::" {
				held = ""
			}
		case strings.HasPrefix(line, "::stop-commands::"):
			held = strings.TrimPrefix(line, "::stop-commands::")
		case strings.HasPrefix(line, "::") && !regexp.MustCompile(`^::(error|warning|notice) (file|title)=`).MatchString(line):
			t.Errorf("a command to the runner: %q", line)
		case !strings.HasPrefix(line, "::") && strings.Contains(line, "##["):
			t.Errorf("an old command to the runner: %q", line)
		}
	}
}

func onlyFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

// The action builds itself where no release is asked for.
func TestActionBuildsItsOwnSource(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(t, nil)
	r.env["ACTION"] = root
	d := r.run(t, "install")
	if d.status != 0 || !strings.Contains(d.log, "AWS facts of ") {
		t.Fatalf("exit status %d\n%s", d.status, d.log)
	}
	out, err := exec.Command(filepath.Join(d.outputs["bin"], "caudit"), "rules").Output()
	if err != nil || !strings.Contains(string(out), "grant/full-access") {
		t.Errorf("%v: %s", err, out)
	}
}

// released is the archive of a release whose program says its name.
func released(t *testing.T) []byte {
	t.Helper()
	const program = "#!/bin/sh\necho \"caudit of the archive\"\n"
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	err := archive.WriteHeader(&tar.Header{Name: "caudit", Mode: 0o755, Size: int64(len(program))})
	if err == nil {
		_, err = archive.Write([]byte(program))
	}
	if err := errors.Join(err, archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestActionDownloadsWhatHasTheChecksum(t *testing.T) {
	archive := released(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1.2.3/caudit_1.2.3_linux_amd64.tar.gz" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(archive)
	}))
	t.Cleanup(server.Close)
	if from := readAction(t).step(t, "install").Env["RELEASES"]; from != "https://github.com/codeartifact-auditor/codeartifact-auditor/releases/download" {
		t.Errorf("releases come from %s", from)
	}
	sum := sha256.Sum256(archive)
	right := hex.EncodeToString(sum[:])
	for _, tt := range []struct {
		version, checksum string
		ok                bool
		log               string
	}{
		{"v1.2.3", right, true, "caudit of the archive"},
		{"v1.2.3", strings.Repeat("0", 64), false, "::error::the archive does not have this checksum"},
		{"v1.2.3", "", false, "::error::version needs a checksum"},
		{"v1.2.3", right + "\n" + right, false, "::error::version needs a checksum"},
		{"v1.2.4", right, false, "404"},
		{"v1.2.3/../../../x", right, false, "::error::version is not"},
		{"main", right, false, "::error::version is not"},
		{"../v1.2.3", right, false, "::error::version is not"},
		{"$(touch pwned)", right, false, "::error::version is not"},
		{"v1.2.3\n; touch pwned", right, false, "::error::version is not"},
	} {
		r := newRunner(t, map[string]string{"version": tt.version, "checksum": tt.checksum})
		r.env["RELEASES"] = server.URL
		d := r.run(t, "install")
		if (d.status == 0) != tt.ok || !strings.Contains(d.log, tt.log) {
			t.Errorf("version %q, checksum %q: exit status %d\n%s", tt.version, tt.checksum, d.status, d.log)
		}
		if _, err := os.Stat(filepath.Join(r.temp, "caudit-bin", "caudit")); (err == nil) != tt.ok {
			t.Errorf("version %q, checksum %q: the program is there: %v", tt.version, tt.checksum, err == nil)
		}
		onlyFiles(t, r.dir)
	}
}

package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A module is linked into something that is released.
type module struct {
	path, version string
	texts         []string // of its licences and notices, each once
}

// builds are what a release is made of, as .goreleaser.yaml and the Makefile
// build it.
var builds = []struct {
	goos, goarch, tags string
	packages           []string
}{
	{"linux", "arm64", "lambda.norpc,nethttpomithttp2", []string{"./functions/change", "./functions/dispatch", "./functions/scan"}},
	{"linux", "amd64", "", []string{"./cmd/caudit"}},
	{"linux", "arm64", "", []string{"./cmd/caudit"}},
	{"darwin", "amd64", "", []string{"./cmd/caudit"}},
	{"darwin", "arm64", "", []string{"./cmd/caudit"}},
	{"windows", "amd64", "", []string{"./cmd/caudit"}},
	{"windows", "arm64", "", []string{"./cmd/caudit"}},
}

// linked returns the modules that the builds link, and Go's standard library,
// sorted, with their texts.
func linked(dir string) ([]module, error) {
	folders := map[[3]string]map[string]bool{} // of a module: path, version, folder; the folders of its linked packages
	for _, b := range builds {
		args := append([]string{"list", "-deps", "-tags", b.tags, "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}"}, b.packages...)
		out, err := goCommand(dir, []string{"CGO_ENABLED=0", "GOOS=" + b.goos, "GOARCH=" + b.goarch}, args...)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(out) {
			fields := strings.Split(strings.TrimSpace(line), "\t")
			if len(fields) != 4 {
				continue // one of ours, or of the standard library
			}
			key := [3]string{fields[0], fields[1], fields[2]}
			if folders[key] == nil {
				folders[key] = map[string]bool{}
			}
			folders[key][fields[3]] = true
		}
	}
	modules := []module{}
	for key, packages := range folders {
		m := module{path: key[0], version: key[1]}
		for _, folder := range slices.Sorted(maps.Keys(packages)) {
			if err := m.collect(key[2], folder); err != nil {
				return nil, err
			}
		}
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.path, b.path) })
	std, err := standardLibrary(dir)
	if err != nil {
		return nil, err
	}
	return append([]module{std}, modules...), nil
}

func goCommand(dir string, env []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, stderr.String())
	}
	return string(out), nil
}

// standardLibrary is what Go itself adds to a binary. Its version is that of
// go.mod, so that NOTICE is the same whatever Go writes it.
func standardLibrary(dir string) (module, error) {
	root, err := goCommand(dir, nil, "env", "GOROOT")
	if err != nil {
		return module{}, err
	}
	version, err := goCommand(dir, nil, "list", "-m", "-f", "{{.GoVersion}}")
	if err != nil {
		return module{}, err
	}
	m := module{path: "Go standard library", version: "go" + strings.TrimSpace(version)}
	root = strings.TrimSpace(root)
	return m, m.collect(root, root)
}

// named is how files that hold a licence or a notice are called. PATENTS is a
// grant besides; it asks for nothing to be passed on.
var named = regexp.MustCompile(`^(?i)(licen[cs]e|copying|notice)([-.].*)?$`)

// collect adds the texts that lie between the folder of a linked package and the
// top of its module: code that was taken from elsewhere brings its own.
func (m *module) collect(top, folder string) error {
	for {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if entry.IsDir() || !named.MatchString(entry.Name()) || strings.HasSuffix(entry.Name(), ".go") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			if err != nil {
				return err
			}
			if plain := tidy(string(text)); plain != "" && !slices.Contains(m.texts, plain) {
				m.texts = append(m.texts, plain)
			}
		}
		if folder == top {
			slices.Sort(m.texts)
			return nil
		}
		up := filepath.Dir(folder)
		if up == folder {
			return fmt.Errorf("%s is not below %s", folder, top)
		}
		folder = up
	}
}

// tidy drops what differs between copies of one text: line ends, and space at the
// ends of lines and of the text.
func tidy(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact/internal/pattern"
)

const (
	managedFile      = "data/sources/managed-policies.json"
	managedNamesFile = "data/managed-policies.txt"
	managedFolder    = "data/managed-policies"
	managedPrefix    = "arn:aws:iam::aws:policy/"
	// unknownPath stands before a name in the list whose path nobody recorded.
	unknownPath = "?/"
)

// managedIndex is data/sources/managed-policies.json: the policies AWS owns
// that reach an action of ours. Their documents lie beside it, the names of all
// others in data/managed-policies.txt.
type managedIndex struct {
	Provenance provenance    `json:"provenance"`
	Policies   []managedFact `json:"policies"`
}

type managedFact struct {
	Name    string `json:"name"`
	ARN     string `json:"arn"`
	Version string `json:"version"`
	Created string `json:"created"`
	Updated string `json:"updated"`
	Source  string `json:"source"`
	SHA256  string `json:"sha256"` // of the document
}

// managedLine is one line of the collected policies.
type managedLine struct {
	Name     string          `json:"name"`
	ARN      string          `json:"arn"`
	Version  string          `json:"version_id"`
	Created  string          `json:"create_date"`
	Updated  string          `json:"update_date"`
	Source   string          `json:"source"`
	Document json.RawMessage `json:"document"`
}

// refreshManagedPolicies rewrites the index, the documents and the names from
// one JSON object a line.
func refreshManagedPolicies(dir, file, origin string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	wanted, err := reachable(dir)
	if err != nil {
		return err
	}
	index := managedIndex{Provenance: provenance{Source: origin, SHA256: hexSum(content)}}
	var others []string
	documents := map[string][]byte{}
	for number, text := range bytes.Split(bytes.TrimSpace(content), []byte("\n")) {
		var line managedLine
		if err := json.Unmarshal(text, &line); err != nil {
			return fmt.Errorf("%s:%d: %w", file, number+1, err)
		}
		path, ok := strings.CutPrefix(line.ARN, managedPrefix)
		if !ok && line.ARN != "" {
			return fmt.Errorf("%s:%d: %q is no ARN of a policy AWS owns", file, number+1, line.ARN)
		}
		if !ok {
			// Policies that AWS has withdrawn were collected without their path.
			path = unknownPath + line.Name
		}
		index.Provenance.Date = max(index.Provenance.Date, line.Updated[:min(10, len(line.Updated))])
		reached, err := reach(line.Document, wanted)
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", file, number+1, line.Name, err)
		}
		if len(reached) == 0 {
			others = append(others, path)
			continue
		}
		document := append(bytes.Clone(line.Document), '\n')
		if !ok {
			return fmt.Errorf("%s:%d: %s reaches %s but has no ARN", file, number+1, line.Name, strings.Join(reached, ", "))
		}
		documents[line.Name] = document
		index.Policies = append(index.Policies, managedFact{line.Name, line.ARN, line.Version, line.Created, line.Updated, line.Source, hexSum(document)})
	}
	slices.SortFunc(index.Policies, func(a, b managedFact) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(others)
	return writeManaged(dir, index, documents, others)
}

func writeManaged(dir string, index managedIndex, documents map[string][]byte, others []string) error {
	folder := filepath.Join(dir, filepath.FromSlash(managedFolder))
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, document := range documents {
		if err := os.WriteFile(filepath.Join(folder, name+".json"), document, 0o644); err != nil {
			return err
		}
	}
	names := strings.Join(others, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(managedNamesFile)), []byte(names), 0o644); err != nil {
		return err
	}
	return writeJSON(dir, managedFile, index)
}

// reachable returns the full names of the actions by which a managed policy is
// of interest: all of codeartifact, and the bearer token.
func reachable(dir string) ([]string, error) {
	names, err := curatedActions(dir)
	return slices.DeleteFunc(names, func(name string) bool {
		return !strings.HasPrefix(name, "codeartifact:") && name != "sts:GetServiceBearerToken"
	}), err
}

// reach returns those of the wanted actions that some Allow statement of the
// document covers, whatever its resources and conditions.
func reach(document []byte, wanted []string) ([]string, error) {
	var policy struct{ Statement oneOrMany[managedStatement] }
	if err := json.Unmarshal(document, &policy); err != nil {
		return nil, err
	}
	var reached []string
	for _, name := range wanted {
		if slices.ContainsFunc(policy.Statement, func(s managedStatement) bool { return s.allows(name) }) {
			reached = append(reached, name)
		}
	}
	return reached, nil
}

type managedStatement struct {
	Effect            string
	Action, NotAction oneOrMany[string]
}

func (s managedStatement) allows(name string) bool {
	matches := func(element string) bool { return pattern.Match(element, name) }
	if s.Effect != "Allow" {
		return false
	}
	if s.NotAction != nil {
		return !slices.ContainsFunc(s.NotAction, matches)
	}
	return slices.ContainsFunc(s.Action, matches)
}

// oneOrMany is a value that the policy grammar lets stand alone or in a list.
type oneOrMany[T any] []T

// UnmarshalJSON reads either form.
func (m *oneOrMany[T]) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]T)(m))
	}
	var one T
	if err := json.Unmarshal(text, &one); err != nil {
		return err
	}
	*m = []T{one}
	return nil
}

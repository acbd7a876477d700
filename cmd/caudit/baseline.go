package main

import (
	"fmt"
	"os"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// readBaseline returns the findings of a saved result by id, with the severity
// that they had.
func readBaseline(path string) (map[string]finding.Severity, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	saved, err := parseResult(data)
	if err != nil {
		return nil, fmt.Errorf("--baseline %s:%w", path, err)
	}
	known := map[string]finding.Severity{}
	for _, f := range saved.Findings {
		known[f.ID] = max(known[f.ID], f.Severity)
	}
	return known, nil
}

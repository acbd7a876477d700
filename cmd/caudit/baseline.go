package main

import (
	"encoding/json"
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
	var saved struct {
		Schema   string `json:"schema"`
		Findings []struct {
			ID       string           `json:"id"`
			Severity finding.Severity `json:"severity"`
		} `json:"findings"`
	}
	if err := json.Unmarshal(data, &saved); err != nil {
		return nil, fmt.Errorf("--baseline %s: %w", path, err)
	}
	if saved.Schema != resultSchema {
		return nil, fmt.Errorf("--baseline %s: schema is %q (expected %q, what caudit scan --format json writes)", path, saved.Schema, resultSchema)
	}
	known := map[string]finding.Severity{}
	for _, f := range saved.Findings {
		known[f.ID] = max(known[f.ID], f.Severity)
	}
	return known, nil
}

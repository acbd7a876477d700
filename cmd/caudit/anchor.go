package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
	"github.com/codeartifact-auditor/codeartifact-auditor/events"
)

// demoFile is where the account that is built in lies in the repository.
const demoFile = "events/account.json"

// anchored returns where the documents that a report is about stand in the dumps
// and inventories that they were read from. A file that can no longer be read has
// no places; what that means is for the format to say.
func anchored(r *auditor.Report) func(finding.Grant) (render.Region, bool) {
	wanted := map[string][]inventory.Place{}
	ask := func(f finding.Finding) {
		for _, g := range f.Grants {
			if g.Path != "" && g.Path != g.Policy.ID {
				wanted[g.Path] = append(wanted[g.Path], grantPlace(g))
			}
		}
	}
	for _, f := range r.Findings {
		ask(f)
	}
	for _, s := range r.Suppressed {
		ask(s.Finding)
	}
	files := dumps(r)
	found := map[string]map[inventory.Place]source.Region{}
	for path, places := range wanted {
		if file, ok := files[path]; ok {
			if at, err := source.Locate(file.open, places); err == nil {
				found[path] = at
			}
		}
	}
	return func(g finding.Grant) (render.Region, bool) {
		// What is built in, such as a policy that AWS owns and the file does not
		// spell out, is said of the file that somebody holds it in.
		file, ok := files[g.Path]
		at := found[g.Path][grantPlace(g)]
		return render.Region{Path: file.path, Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn}, ok
	}
}

// dump is a file of account details or inventories.
type dump struct {
	path string
	open func() (io.ReadCloser, error)
}

// dumps returns those of a report by the path that its grants name, and under the
// empty path the first of them.
func dumps(r *auditor.Report) map[string]dump {
	files := map[string]dump{}
	for _, in := range r.Inputs {
		switch {
		case in.Path == demoInput && len(r.Inputs) == 1:
			builtIn := dump{demoFile, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(events.Account)), nil }}
			return map[string]dump{"": builtIn, "-": builtIn}
		case in.Path == "-" || in.Kind != "account" && in.Kind != "inventory":
			continue // standard input cannot be opened again, a live account never was
		}
		file := dump{in.Path, func() (io.ReadCloser, error) { return os.Open(in.Path) }}
		files[in.Path] = file
		if _, known := files[""]; !known {
			files[""] = file
		}
	}
	return files
}

func grantPlace(g finding.Grant) inventory.Place {
	return inventory.Place{Policy: g.Policy.ID, Version: g.Policy.Version}
}

// nowhere turns the error of a format that is about files into one that says what
// to do.
func nowhere(err error) error {
	if found, ok := errors.AsType[*render.NowhereError](err); ok {
		return wrongUsage(fmt.Sprintf("--format sarif: %v", found),
			"save the account first: caudit collect -o account.json && caudit scan --format sarif account.json; save what comes on standard input likewise")
	}
	return err
}

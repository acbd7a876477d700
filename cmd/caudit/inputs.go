package main

import (
	"bytes"
	"errors"
	"os"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

// read reads the named files and folders. The error joins what is wrong with
// those of which nothing could be read; the inventory holds all the others.
func (p *program) read(paths []string, as about, c *config.Config) (*inventory.Inventory, error) {
	dir, err := os.Getwd()
	if err != nil {
		dir = "" // paths stay as they were written
	}
	return joined(source.Read(source.Options{Paths: paths, Stdin: p.stdin, Dir: dir, Kind: as.kind, KindOf: c.KindOf, Owner: as.owner}))
}

// readBuiltIn reads an inventory that is part of the program, under a name that
// is no file's.
func readBuiltIn(name string, text []byte) (*inventory.Inventory, error) {
	inv, err := joined(source.Read(source.Options{Paths: []string{"-"}, Stdin: bytes.NewReader(text)}))
	for i := range inv.Inputs {
		inv.Inputs[i].Path = name
	}
	for _, a := range inv.Accounts {
		a.Path = name
	}
	return inv, err
}

func joined(r source.Result) (*inventory.Inventory, error) {
	var wrong []error
	for _, e := range r.Errors {
		wrong = append(wrong, e)
	}
	return r.Inventory, errors.Join(wrong...)
}

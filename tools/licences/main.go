// Command licences writes, below the line in NOTICE that says so, which modules
// the command and the functions link, under which licences, and the texts of
// these licences and notices.
//
//	licences [-dir DIR] [-check]
//
// What is linked is asked of the go command, for every platform of a release;
// the texts are those of the module cache. A licence that is not one of the few
// that somebody looked at is an error. With -check nothing is written, and a
// NOTICE that would change is an error.
//
// Exit status: 0, or 1 when something is wrong.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", ".", "the top of the repository")
	check := flag.Bool("check", false, "say whether NOTICE is current, and write nothing")
	flag.Parse()
	if err := run(*dir, *check); err != nil {
		fmt.Fprintf(os.Stderr, "licences: %v\n", err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	file := filepath.Join(dir, "NOTICE")
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	own, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
	if err != nil {
		return err
	}
	modules, err := linked(dir)
	if err != nil {
		return err
	}
	written, err := notice(string(old), string(own), modules)
	if err != nil {
		return err
	}
	if bytes.Equal(old, []byte(written)) {
		return nil
	}
	if check {
		return fmt.Errorf("NOTICE does not say what is linked (make notice writes it)")
	}
	return os.WriteFile(file, []byte(written), 0o644)
}

// Command newrule writes what a new rule consists of: its file, its page, a
// fixture that fires and one that stays quiet, and its line in the catalogue.
//
//	newrule [-dir DIR] category/slug
//
// What it writes compiles and fails the tests of auditor/rules until somebody
// has written the rule. It overwrites nothing.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("newrule", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", ".", "the repository's top folder")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() != 1 {
		fmt.Fprintln(stderr, "newrule: one rule id is needed (expected category/slug)")
		return 2
	}
	rule, err := parseRule(flags.Arg(0))
	if err != nil {
		fmt.Fprintf(stderr, "newrule: %v\n", err)
		return 2
	}
	written, err := rule.write(*dir)
	for _, name := range written {
		fmt.Fprintln(stdout, name)
	}
	if err != nil {
		fmt.Fprintf(stderr, "newrule: %v\n", err)
		return 1
	}
	return 0
}

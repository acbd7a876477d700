// Command writedump writes the made-up account details of an account of any size
// to standard output.
//
//	writedump -principals 1000000 > dump.json
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/dump"
)

func main() {
	principals := flag.Int("principals", 10_000, "how many users and roles the account has")
	flag.Parse()
	if err := (dump.Dump{Principals: *principals}).Write(os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "writedump: %v\n", err)
		os.Exit(1)
	}
}

package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
)

// release is the tag that a release build sets with -ldflags "-X main.release=…".
var release string

// buildVersion returns the release, or what Go notes of the build.
func buildVersion() string {
	if release != "" {
		return release
	}
	return handler.Version()
}

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the version, the Go release it was built with, and the date of the AWS facts built in",
		Example: "  caudit version",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			return p.write("", fmt.Appendf(nil, "caudit %s\n%s %s/%s\nAWS facts of %s\n",
				buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH, codeartifact.DataDate()))
		},
	}
}

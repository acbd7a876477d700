package main

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestBuildOfACheckoutNamesItsCommit(t *testing.T) {
	b := build{Name: "caudit", Version: "v1.2.3", Go: "go1", Platform: "linux/arm64", Data: "2026-09-26", Rules: 2, Ruleset: "ab"}
	b.note([]debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "c0ffee"}, {Key: "vcs.time", Value: "2026-10-01T12:00:00Z"}, {Key: "vcs.modified", Value: "true"}})
	const want = "caudit v1.2.3\ncommit c0ffee 2026-10-01T12:00:00Z, with changes\ngo1 linux/arm64\nAWS facts of 2026-09-26\n2 rules, ruleset ab\n"
	if got := string(b.text()); got != want {
		t.Errorf("got %s", got)
	}
	b.Commit = ""
	if strings.Contains(string(b.text()), "commit") {
		t.Errorf("a commit that is not known: %s", b.text())
	}
}

// Package codeartifact holds what AWS documents of CodeArtifact's
// authorization: actions, resource types, condition keys, Regions, and the
// managed policies that reach them. It states facts and decides nothing.
//
// The facts are data: the files under data/, each with its source, date and
// checksum, from which a generator writes the tables of this package. See
// data/README.md.
//
// The heart is the table of actions. An [Action] is an index into it and an
// [ActionSet] a set of them in two words, so that a policy's Action element
// becomes one value that can be united, intersected and compared:
//
//	codeartifact.MatchActions("codeartifact:Put*").And(codeartifact.FullActions())
package codeartifact

//go:generate go run ./internal/generate

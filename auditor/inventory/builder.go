package inventory

import (
	"cmp"
	"maps"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// Builder puts an Inventory together from what inputs hold. Accounts that several
// inputs describe become one; what comes out does not depend on the order in which
// things were added. A Builder owns what is added to it and is used once.
type Builder struct {
	// Published answers for policies AWS owns that are attached but in no input:
	// version and document, the document empty when it reaches nothing of
	// CodeArtifact, and whether the policy is known at all. Nil means the facts
	// built in.
	Published func(policyARN string) (version, document string, known bool)

	documents Documents
	parts     []*Account
	files     []*File
	inputs    []Input
	gaps      []Gap
	foreign   int
}

// Intern returns the one Document with that text.
func (b *Builder) Intern(text string) *Document { return b.documents.Intern(text) }

func publishedPolicy(policyARN string) (version, document string, known bool) {
	if p, ok := codeartifact.ManagedPolicy(policyARN); ok {
		return p.Version, p.Document(), true
	}
	return "", "", codeartifact.KnownManagedPolicy(policyARN)
}

// AddAccount adds what one input holds of an account; its ID is empty for
// policies AWS owns of which the input does not say whose account they were read
// in. Input of every entity, and Path, name the input.
func (b *Builder) AddAccount(part *Account) { b.parts = append(b.parts, part) }

// AddFile adds a bare policy document; a path that was added before is ignored.
func (b *Builder) AddFile(f *File) { b.files = append(b.files, f) }

// AddInput notes that an input was read.
func (b *Builder) AddInput(in Input) { b.inputs = append(b.inputs, in) }

// AddForeign counts a resource policy of another service.
func (b *Builder) AddForeign() { b.foreign++ }

// AddGap notes that something could not be read.
func (b *Builder) AddGap(g Gap) { b.gaps = append(b.gaps, g) }

// Inventory returns what was added, merged and sorted, with a gap for each thing
// that could not be judged: documents and statements that cannot be read, attached
// policies and groups that no input holds, entities of which two inputs tell
// differing versions, and scopes that were denied or failed.
func (b *Builder) Inventory() *Inventory {
	inv := &Inventory{Foreign: b.foreign, Inputs: b.inputs, Files: b.files}
	byID := map[string][]*Account{}
	for _, part := range b.parts {
		byID[part.ID] = append(byID[part.ID], part)
	}
	unplaced := b.merge("", byID[""])
	if len(byID) > 1 {
		delete(byID, "")
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		merged := b.merge(id, byID[id])
		if id != "" {
			b.complete(merged, unplaced)
		}
		b.unread(merged)
		inv.Accounts = append(inv.Accounts, merged)
	}

	slices.SortFunc(inv.Inputs, func(p, q Input) int { return cmp.Or(cmp.Compare(p.Path, q.Path), cmp.Compare(p.Kind, q.Kind)) })
	slices.SortStableFunc(inv.Files, func(p, q *File) int { return cmp.Compare(p.Path, q.Path) })
	inv.Files = slices.CompactFunc(inv.Files, func(p, q *File) bool { return p.Path == q.Path })
	for _, f := range inv.Files {
		b.unreadIn(f.Policy())
	}
	slices.SortFunc(b.gaps, compareGaps)
	inv.Gaps = slices.Compact(b.gaps)
	return inv
}

func compareGaps(p, q Gap) int {
	return cmp.Or(cmp.Compare(p.Where, q.Where), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column), cmp.Compare(p.Reason, q.Reason))
}

package source

import (
	"cmp"
	"io"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// bare reads the file as one policy document.
func (f *file) bare() {
	if _, err := io.Copy(io.Discard, f.watch); err != nil {
		f.unreadable(err)
		return
	}
	text, err := jsonpos.Text(f.watch.kept)
	if err != nil {
		f.unreadable(err)
		return
	}
	f.policy(f.builder.Intern(text), 0, "")
}

// policy adds a bare policy. Kind and owner are what the file around the document
// says of it, if anything.
func (f *file) policy(document *inventory.Document, kind inventory.Kind, owner string) {
	lost := document.Lost()
	if len(document.Parsed.Statements) == 0 && (f.named || len(lost) > 0) {
		f.noStatement(document)
		return
	}
	inferred, named := Recognise(document.Parsed)
	file := &inventory.File{Path: f.path, Document: document, Owner: cmp.Or(owner, named, f.opt.Owner), Kind: cmp.Or(kind, inferred)}
	if f.opt.KindOf != nil {
		if configured, ok := f.opt.KindOf(f.path); ok {
			file.Kind = configured
		}
	}
	file.Kind = cmp.Or(f.opt.Kind, file.Kind)
	if file.Kind != inventory.Foreign {
		f.builder.AddFile(file)
		f.builder.AddInput(inventory.Input{Path: f.path, Kind: "policy", Policies: 1})
		return
	}
	// Silent, except for what might have made it ours.
	f.builder.AddForeign()
	f.builder.AddInput(inventory.Input{Path: f.path, Kind: "policy"})
	for _, problem := range lost {
		f.builder.AddGap(inventory.GapIn(f.path, document, problem))
	}
}

// noStatement says why no statement of a document can be judged.
func (f *file) noStatement(document *inventory.Document) {
	gap := inventory.Gap{Where: f.path, Line: 1, Column: 1, Reason: "policy has no statement (expected at least one)"}
	for i, problem := range document.Lost() {
		reason := inventory.GapIn(f.path, document, problem)
		if i == 0 {
			gap = reason
		}
		if !f.named {
			f.builder.AddGap(reason)
		}
	}
	if f.named {
		f.errors = append(f.errors, &InputError{Path: f.path, Line: gap.Line, Column: gap.Column, Message: gap.Reason})
	}
}

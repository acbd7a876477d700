package inventory

// File is one bare policy document.
type File struct {
	Path     string // as the contract spells subject ids: with "/", "-" for standard input
	Kind     Kind
	Owner    string // account id that owns the resource, empty when not known
	Document *Document
}

// Policy returns the document as a policy in its place.
func (f *File) Policy() Policy {
	return Policy{Kind: f.Kind, Name: f.Path, ID: f.Path, Document: f.Document, Path: f.Path}
}

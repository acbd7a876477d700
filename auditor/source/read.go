package source

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Options say what to read and how to take it.
type Options struct {
	// Paths are files, directories, and "-" for Stdin. Directories are walked in
	// order of names; links to files in them are read, links to directories are
	// not followed, and what version control keeps (.git, .hg, .svn) is left out.
	Paths []string
	Stdin io.Reader
	// Dir is the working directory as an absolute path: relative Paths begin
	// there, and the paths of the inventory are relative to it. Empty means
	// that of the process; absolute paths then stay absolute.
	Dir string
	// Kind is what every bare policy is; zero asks KindOf, and then the content.
	Kind inventory.Kind
	// KindOf says what the bare policy at a path is, as the configuration has
	// it. It may be nil.
	KindOf func(path string) (inventory.Kind, bool)
	// Owner is the account that owns the resource of a bare policy in which no
	// specific ARN says so.
	Owner string
}

// Result is what was read.
type Result struct {
	// Inventory holds everything that could be read, with its gaps. It is never
	// nil and does not depend on the order of the paths.
	Inventory *inventory.Inventory
	// Errors are the named inputs of which nothing could be read, sorted by path.
	Errors []*InputError
}

// InputError says why nothing could be read of an input that was named.
type InputError struct {
	Path         string
	Line, Column int // from 1, 0 where the input has no place to show
	Message      string
	Err          error // the cause, where reading itself failed
}

// Error returns "path:line:column: what is wrong (what was expected)".
func (e *InputError) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Message)
}

// Unwrap returns the cause.
func (e *InputError) Unwrap() error { return e.Err }

// Read reads all inputs. One that cannot be read does not keep it from the others.
// A path that is met twice is read once.
func Read(opt Options) Result {
	r := newReader(opt)
	for _, t := range r.targets() {
		r.read(t)
	}
	return r.result()
}

func (r *reader) result() Result {
	r.missingPages()
	slices.SortFunc(r.errors, func(a, b *InputError) int { return cmp.Compare(a.Path, b.Path) })
	return Result{Inventory: r.builder.Inventory(), Errors: r.errors}
}

// ReadFrom reads one input that is open already, as if a file at path had been
// named. Paths, Stdin and Dir of the options are not used.
func ReadFrom(path string, stream io.Reader, opt Options) Result {
	r := newReader(opt)
	r.read(target{path, true, func() (io.ReadCloser, error) { return io.NopCloser(stream), nil }})
	return r.result()
}

// reader reads one set of inputs.
type reader struct {
	opt     Options
	builder inventory.Builder
	errors  []*InputError
	endings []ending

	// What saves memory and time where entities repeat each other.
	spellings   spellings
	words       lexicon
	users       slab[inventory.User]
	roles       slab[inventory.Role]
	inline      slab[inventory.InlinePolicy]
	attachments slab[inventory.Attachment]
	tags        slab[inventory.Tag]

	inlineLists   lists[inventory.InlinePolicy]
	attachedLists lists[inventory.Attachment]
	tagLists      lists[inventory.Tag]
}

func newReader(opt Options) *reader { return &reader{opt: opt, words: lexicon{}} }

func (r *reader) fail(path string, message string, cause error) {
	r.errors = append(r.errors, &InputError{Path: path, Message: message, Err: cause})
}

// read opens one target and reads it.
func (r *reader) read(t target) {
	stream, err := t.open()
	if err != nil {
		if t.named {
			r.fail(t.path, cause(err), err)
		} else {
			r.builder.AddGap(inventory.Gap{Where: t.path, Reason: cause(err)})
		}
		return
	}
	defer stream.Close()
	newFile(r, t, stream).read()
}

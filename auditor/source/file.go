package source

import (
	"errors"
	"fmt"
	"io"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// longestValue is how many bytes one entity of account details may have.
const longestValue = 64 << 20

// file is one file being read: a stream of JSON values.
type file struct {
	*reader
	target
	watch *watch // through which the file is read
	dec   *jsonpos.Decoder
	tree  jsonpos.Tree
	ahead [3]jsonpos.Batch // what is decoded ahead; see batches

	values  int     // JSON values begun
	pages   pages   // what was recognised
	answer  *answer // the file's one value, if that is what it is
	version bool    // an object that is none of ours has a Version
	strange bool    // a value that is none of ours stands in the file
	refused bool    // it was said already that the file cannot be read
}

func newFile(r *reader, t target, stream io.Reader) *file {
	f := &file{reader: r, target: t, watch: &watch{stream: stream}}
	f.dec = jsonpos.NewDecoder(f.watch, longestValue)
	return f
}

// errPolicy ends the reading of values: the file is a bare policy document.
var errPolicy = errors.New("policy document")

func (f *file) read() {
	err := f.everything()
	switch {
	case errors.Is(err, errPolicy):
		f.bare()
		return
	case f.pages.recognised() && errors.Is(err, io.EOF):
		f.keep()
	case f.pages.recognised() && !(f.named && f.pages.empty()):
		f.keep()
		line, column, message := f.explain(err)
		f.builder.AddGap(inventory.Gap{Where: f.path, Reason: message + "; what follows was not read", Line: line, Column: column})
	case f.answer != nil && f.values == 1 && errors.Is(err, io.EOF):
		f.answered()
	case !errors.Is(err, io.EOF):
		f.unreadable(err)
	case f.named && !f.refused:
		f.unknown()
	}
}

// everything reads values until one is a bare policy document, or the stream ends
// with io.EOF or another error.
func (f *file) everything() error {
	for {
		kind, err := f.dec.Peek()
		if err != nil {
			return err
		}
		f.values++
		switch kind {
		case jsonpos.Object:
			err = f.object()
		case jsonpos.Array:
			err = f.array()
		default:
			f.strange = true
			err = f.dec.Skip()
		}
		if err != nil {
			return err
		}
	}
}

// array reads a list of pages, as a tool makes it that gathers a stream.
func (f *file) array() error {
	if _, err := f.dec.Token(); err != nil {
		return err
	}
	for {
		kind, err := f.dec.Peek()
		switch {
		case err != nil:
			return err
		case kind == jsonpos.EndArray:
			_, err := f.dec.Token()
			return err
		case kind == jsonpos.Object:
			err = f.object()
		default:
			f.strange = true
			err = f.dec.Skip()
		}
		if err != nil {
			return err
		}
	}
}

// object reads one object and keeps it when it is a page or an inventory.
func (f *file) object() error {
	p := &page{file: f, accounts: map[string]*inventory.Account{}}
	err := f.members(p.member)
	if p.recognised() {
		f.watch.drop()
		f.pages.add(p)
	} else if err == nil {
		f.answer = p.answer
		f.strange = f.strange || p.answer == nil
		f.refuseSchema(p)
	}
	return err
}

// members reads an object and hands each member's name to read, which reads the
// value.
func (f *file) members(read func(name string) error) error {
	if _, err := f.dec.Token(); err != nil {
		return err
	}
	for {
		token, err := f.dec.Token()
		if err != nil {
			return err
		}
		if token.Kind == jsonpos.EndObject {
			return nil
		}
		if err := read(token.Text); err != nil {
			return err
		}
	}
}

// keep hands over what was recognised.
func (f *file) keep() {
	for _, gap := range f.pages.gaps {
		f.builder.AddGap(gap)
	}
	for _, account := range f.pages.whole() {
		account.Path = f.path
		f.builder.AddAccount(account)
	}
	f.builder.AddInput(inventory.Input{Path: f.path, Kind: f.pages.kind(), Policies: f.pages.policies})
	if f.pages.details > 0 {
		f.endings = append(f.endings, ending{f.path, f.pages.ids(), f.pages.more})
	}
	if f.strange {
		f.builder.AddGap(inventory.Gap{Where: f.path, Reason: "the file holds something else beside account details or inventories (expected nothing else); it was not judged"})
	}
}

// unreadable handles a file of which nothing could be read. One that was found by
// walking matters only if it may be a policy.
func (f *file) unreadable(err error) {
	line, column, message := f.explain(err)
	if f.named {
		if !f.refused {
			f.errors = append(f.errors, &InputError{Path: f.path, Line: line, Column: column, Message: message, Err: err})
		}
		return
	}
	if !f.watch.binary {
		// What cannot be read to its end has said so already, in err.
		_, _ = io.Copy(io.Discard, f.watch)
	}
	if _, syntax := errors.AsType[*jsonpos.SyntaxError](err); syntax {
		if !f.watch.statement || f.watch.binary {
			return
		}
		message += `; the file holds "Statement" and may be a policy`
	}
	f.builder.AddGap(inventory.Gap{Where: f.path, Reason: message, Line: line, Column: column})
}

// explain says what a decoder's error means and where.
func (f *file) explain(err error) (line, column int, message string) {
	if syntax, ok := errors.AsType[*jsonpos.SyntaxError](err); ok {
		line, column = f.dec.Position(int64(syntax.Offset))
		return line, column, syntax.Message
	}
	return 0, 0, cause(err)
}

// unknown refuses a named file that is JSON and none of what is read here.
func (f *file) unknown() {
	message := `no policy document, account details or inventory (expected an object with "Statement", "RoleDetailList" or "schema": "` + inventory.Schema + `")`
	if f.values == 0 {
		message = "file is empty (expected a policy document, account details or an inventory)"
	}
	if f.version && f.values == 1 {
		// A Version means a policy whose Statement is misspelt or missing: the
		// parser knows how to say so.
		if text, err := jsonpos.Text(f.watch.kept); err == nil {
			f.noStatement(f.builder.Intern(text))
			return
		}
	}
	f.errors = append(f.errors, &InputError{Path: f.path, Line: 1, Column: 1, Message: message})
}

// refuseSchema says that an inventory has a form this program does not know, or
// that the file is something else the program wrote.
func (f *file) refuseSchema(p *page) {
	if p.schema == "" || f.refused {
		return
	}
	message := fmt.Sprintf("schema is %q (expected %q)", p.schema, inventory.Schema)
	line, column := p.schemaLine, p.schemaColumn
	switch {
	case f.named:
		f.errors = append(f.errors, &InputError{Path: f.path, Line: line, Column: column, Message: message})
	case isInventory(p.schema):
		f.builder.AddGap(inventory.Gap{Where: f.path, Reason: message, Line: line, Column: column})
	}
	f.refused = true
}

package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Region is where a value stands in a file: lines and columns from 1, columns in
// UTF-16 code units, the end behind its last character.
type Region struct{ Line, Column, EndLine, EndColumn int }

// Locate finds documents in a file of account details or inventories. Places that
// it does not hold are not in the answer; where it holds one twice, the first
// counts. The file is opened twice. It is for the few documents that a report is
// about: reading an account keeps no places, since nearly nobody asks.
//
// The error is the opener's or the reader's, or says that the file is UTF-16, in
// which no place is told.
func Locate(open func() (io.ReadCloser, error), wanted []inventory.Place) (map[inventory.Place]Region, error) {
	l := locator{wanted: map[inventory.Place]inventory.Place{}, found: map[inventory.Place]stretch{}}
	for _, p := range wanted {
		l.wanted[p] = p
	}
	if err := reading(open, l.read); err != nil {
		return nil, err
	}
	regions := map[inventory.Place]Region{}
	err := reading(open, func(r io.Reader) error {
		at, err := l.measure(r)
		for p, s := range l.found {
			from, to := at[s.start], at[s.end]
			regions[p] = Region{from.line, from.column, to.line, to.column}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return regions, nil
}

func reading(open func() (io.ReadCloser, error), read func(io.Reader) error) error {
	stream, err := open()
	if err != nil {
		return err
	}
	defer stream.Close()
	return read(stream)
}

// stretch is a part of a file, in bytes.
type stretch struct{ start, end int64 }

// locator looks for documents by the names that the edits of a fix have for them.
type locator struct {
	dec    *jsonpos.Decoder
	tree   jsonpos.Tree
	batch  jsonpos.Batch
	wanted map[inventory.Place]inventory.Place // the values outlive what is read
	found  map[inventory.Place]stretch
}

// read walks the values of a file. What follows a mistake in it is not there.
func (l *locator) read(r io.Reader) error {
	l.dec = jsonpos.NewDecoder(r, longestValue)
	for {
		kind, err := l.dec.Peek()
		switch {
		case err != nil:
		case kind == jsonpos.Object:
			err = l.object()
		case kind == jsonpos.Array: // of pages: the brackets say nothing
			_, err = l.dec.Token()
		case kind == jsonpos.EndArray:
			_, err = l.dec.Token()
		default:
			err = l.dec.Skip()
		}
		if _, mistake := errors.AsType[*jsonpos.SyntaxError](err); mistake || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (l *locator) object() error {
	if _, err := l.dec.Token(); err != nil {
		return err
	}
	for {
		token, err := l.dec.Token()
		if err != nil || token.Kind == jsonpos.EndObject {
			return err
		}
		kind, err := l.dec.Peek()
		if err != nil {
			return err
		}
		switch token.Text {
		case "iam":
			if kind == jsonpos.Object {
				err = l.object()
				break
			}
			err = l.dec.Skip()
		case "UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "domains", "repositories":
			if kind == jsonpos.Array {
				err = l.list()
				break
			}
			err = l.dec.Skip()
		default:
			err = l.dec.Skip()
		}
		if err != nil {
			return err
		}
	}
}

func (l *locator) list() error {
	if _, err := l.dec.Token(); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		more, err = l.dec.Batch(&l.batch)
		for i := range l.batch.Len() {
			raw := l.batch.Raw(i)
			if l.tree.Read(raw) == nil && l.tree.Root().Kind() == jsonpos.Object {
				l.entity(raw.Start, l.tree.Root())
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entity looks at the documents of a user, group, role, managed policy, domain or
// repository.
func (l *locator) entity(start int64, e jsonpos.Value) {
	arn := textOf(e, "Arn")
	if arn == "" {
		arn = textOf(e, "arn")
	}
	for v := range e.Children() {
		switch v.Name() {
		case "AssumeRolePolicyDocument":
			l.find(start, v, inventory.Place{Policy: arn + "#trust"})
		case "policy":
			l.find(start, v, inventory.Place{Policy: arn})
		case "UserPolicyList", "GroupPolicyList", "RolePolicyList":
			for p := range v.Children() {
				if document, ok := member(p, "PolicyDocument"); ok {
					l.find(start, document, inventory.Place{Policy: arn + "#inline/" + textOf(p, "PolicyName")})
				}
			}
		case "PolicyVersionList":
			for p := range v.Children() {
				if document, ok := member(p, "Document"); ok {
					l.find(start, document, inventory.Place{Policy: arn, Version: textOf(p, "VersionId")})
				}
			}
		}
	}
}

func (l *locator) find(start int64, v jsonpos.Value, p inventory.Place) {
	kept, asked := l.wanted[p]
	if _, again := l.found[p]; asked && !again {
		l.found[kept] = stretch{start + int64(v.Start()), start + int64(v.End())}
	}
}

// textOf returns a member that is a string, else nothing.
func textOf(object jsonpos.Value, name string) string {
	if v, ok := member(object, name); ok && v.Kind() == jsonpos.String {
		return v.Text()
	}
	return ""
}

// spot is a line and a column.
type spot struct{ line, column int }

// measure tells the line and the column of every offset that was found.
func (l *locator) measure(r io.Reader) (map[int64]spot, error) {
	var offsets []int64
	for _, s := range l.found {
		offsets = append(offsets, s.start, s.end)
	}
	slices.Sort(offsets)
	at := map[int64]spot{}
	text := bufio.NewReaderSize(r, 64<<10)
	switch mark, _ := text.Peek(3); {
	case bytes.Equal(mark, []byte("\xef\xbb\xbf")):
		_, _ = text.Discard(3)
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return nil, errors.New("the file is UTF-16 (expected UTF-8)")
	}
	here := spot{1, 1}
	for offset := int64(0); len(offsets) > 0; offset++ {
		for len(offsets) > 0 && offsets[0] == offset {
			at[offset], offsets = here, offsets[1:]
		}
		if len(offsets) == 0 {
			break
		}
		c, err := text.ReadByte()
		if err != nil {
			return nil, err
		}
		switch {
		case c == '\n':
			here = spot{here.line + 1, 1}
		case c >= 0xf0: // begins a character of two code units
			here.column += 2
		case c < 0x80 || c >= 0xc0:
			here.column++
		}
	}
	return at, nil
}

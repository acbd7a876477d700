package jsonpos

import (
	"bytes"
	"unsafe"
)

// Batch is a run of elements of a list, with memory of its own: a Decoder that
// fills one may fill another while this one is looked at. The zero value is ready;
// filling it again reuses its memory.
type Batch struct {
	text         []byte // the elements and what lies between them
	base         int64  // where text begins
	line, column int    // of base
	elements     []span
	skim         skimmer
}

// span is one element of a batch.
type span struct {
	start, end int64
	first      int   // the first of its nodes
	err        error // it is too deep
}

// batchSize is about how many bytes of text a Batch holds.
const batchSize = 64 << 10

// Raw is one value that a Decoder read whole, in memory that is used again: a Raw,
// and every string taken from a Tree of it, lives as long as its Batch is not
// filled again.
type Raw struct {
	text  string
	Start int64 // the offset at which it begins
	nodes []node
	err   error
}

// Batch fills b with the next elements of the list that was begun, whole, and
// reports whether there may be more. Behind the last one it reads the end of the
// list. On an error b holds the elements before it. As long as there may be more,
// nothing else may be read.
func (d *Decoder) Batch(b *Batch) (more bool, err error) {
	b.elements, b.skim.nodes, b.skim.ascii = b.elements[:0], b.skim.nodes[:0], true
	if d.err != nil {
		return false, d.err
	}
	if d.skimmed < 0 {
		d.skimmed, d.begun = d.Offset(), false
	}
	d.text.needed = d.skimmed
	for begin := d.skimmed; d.skimmed-begin < batchSize; {
		if d.skimElement(b) {
			continue
		}
		d.resume()
		end := d.Offset()
		if kind := kindOf(d.dec.PeekKind()); kind == 0 || kind == EndArray {
			d.hand(b, end)
			d.skimmed = -1
			_, err := d.Token() // says why there is no kind
			return false, err
		}
		value, err := d.dec.ReadValue()
		if err != nil {
			d.hand(b, end)
			d.skimmed = -1
			return false, d.fail(err, end)
		}
		d.skimmed, d.begun = d.Offset(), true
		b.add(d.skimmed-int64(len(value)), value)
	}
	d.hand(b, d.skimmed)
	return true, nil
}

// skimElement reads the next element of the list without the tokenizer, and
// reports whether it could.
func (d *Decoder) skimElement(b *Batch) bool {
	nodes := len(b.skim.nodes)
	for {
		text := d.text.kept[d.skimmed-d.text.base:]
		begin, how := d.element(text)
		if how == whole {
			var end int
			if end, how = b.skim.value(text, begin, begin); how == whole {
				b.elements = append(b.elements, span{start: d.skimmed + int64(begin), end: d.skimmed + int64(end), first: nodes})
				d.skimmed, d.begun = d.skimmed+int64(end), true
				return true
			}
			b.skim.nodes = b.skim.nodes[:nodes]
		}
		if how == doubtful || len(text) > d.text.limit || !d.text.more(d.skimmed, 2*len(text)) {
			return false
		}
	}
}

// element returns where in text the next element of the list begins.
func (d *Decoder) element(text []byte) (begin int, how ending) {
	comma := !d.begun
	for i, c := range text {
		switch {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		case c == ',' && !comma:
			comma = true
		case comma && c != ',' && c != ']':
			return i, whole
		default:
			return i, doubtful
		}
	}
	return len(text), cut
}

// add notes a value that the tokenizer has read.
func (b *Batch) add(start int64, value []byte) {
	element := span{start: start, end: start + int64(len(value)), first: len(b.skim.nodes)}
	b.skim.all = true
	if end, how := b.skim.value(value, 0, 0); how != whole {
		b.skim.nodes = b.skim.nodes[:element.first]
		element.err = errTooDeep(end) // all else that the tokenizer takes is taken
	}
	b.skim.all = false
	b.elements = append(b.elements, element)
}

// hand gives the text up to end to the batch, in exchange for its memory.
func (d *Decoder) hand(b *Batch, end int64) {
	in := d.text
	size := int(end - in.base)
	text := in.kept
	if b.text == nil {
		b.text = make([]byte, 0, min(cap(text), batchSize+2*chunk))
	}
	in.kept = append(b.text[:0], text[size:]...)
	b.text, b.base, b.line, b.column = text[:size], in.base, in.line, in.column
	if b.skim.ascii && len(b.elements) > 0 && len(text) > 0 {
		in.line, in.column = advanceASCII(in.line, in.column, b.text)
	} else {
		in.line, in.column = advance(in.line, in.column, b.text)
	}
	in.base, in.needed, in.given = end, end, max(0, in.given-size)
}

// advanceASCII is advance for text that is ASCII.
func advanceASCII(line, column int, text []byte) (int, int) {
	if n := bytes.Count(text, []byte{'\n'}); n > 0 {
		return line + n, len(text) - bytes.LastIndexByte(text, '\n')
	}
	return line, column + len(text)
}

// Len returns how many elements the batch holds.
func (b *Batch) Len() int { return len(b.elements) }

// Raw returns the i-th element.
func (b *Batch) Raw(i int) Raw {
	e := b.elements[i]
	last := len(b.skim.nodes)
	if i+1 < len(b.elements) {
		last = b.elements[i+1].first
	}
	text := b.text[e.start-b.base : e.end-b.base]
	return Raw{unsafe.String(unsafe.SliceData(text), len(text)), e.start, b.skim.nodes[e.first:last], e.err}
}

// Position returns the line and the column, both from 1, the column in characters,
// of an offset in the batch.
func (b *Batch) Position(offset int64) (line, column int) {
	return advance(b.line, b.column, b.text[:max(0, min(int(offset-b.base), len(b.text)))])
}

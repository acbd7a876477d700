package jsonpos

import "unsafe"

// Batch is a run of elements of a list, with memory of its own: a Decoder that
// fills one may fill another while this one is looked at. The zero value is ready;
// filling it again reuses its memory.
type Batch struct {
	text         []byte // from the first element to the end of the last
	base         int64  // where text begins
	line, column int    // of base
	values       []span
}

type span struct{ start, end int64 }

// batchSize is about how many bytes of text a Batch holds.
const batchSize = 64 << 10

// Raw is one value that a Decoder read whole, in memory that is used again: a Raw,
// and every string taken from a Tree of it, lives as long as its Batch is not
// filled again.
type Raw struct {
	text  string
	Start int64 // the offset at which it begins
}

// Batch fills b with the next elements of the list that was begun, whole, and
// reports whether there may be more. Behind the last one it reads the end of the
// list. On an error b holds the elements before it.
func (d *Decoder) Batch(b *Batch) (more bool, err error) {
	b.text, b.values = b.text[:0], b.values[:0]
	if d.err != nil {
		return false, d.err
	}
	begin := d.Offset()
	d.text.need(begin)
	for d.Offset()-begin < batchSize {
		end := d.Offset()
		d.text.needed = end // what is before may not be forgotten yet
		if kind := kindOf(d.dec.PeekKind()); kind == 0 || kind == EndArray {
			d.keep(b)
			_, err := d.Token() // says why there is no kind
			return false, err
		}
		value, err := d.dec.ReadValue()
		if err != nil {
			d.keep(b)
			return false, d.fail(err, end)
		}
		b.values = append(b.values, span{d.Offset() - int64(len(value)), d.Offset()})
	}
	d.keep(b)
	return true, nil
}

// keep copies the text of a batch's elements into it.
func (d *Decoder) keep(b *Batch) {
	if len(b.values) == 0 {
		return
	}
	b.base = b.values[0].start
	b.line, b.column = d.text.position(b.base)
	b.text = append(b.text, d.text.kept[b.base-d.text.base:b.values[len(b.values)-1].end-d.text.base]...)
}

// Len returns how many elements the batch holds.
func (b *Batch) Len() int { return len(b.values) }

// Raw returns the i-th element.
func (b *Batch) Raw(i int) Raw {
	v := b.values[i]
	text := b.text[v.start-b.base : v.end-b.base]
	return Raw{unsafe.String(unsafe.SliceData(text), len(text)), v.start}
}

// Position returns the line and the column, both from 1, the column in characters,
// of an offset in the batch.
func (b *Batch) Position(offset int64) (line, column int) {
	return advance(b.line, b.column, b.text[:max(0, min(int(offset-b.base), len(b.text)))])
}

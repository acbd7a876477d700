package source

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"

// batches hands the elements of the list that was begun to read, in order. A list
// that is longer than one batch is decoded ahead, on another core: decoding takes
// as long as all that is made of what was decoded.
func (f *file) batches(read func(*jsonpos.Batch)) error {
	first := new(jsonpos.Batch)
	more, err := f.dec.Batch(first)
	read(first)
	if !more {
		return err
	}
	// Neither channel ever blocks who sends.
	empty, full := make(chan *jsonpos.Batch, 3), make(chan *jsonpos.Batch, 3)
	empty <- first
	empty <- new(jsonpos.Batch)
	empty <- new(jsonpos.Batch)
	go func() {
		defer close(full)
		for more := true; more; {
			b := <-empty
			more, err = f.dec.Batch(b)
			full <- b
		}
	}()
	for b := range full {
		read(b)
		empty <- b
	}
	return err
}

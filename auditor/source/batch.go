package source

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"

// batches hands the elements of the list that was begun to read, in order. A list
// that is longer than one batch is decoded ahead, on another core: decoding takes
// as long as all that is made of what was decoded.
func (f *file) batches(read func(*jsonpos.Batch)) error {
	more, err := f.dec.Batch(&f.ahead[0])
	read(&f.ahead[0])
	if !more {
		return err
	}
	// Neither channel ever blocks who sends.
	empty, full := make(chan *jsonpos.Batch, len(f.ahead)), make(chan *jsonpos.Batch, len(f.ahead))
	for i := range f.ahead {
		empty <- &f.ahead[i]
	}
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

package source

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// spellings remembers what was made of documents as files spell them. Nearly every
// document of an account occurs many times, and finding it costs a look where
// decoding it and laying it out would cost more than all else.
type spellings struct {
	documents map[string]*inventory.Document
	size      int
}

// mostSpellings bounds the memory for spellings in bytes; what is beyond is decoded
// each time.
const mostSpellings = 64 << 20

// of returns the document that a spelling was found to be, nil for a new one.
func (s *spellings) of(spelling string) *inventory.Document { return s.documents[spelling] }

// keep remembers a copy of a spelling.
func (s *spellings) keep(spelling string, d *inventory.Document) {
	if s.size += len(spelling); s.size > mostSpellings {
		return
	}
	if s.documents == nil {
		s.documents = map[string]*inventory.Document{}
	}
	s.documents[strings.Clone(spelling)] = d
}

// lexicon shares the memory of texts that many entities hold: names of policies,
// ARNs of managed ones, tags.
type lexicon map[string]string

// mostWords bounds the memory for words; rarer ones get memory of their own.
const mostWords = 1 << 14

// keep returns a copy of text, the same for the same text.
func (w lexicon) keep(text string) string {
	if known, ok := w[text]; ok {
		return known
	}
	text = strings.Clone(text)
	if len(w) < mostWords {
		w[text] = text
	}
	return text
}

// lists shares the lists that many entities hold: the same managed policies attached,
// the same tags, one inline policy. What a list was found to be stands under its
// spelling.
type lists[T any] struct {
	known map[string][]T
	size  int
}

// mostLists bounds the memory for the spellings of one sort of list in bytes.
const mostLists = 8 << 20

// shared returns the list that v holds, read by read where none was spelt so before.
// One in which something is not as it should be is read each time, for its gaps.
func shared[T any](l *lists[T], e element, v jsonpos.Value, read func(element, jsonpos.Value) []T) []T {
	spelling := v.Raw()
	if list, ok := l.known[spelling]; ok {
		return list
	}
	gaps := len(e.page.gaps)
	list := read(e, v)
	if len(e.page.gaps) > gaps {
		return list
	}
	if l.size += len(spelling); l.size > mostLists {
		return list
	}
	if l.known == nil {
		l.known = map[string][]T{}
	}
	l.known[strings.Clone(spelling)] = list
	return list
}

// slab hands out the memory of many small things in few pieces, each twice the one
// before.
type slab[T any] struct {
	free  []T
	piece int
}

// one returns a zero T.
func (s *slab[T]) one() *T { return &s.list(1)[:1][0] }

// list returns an empty list with room for n elements and no more; nil for none.
func (s *slab[T]) list(n int) []T {
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		s.piece = max(4, n, min(2*s.piece, 256))
		s.free = make([]T, s.piece)
	}
	list := s.free[:0:n]
	s.free = s.free[n:]
	return list
}

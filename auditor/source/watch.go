package source

import (
	"bytes"
	"io"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// watch sees the bytes of a file as they are read. It keeps them while the file
// may still turn out to be a policy document, which is parsed whole, and notes
// what decides whether a file that is no JSON can be passed over.
type watch struct {
	stream    io.Reader
	kept      []byte
	dropped   bool
	seen      int    // bytes looked at for binary
	tail      []byte // the end of what was written, for a word that is cut in two
	statement bool   // the word "Statement" occurs
	binary    bool   // a NUL stands near the beginning, as in no text
}

// binaryHead is how far a NUL marks a file as binary, as in git.
const binaryHead = 8000

// statementWords is the word in the encodings that a policy may have.
var statementWords = [][]byte{[]byte(`"Statement"`), inUTF16(`"Statement"`, 0, 1), inUTF16(`"Statement"`, 1, 0)}

// inUTF16 spells ASCII text in UTF-16; low and high say where its bytes stand.
func inUTF16(text string, low, high int) []byte {
	wide := make([]byte, 2*len(text))
	for i := range len(text) {
		wide[2*i+low], wide[2*i+high] = text[i], 0
	}
	return wide
}

// Read reads the file.
func (w *watch) Read(p []byte) (int, error) {
	n, err := w.stream.Read(p)
	if n > 0 && !w.dropped {
		w.see(p[:n])
	}
	return n, err
}

func (w *watch) see(p []byte) {
	// One byte more than a document may have lets the parser refuse it.
	w.kept = append(w.kept, p[:min(len(p), policy.MaxSize+1-len(w.kept))]...)
	if !w.statement {
		w.look(p)
	}
	if w.seen == 0 && len(p) > 1 && (p[0] == 0xff && p[1] == 0xfe || p[0] == 0xfe && p[1] == 0xff) {
		w.seen = binaryHead // UTF-16 has NULs
	}
	if head := p[:max(0, min(len(p), binaryHead-w.seen))]; bytes.IndexByte(head, 0) >= 0 {
		w.binary = true
	}
	w.seen += len(p)
}

func (w *watch) look(p []byte) {
	longest := len(statementWords[1]) - 1
	text := append(w.tail, p...)
	for _, word := range statementWords {
		w.statement = w.statement || bytes.Contains(text, word)
	}
	w.tail = append(w.tail[:0], text[max(0, len(text)-longest):]...)
}

// drop ends the watch: the file is what it was recognised as.
func (w *watch) drop() { w.kept, w.tail, w.dropped = nil, nil, true }

// Package jsonpos reads JSON that knows its offsets. Parse turns one value into
// a tree whose every node says which bytes it came from, duplicate names kept in
// order; Decoder reads a stream of any length with bounded memory; Pointer names
// the element at an offset.
//
// It is the only package that imports a JSON tokenizer, so what counts as JSON is
// decided here once: RFC 8259 in UTF-8, duplicate names allowed, at most MaxDepth
// levels deep.
package jsonpos

//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What is no file, such as a pipe or a device, is written to and stays what it
// is. The test has a pipe of its own: it must never be a device of the machine,
// which a mistake in the code would replace.
func TestWriteFileWritesToPipes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	// Open for both ends, so that neither waits for the other.
	pipe, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if err := writeFile(path, []byte("result")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("the pipe was replaced: %v", info.Mode())
	}
	text := make([]byte, 16)
	if n, err := pipe.Read(text); string(text[:n]) != "result" || err != nil {
		t.Errorf("read %q, %v", text[:n], err)
	}
}

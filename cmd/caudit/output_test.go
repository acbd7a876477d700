package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever stood there, the file holds the new text, keeps its mode, and no
// other file is left behind.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	private, link := filepath.Join(dir, "private"), filepath.Join(dir, "link")
	if err := os.WriteFile(private, []byte("a longer text than the new one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("private", link); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(private); string(text) != "new" || err != nil {
		t.Errorf("the file the link leads to holds %q, %v", text, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info, err)
	}
	if info, err := os.Stat(private); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode changed: %v, %v", info, err)
	}
	if err := writeFile(dir, []byte("x")); err == nil {
		t.Error("a folder was written to")
	}
	if err := writeFile(filepath.Join(dir, "none", "x"), []byte("x")); err == nil {
		t.Error("a file was written into a folder that is not there")
	}
	if entries, err := os.ReadDir(dir); len(entries) != 2 || err != nil {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// Only work that takes long is announced, and the line is taken away.
func TestAnnounce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for work, want := range map[time.Duration]string{patience / 2: "", 2 * patience: "reading…\r\x1b[K"} {
			var out bytes.Buffer
			done := announce(&out, "reading", patience)
			time.Sleep(work)
			done()
			time.Sleep(3 * patience)
			if out.String() != want {
				t.Errorf("work of %v: %q, want %q", work, &out, want)
			}
		}
	})
}

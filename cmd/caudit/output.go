package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

// write writes a result to the file, or to standard output when path is empty
// or "-". A reader that closed its end of the pipe has seen enough: that is no
// error.
func (p *program) write(path string, data []byte) error {
	if path != "" && path != "-" {
		if err := writeFile(path, data); err != nil {
			return fmt.Errorf("write result: %w", err)
		}
		return nil
	}
	if _, err := p.stdout.Write(data); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, io.ErrClosedPipe) {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// inputs returns what a command was told to read: its arguments, and the files of
// --account and --config. A baseline may be replaced by the result it was compared
// with.
func inputs(given *pflag.FlagSet, args []string) []string {
	paths := slices.Clone(args)
	for _, name := range []string{"account", "config"} {
		switch flag := given.Lookup(name); {
		case flag == nil:
		case flag.Value.Type() == "string":
			paths = append(paths, flag.Value.String())
		default:
			more, _ := given.GetStringSlice(name)
			paths = append(paths, more...)
		}
	}
	return paths
}

// writable reports an error for a path that no result can be written to, or that is
// one of the inputs. Asked before the work: reading an account may take an hour.
func writable(path string, inputs []string) error {
	if path == "" || path == "-" {
		return nil
	}
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return wrongUsage("--output: "+quote(path)+" is a folder", "name a file in it")
		}
		for _, input := range inputs {
			if other, err := os.Stat(input); err == nil && info.Mode().IsRegular() && os.SameFile(info, other) {
				return wrongUsage("--output: "+quote(path)+" is an input, and would be written over", "name another file")
			}
		}
		return nil
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return wrongUsage("--output: "+quote(folder)+" is no folder", "make it first")
	}
	return nil
}

// writeFile puts data in place of what the file holds, in one step: whoever
// reads it finds the old text or the new one, never a part. A device or a pipe
// cannot be replaced and is written to.
func writeFile(path string, data []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(path, data, mode)
		}
		mode = info.Mode().Perm()
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// terminal reports whether a person looks at w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// patience is how long work may take before it is worth a line.
const patience = time.Second

// progress says on a terminal what takes long; done takes the line away again.
func (p *program) progress(s settings, what string) (done func()) {
	if s.quiet || p.notices.json || !terminal(p.notices.w) {
		return func() {}
	}
	return announce(p.notices.w, what, patience)
}

// announce writes what to w if done is not called within the time.
func announce(w io.Writer, what string, after time.Duration) (done func()) {
	var mu sync.Mutex
	said, over := false, false
	timer := time.AfterFunc(after, func() {
		mu.Lock()
		defer mu.Unlock()
		if !over {
			said = true
			fmt.Fprintf(w, "%s…", what)
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		if over = true; said {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// standardInput is the path that means Stdin, and its subject id.
const standardInput = "-"

// target is one file to read.
type target struct {
	path  string // as the inventory spells it
	named bool   // by the user, not found by walking
	open  func() (io.ReadCloser, error)
}

// targets lists the files to read, each once: the named ones, then those found by
// walking the named directories.
func (r *reader) targets() []target {
	var named, found []target
	for _, path := range r.opt.Paths {
		if path == standardInput {
			named = append(named, target{standardInput, true, r.stdin})
			continue
		}
		place := r.place(path)
		info, err := os.Stat(place)
		switch {
		case err != nil:
			r.fail(r.shown(path), cause(err), err)
		case info.IsDir():
			for _, file := range r.walk(place) {
				found = append(found, target{r.shown(file), false, opener(file)})
			}
		default:
			named = append(named, target{r.shown(path), true, opener(place)})
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(append(named, found...), func(t target) bool {
		again := seen[t.path]
		seen[t.path] = true
		return again
	})
}

func (r *reader) stdin() (io.ReadCloser, error) {
	if r.opt.Stdin == nil {
		return nil, errors.New("there is no standard input (expected a pipe or a file)")
	}
	return io.NopCloser(r.opt.Stdin), nil
}

func opener(place string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return os.Open(place) }
}

// place returns where a path the user wrote is found.
func (r *reader) place(path string) string {
	if r.opt.Dir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.opt.Dir, path)
}

// shown returns a path as the inventory spells it: with slashes, relative to the
// working directory.
func (r *reader) shown(path string) string {
	if r.opt.Dir != "" && filepath.IsAbs(path) {
		if relative, err := filepath.Rel(r.opt.Dir, path); err == nil {
			path = relative
		}
	}
	return filepath.ToSlash(filepath.Clean(path))
}

// versionControl are directories whose files are copies and histories of others.
var versionControl = []string{".git", ".hg", ".svn"}

// walk returns the regular files below a directory in order of names, and the
// links to files that are not below it. What cannot be listed below it is a gap;
// the directory itself was named, so it is an error.
func (r *reader) walk(dir string) []string {
	if _, err := os.ReadDir(dir); err != nil {
		r.fail(r.shown(dir), "list directory: "+cause(err), err)
		return nil
	}
	var files, links []string
	r.list(dir, &files, &links)
	if len(links) == 0 {
		return files
	}
	real := map[string]bool{}
	for _, file := range files {
		if resolved, err := filepath.EvalSymlinks(file); err == nil {
			real[resolved] = true
		}
	}
	for _, link := range links {
		resolved, err := filepath.EvalSymlinks(link)
		if err != nil || !real[resolved] { // a link that cannot be resolved says why when it is opened
			files = append(files, link)
			real[resolved] = true
		}
	}
	slices.Sort(files)
	return files
}

func (r *reader) list(dir string, files, links *[]string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.builder.AddGap(inventory.Gap{Where: r.shown(dir), Reason: "list directory: " + cause(err)})
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		switch {
		case entry.IsDir() && !slices.Contains(versionControl, entry.Name()):
			r.list(path, files, links)
		case entry.Type().IsRegular() && hollow(entry):
			r.builder.AddForeign()
		case entry.Type().IsRegular():
			*files = append(*files, path)
		case entry.Type()&fs.ModeSymlink != 0:
			// Following links to directories could leave the tree or never end.
			// What a link leads to and may not be seen says so when it is opened.
			info, err := os.Stat(path)
			if err == nil && info.Mode().IsRegular() || errors.Is(err, fs.ErrPermission) {
				*links = append(*links, path)
			}
		}
	}
}

// hollow reports whether a file found in a folder holds nothing. It is not opened:
// the files of /proc say that they hold nothing, and some can be read for ever.
func hollow(entry fs.DirEntry) bool {
	info, err := entry.Info()
	return err == nil && info.Size() == 0
}

// cause is what went wrong without the path, which the message names already.
func cause(err error) string {
	if failure, ok := errors.AsType[*fs.PathError](err); ok {
		return failure.Err.Error()
	}
	return err.Error()
}

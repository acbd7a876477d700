package house

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// What a Lambda's binary may weigh: its cold start is paid by every sweep.
const (
	maxBinary = 11 << 20
	maxZipped = 4 << 20
)

// unlinked are the packages that a Lambda's binary links nothing of: what only
// the command needs, reflection-heavy templates (they keep the linker from
// dropping unused methods), and the RPC server of a runtime that AWS retired.
var unlinked = []string{
	"github.com/spf13", "github.com/jedib0t", "github.com/owenrumney/go-sarif", "github.com/hashicorp/terraform-json",
	"github.com/rogpeppe", "go.yaml.in/yaml", "text/template", "html/template", "net/rpc", "testing",
}

// heavy returns the packages among deps, one a line, that a Lambda must not link.
func heavy(binary, deps string) []string {
	var wrong []string
	for _, dep := range strings.Fields(deps) {
		for _, top := range unlinked {
			if within(dep, top) {
				wrong = append(wrong, fmt.Sprintf("%s links %s", binary, dep))
			}
		}
	}
	return wrong
}

// lambdas returns the folders of the functions: functions/change and so on.
func lambdas(t *testing.T) []string {
	t.Helper()
	var folders []string
	for _, f := range goFiles(t) {
		if within(f.folder(), "functions") && path.Base(f.path) == "main.go" && !strings.Contains(f.path, "/internal/") {
			folders = append(folders, f.folder())
		}
	}
	if len(folders) == 0 {
		t.Fatal("no functions/<name>/main.go found")
	}
	return folders
}

// goTool runs the go command in the repository's root, for the machine that
// runs the Lambdas.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

func TestLambdasLinkLittle(t *testing.T) {
	for _, folder := range lambdas(t) {
		report(t, heavy(folder, goTool(t, "list", "-deps", "-tags", "lambda.norpc,nethttpomithttp2", "./"+folder)))
	}
}

func TestHeavyBinaryIsSeen(t *testing.T) {
	expect(t, heavy("functions/scan", "fmt\ntext/tabwriter\nencoding/json\n"))
	expect(t, heavy("functions/scan", "fmt\ntext/template\ntext/template/parse\ngithub.com/spf13/cobra\ngo.yaml.in/yaml/v4\n"),
		"functions/scan links text/template",
		"functions/scan links text/template/parse",
		"functions/scan links github.com/spf13/cobra",
		"functions/scan links go.yaml.in/yaml/v4",
	)
}

// fat says whether a binary, or its zip, is larger than it may be.
func fat(binary string, size, zipped int64) []string {
	var wrong []string
	if size > maxBinary {
		wrong = append(wrong, fmt.Sprintf("%s: %d bytes, at most %d", binary, size, maxBinary))
	}
	if zipped > maxZipped {
		wrong = append(wrong, fmt.Sprintf("%s: %d bytes zipped, at most %d", binary, zipped, maxZipped))
	}
	return wrong
}

func TestLambdasAreSmall(t *testing.T) {
	for _, folder := range lambdas(t) {
		bootstrap := filepath.Join(t.TempDir(), "bootstrap")
		goTool(t, "build", "-trimpath", "-tags", "lambda.norpc,nethttpomithttp2", "-ldflags", "-s -w",
			"-gcflags", "net/...=-l", "-gcflags", "crypto/...=-l", "-gcflags", "vendor/...=-l", "-gcflags", "github.com/aws/...=-l",
			"-gcflags", "bufio=-l", "-gcflags", "compress/...=-l", "-gcflags", "context=-l", "-gcflags", "encoding/...=-l", "-gcflags", "fmt=-l", "-gcflags", "log/...=-l",
			"-gcflags", "math/big=-l", "-gcflags", "mime/...=-l", "-gcflags", "os/...=-l", "-gcflags", "reflect=-l", "-gcflags", "regexp/...=-l", "-gcflags", "time=-l", "-o", bootstrap, "./"+folder)
		info, err := os.Stat(bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		zipped := zipSize(t, bootstrap)
		t.Logf("%s: %d bytes, %d zipped", folder, info.Size(), zipped)
		report(t, fat(folder, info.Size(), zipped))
	}
}

func TestFatBinaryIsSeen(t *testing.T) {
	expect(t, fat("functions/scan", maxBinary, maxZipped))
	expect(t, fat("functions/scan", maxBinary+1, maxZipped+1),
		fmt.Sprintf("functions/scan: %d bytes, at most %d", maxBinary+1, maxBinary), fmt.Sprintf("functions/scan: %d bytes zipped, at most %d", maxZipped+1, maxZipped))
}

// zipSize returns how large the file is in an archive such as SAM uploads.
func zipSize(t *testing.T, name string) int64 {
	t.Helper()
	var written counter
	archive := zip.NewWriter(&written)
	entry, err := archive.Create(filepath.Base(name))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := io.Copy(entry, file); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return int64(written)
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

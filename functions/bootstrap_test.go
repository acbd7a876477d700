// Package functions tests the Lambdas as they are deployed: as compiled
// binaries, under a Runtime API, alone and against the services around them.
package functions

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/runtimeapi"
)

// binaries is where TestMain puts <function>/bootstrap, built as for Lambda but
// for the processor at hand.
var binaries string

func TestMain(m *testing.M) {
	status, err := withBinaries(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func withBinaries(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "functions")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	binaries = dir
	for _, name := range []string{"change", "dispatch", "scan"} {
		if err := compile("./"+name, filepath.Join(dir, name, "bootstrap")); err != nil {
			return 0, err
		}
	}
	return run(), nil
}

// compile builds a function as for Lambda, but for the processor at hand.
func compile(folder, to string) error {
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc,nethttpomithttp2", "-ldflags", "-s -w",
		"-gcflags", "net/...=-l", "-gcflags", "crypto/...=-l", "-gcflags", "vendor/...=-l", "-gcflags", "github.com/aws/...=-l",
		"-gcflags", "bufio=-l", "-gcflags", "compress/...=-l", "-gcflags", "context=-l", "-gcflags", "encoding/...=-l", "-gcflags", "fmt=-l", "-gcflags", "log/...=-l",
		"-gcflags", "math/big=-l", "-gcflags", "mime/...=-l", "-gcflags", "os/...=-l", "-gcflags", "reflect=-l", "-gcflags", "regexp/...=-l", "-gcflags", "time=-l",
		"-o", to, folder)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", folder, err, out)
	}
	return nil
}

// start starts a function, which is stopped when the test ends.
func start(t testing.TB, name string, environment map[string]string) *runtimeapi.Function {
	t.Helper()
	f, err := runtimeapi.Start(filepath.Join(binaries, name, "bootstrap"), environment)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s logged:\n%s", name, f.Stderr())
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// invoke hands the payload to the function, which must not fail.
func invoke(t *testing.T, f *runtimeapi.Function, payload []byte) []byte {
	t.Helper()
	out := f.Invoke(payload, time.Minute)
	if out.Err != nil {
		t.Fatalf("the function failed: %v", out.Err)
	}
	return out.Response
}

// recorded returns a payload of events/.
func recorded(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "events", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// event is what a test asks about an event that the functions publish.
type event struct {
	Source     string `json:"source"`
	DetailType string `json:"detail-type"`
	Detail     struct {
		Metadata struct {
			ID      string `json:"id"`
			Account string `json:"account"`
			Trigger struct {
				Kind      string `json:"kind"`
				EventName string `json:"eventName"`
				Actor     string `json:"actor"`
			} `json:"trigger"`
		} `json:"metadata"`
		Data struct {
			Edge        int    `json:"edge"`
			Status      string `json:"status"`
			Change      string `json:"change"`
			Provisional bool   `json:"provisional"`
			Finding     struct {
				ID       string `json:"id"`
				Rule     string `json:"rule"`
				Severity string `json:"severity"`
				Subject  struct {
					ID string `json:"id"`
				} `json:"subject"`
				Affected []string          `json:"affected"`
				Witness  []json.RawMessage `json:"witness"`
			} `json:"finding"`
			Counts map[string]int    `json:"counts"`
			Gaps   []json.RawMessage `json:"gaps"`
		} `json:"data"`
	} `json:"detail"`
}

func (e event) String() string {
	d := e.Detail.Data
	return fmt.Sprintf("%s %s, provisional %t, %s about %s, %d requests as witness",
		d.Status, d.Change, d.Provisional, d.Finding.Rule, d.Finding.Subject.ID, len(d.Finding.Witness))
}

func decodeEvent(t *testing.T, text string) event {
	t.Helper()
	var e event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("no event: %v\n%s", err, text)
	}
	if e.Source != "codeartifact-auditor" || !strings.HasPrefix(e.DetailType, "CodeArtifact Audit ") || e.Detail.Metadata.ID == "" {
		t.Fatalf("not an event of ours: %s", text)
	}
	return e
}

package collecttest

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// StartMoto starts moto, which plays the AWS services but for CodeArtifact, and
// returns its address. It is gone when the test ends. All callers are of the
// account; if it is empty, those that assumed a role are of the role's account.
// moto is one of the tools that make test installs into .venv at the top of the
// repository.
func StartMoto(t *testing.T, account string) (url string) {
	t.Helper()
	server := moto(t)
	address := FreeAddress(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "moto.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(server, "-H", host, "-p", port)
	if account != "" {
		cmd.Env = append(os.Environ(), "MOTO_ACCOUNT_ID="+account)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, when all is well
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if text, err := os.ReadFile(log.Name()); t.Failed() && err == nil {
			t.Logf("moto said:\n%s", tail(string(text), 60))
		}
	})
	url = "http://" + address
	await(t, url, ended)
	return url
}

// moto finds the server in the environment at the top of the repository.
func moto(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for top := dir; ; top = filepath.Dir(top) {
		if _, err := os.Stat(filepath.Join(top, "go.mod")); err == nil {
			server := filepath.Join(top, ".venv", "bin", "moto_server")
			if _, err := os.Stat(server); err != nil {
				t.Fatalf("%v\nhint: make test installs it", err)
			}
			return server
		}
		if top == filepath.Dir(top) {
			t.Fatalf("%s is in no module", dir)
		}
	}
}

// FreeAddress returns an address that nobody listens on.
func FreeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// await waits until moto answers. It imports a great deal first.
func await(t *testing.T, url string, ended <-chan struct{}) {
	t.Helper()
	giveUp := time.After(2 * time.Minute)
	for {
		response, err := http.Get(url + "/moto-api/data.json")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ended:
			t.Fatal("moto ended before it answered")
		case <-giveUp:
			t.Fatalf("moto does not answer: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func tail(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// doorbell counts who asks for the network: whatever a program does with the usual
// settings of proxies and of AWS leads to it.
type doorbell struct {
	rings atomic.Int64
	env   []string
}

func newDoorbell(t *testing.T) *doorbell {
	t.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Close() })
	d := &doorbell{}
	go func() {
		for {
			guest, err := door.Accept()
			if err != nil {
				return
			}
			d.rings.Add(1)
			guest.Close()
		}
	}()
	here := "http://" + door.Addr().String()
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
		d.env = append(d.env, name+"="+here)
	}
	d.env = append(d.env, "AWS_ACCESS_KEY_ID=example", "AWS_SECRET_ACCESS_KEY=example", "AWS_REGION=eu-west-1", "AWS_MAX_ATTEMPTS=1", "TABLE_NAME=none")
	return d
}

// command returns a run of the program as its users have it.
func (d *doorbell) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args = append([]string{"caudit"}, args...)
	cmd.Env = append(os.Environ(), d.env...)
	return cmd
}

// TestWorksOffline runs whatever judges, shows and explains beside a network that
// notes who comes, and then a command that has to come.
func TestWorksOffline(t *testing.T) {
	d := newDoorbell(t)
	result := filepath.Join(t.TempDir(), "result.json")
	const account, policy = "../../events/account.json", "../../docs/formats/team.json"
	for _, args := range [][]string{
		{"scan", policy, account},
		{"scan", "--format", "sarif", account},
		{"demo"},
		{"demo", "--format", "json", "-o", result},
		{"render", result, "--format", "html"},
		{"render", result, "--baseline", result},
		{"fix", policy},
		{"rules"},
		{"explain", "grant/full-access"},
		{"version"},
		{"permissions"},
		{"completion", "bash"},
		{"account", "--dry-run"},
		{"who-can", "--account", account, "codeartifact:DeleteDomain"},
		{"why", "--account", account, "role/artifact-admin", "codeartifact:ListDomains"},
		{"invoke", "../../events/put-role-policy.json", "--account", account},
	} {
		cmd := d.command(t, args...)
		_ = cmd.Run() // the status tells
		if status := cmd.ProcessState.ExitCode(); status < 0 || status == statusWrong {
			t.Errorf("caudit %s: status %d", strings.Join(args, " "), status)
		}
		if n := d.rings.Swap(0); n > 0 {
			t.Errorf("caudit %s asked for the network %d times", strings.Join(args, " "), n)
		}
	}
	asking := d.command(t, "account", "--quiet")
	if err := asking.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1_000 { // it tries again and again; once is enough
		if d.rings.Load() > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = asking.Process.Kill()
	_ = asking.Wait()
	if d.rings.Load() == 0 {
		t.Error("caudit account did not ask for the network: the doorbell is broken")
	}
}

// TestThousandsOfFiles: a repository of policies is audited as one file is.
func TestThousandsOfFiles(t *testing.T) {
	const files, wide = 5_000, 50
	root := t.TempDir()
	for i := range files {
		action := "codeartifact:ListPackages"
		if i%(files/wide) == 0 {
			action = "codeartifact:*"
		}
		folder := filepath.Join(root, fmt.Sprint(i%40), "deep")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": %q, "Resource": "*"}}`, action)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.json", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr bytes.Buffer
	if got := Main([]string{"scan", "--rule", "grant/full-access", root}, strings.NewReader(""), &stdout, &stderr); got != statusFound {
		t.Errorf("status %d: %s", got, &stderr)
	}
	for _, want := range []string{fmt.Sprintf("\n%d findings (%d high)\n", wide, wide), fmt.Sprintf("looked at: %d policies, %d statements", files, files)} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in the end of\n%s", want, stdout.String()[max(0, stdout.Len()-500):])
		}
	}
}

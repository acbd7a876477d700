package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/collecttest"
)

const (
	ours   = "111122223333"
	theirs = "444455556666"
)

// run runs the program in this process.
func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, wrong bytes.Buffer
	status = Main(args, strings.NewReader(""), &out, &wrong)
	return status, out.String(), wrong.String()
}

// startAccount plays an account: moto, with a role that may do too much, and
// CodeArtifact, with an open domain in one Region and a shared one in another.
// Every caller is of the account all, unless it is empty.
func startAccount(t *testing.T, all string) *collecttest.CodeArtifact {
	t.Helper()
	url := collecttest.StartMoto(t, all)
	packages := &collecttest.CodeArtifact{
		Account: ours, PageSize: 2,
		Domains: []collecttest.Domain{
			{Region: "eu-west-1", Owner: ours, Name: "shop", Policy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"codeartifact:ReadFromRepository","Resource":"*"}}`},
			{Region: "us-east-1", Owner: ours, Name: "lab"},
			{Region: "us-east-1", Owner: theirs, Name: "shared", Policy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"codeartifact:DescribeDomain","Resource":"*"}}`},
		},
	}
	for _, name := range []string{"app", "cache", "store"} {
		packages.Repositories = append(packages.Repositories, collecttest.Repository{Region: "eu-west-1", Owner: ours, Domain: "shop", Name: name, Administrator: ours})
	}
	packages.Repositories = append(packages.Repositories, collecttest.Repository{Region: "us-east-1", Owner: theirs, Domain: "shared", Name: "ours", Administrator: ours})
	server := httptest.NewServer(packages)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_CODEARTIFACT": server.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SESSION_TOKEN": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	settings := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""),
	}
	populate(t, settings)
	return packages
}

func populate(t *testing.T, settings aws.Config) {
	t.Helper()
	ctx := context.Background()
	users := iam.NewFromConfig(settings)
	trust := aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}}`)
	if _, err := users.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("ci"), AssumeRolePolicyDocument: trust}); err != nil {
		t.Fatal(err)
	}
	if _, err := users.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String("ci"), PolicyName: aws.String("packages"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"codeartifact:*","Resource":"*"}}`),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := organizations.NewFromConfig(settings).CreateOrganization(ctx, &organizations.CreateOrganizationInput{}); err != nil {
		t.Fatal(err)
	}
}

// TestAccountAndItsInventory: the live account, and the file that collect
// writes of it, are judged alike.
func TestAccountAndItsInventory(t *testing.T) {
	packages := startAccount(t, ours)
	at := []string{"--now", "2026-10-01T00:00:00Z", "--format", "json"}

	status, live, wrong := run(t, append([]string{"account"}, at...)...)
	if status != statusFound || wrong != "" {
		t.Fatalf("account: status %d, %s", status, wrong)
	}
	for _, call := range packages.Calls() {
		if name := strings.Fields(call)[1]; !strings.HasPrefix(name, "Get") && !strings.HasPrefix(name, "List") || strings.Contains(name, "Token") {
			t.Errorf("account calls %s", call)
		}
	}
	file := filepath.Join(t.TempDir(), "account.json")
	if status, _, wrong := run(t, "collect", "-o", file); status != statusOK || wrong != "" {
		t.Fatalf("collect: status %d, %s", status, wrong)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("wJalrXUtnFEMI")) || bytes.Contains(text, []byte("AKIAIOSFODNN7EXAMPLE")) {
		t.Error("the inventory holds credentials")
	}
	_, saved, _ := run(t, append([]string{"scan", file}, at...)...)
	a, b := resultOf(t, live), resultOf(t, saved)
	if len(a.Findings) < 2 || a.Coverage.Domains != 3 || a.Coverage.Repositories != 4 || len(a.Coverage.Scopes) != 15 || len(a.Gaps) != 0 {
		t.Errorf("%d findings, coverage %+v, gaps %v", len(a.Findings), a.Coverage, a.Gaps)
	}
	if !slices.ContainsFunc(a.Findings, func(f judged) bool { return f.Rule == "exposure/public" }) {
		t.Error("the open domain is not found")
	}
	for i := range b.Findings {
		b.Findings[i].Subject.Path = ""
		for j := range b.Findings[i].Grants {
			b.Findings[i].Grants[j].Path = ""
		}
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("the live account and its inventory differ (-live +file):\n%s", diff)
	}
}

// TestAccountOfAnotherByRole: the role's account is the one that is read.
func TestAccountOfAnotherByRole(t *testing.T) {
	packages := startAccount(t, "")
	packages.Account = theirs
	status, live, wrong := run(t, "account", "--role", "arn:aws:iam::"+theirs+":role/auditor", "--external-id", "x", "--format", "json", "--no-organization", "--region", "us-east-1")
	if status == statusWrong {
		t.Fatalf("account: %s", wrong)
	}
	r := resultOf(t, live)
	if len(r.Coverage.Scopes) != 2 || r.Coverage.Scopes[0].Account != theirs || r.Coverage.Domains != 1 || r.Coverage.Principals != 0 {
		t.Errorf("coverage %+v", r.Coverage)
	}
}

func TestIncompleteAccount(t *testing.T) {
	packages := startAccount(t, ours)
	tried := 0
	packages.Fault = func(call, region string) (int, string, string) {
		switch {
		case call == "GetDomainPermissionsPolicy" && region == "eu-west-1":
			return 403, "AccessDeniedException", "not authorized to perform: codeartifact:GetDomainPermissionsPolicy"
		case call == "ListDomains" && region == "us-east-1" && tried < 3:
			tried++
			return []int{429, 503, 1}[tried-1], "ThrottlingException", "Rate exceeded" // and then an answer that breaks off
		}
		return 0, "", ""
	}
	file := filepath.Join(t.TempDir(), "account.json")
	status, _, wrong := run(t, "collect", "-o", file, "--log-format", "json")
	if status != statusIncomplete || !strings.Contains(wrong, "GetDomainPermissionsPolicy of domain shop: AccessDeniedException") {
		t.Errorf("collect: status %d, %s", status, wrong)
	}
	if !strings.Contains(wrong, `"msg":"read"`) || tried != 3 {
		t.Errorf("no progress, or no retry (%d): %s", tried, wrong)
	}
	if status, out, _ := run(t, "scan", file, "--fail-on", "never"); status != statusIncomplete || strings.Contains(out, "clean") || !strings.Contains(out, "codeartifact in eu-west-1") {
		t.Errorf("scan of the file: status %d, %s", status, out)
	}
}

// judged and result are what the comparison looks at.
type judged struct {
	ID, Rule, Severity, Confidence, Message string
	Subject                                 struct{ Type, ID, Account, Path string }
	Affected, Absorbed                      []string
	Grants                                  []struct {
		Pointer, Path, Says string
		Line, Column        int
	}
	Witness []map[string]any
	Fixes   []map[string]any
}

type result struct {
	Coverage auditor.Coverage
	Findings []judged
	Gaps     []map[string]any
}

func resultOf(t *testing.T, text string) result {
	t.Helper()
	var r result
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return r
}

// An interrupt ends reading; no half of a file is left.
func TestAccountInterrupted(t *testing.T) {
	packages := startAccount(t, ours)
	var once sync.Once
	packages.Fault = func(string, string) (int, string, string) {
		once.Do(func() {
			if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
				t.Error(err)
			}
		})
		return 503, "ServiceUnavailable", "later"
	}
	dir := t.TempDir()
	status, _, wrong := run(t, "collect", "-o", filepath.Join(dir, "account.json"))
	if status != statusWrong || !strings.Contains(wrong, "interrupted") {
		t.Errorf("status %d, %s", status, wrong)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

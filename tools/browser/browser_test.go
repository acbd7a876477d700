// Package browser holds the HTML report against a real browser: headless Chromium
// opens it, uses it as a person would, and listens for what should not happen.
//
// CHROMIUM names the browser, chromium by default. Pictures of what was seen are
// left in .cache/browser at the top of the repository.
package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const top = "../.."

var caudit string // the command, built

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "browser")
	if err != nil {
		panic(err)
	}
	caudit = filepath.Join(dir, "caudit")
	build := exec.Command("go", "build", "-o", caudit, "./cmd/caudit")
	build.Dir, build.Stderr = top, os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// render writes a page with the command and returns its address.
func render(t *testing.T, stdin []byte, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	cmd := exec.Command(caudit, append(args, "--format", "html", "--fail-on", "never", "-o", file)...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	// A gap makes the status 3, and the page is there all the same.
	if err != nil && cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("caudit %q: %v\n%s", args, err, out)
	}
	return (&url.URL{Scheme: "file", Path: file}).String()
}

// tab is a page in the browser, and what was heard of it.
type tab struct {
	*testing.T
	ctx context.Context

	mu       sync.Mutex
	trouble  []string
	requests []string
}

// open starts a browser with one tab and does the actions first, then goes to the
// address.
func open(t *testing.T, address string, first ...chromedp.Action) *tab {
	t.Helper()
	browser := os.Getenv("CHROMIUM")
	if browser == "" {
		browser = "chromium"
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1100, 1400))
	allocated, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, cancel := chromedp.NewContext(allocated)
	bounded, timeout := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits for the browser's end
			t.Error(err)
		}
		timeout()
		cancel()
		stop()
	})
	p := &tab{T: t, ctx: bounded}
	chromedp.ListenTarget(bounded, p.hear)
	p.do(append([]chromedp.Action{network.Enable(), log.Enable(), runtime.Enable(), page.Enable()}, first...)...)
	p.do(chromedp.Navigate(address), chromedp.WaitReady("body"))
	return p
}

// hear takes note of errors on the console, violations of the content security
// policy, exceptions, dialogs, and requests for anything but the page.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.trouble = append(p.trouble, "exception: "+e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		p.trouble = append(p.trouble, fmt.Sprintf("console: %s %v", e.Type, e.Args))
	case *log.EventEntryAdded:
		p.trouble = append(p.trouble, fmt.Sprintf("log: %s %s", e.Entry.Source, e.Entry.Text))
	case *page.EventJavascriptDialogOpening:
		p.trouble = append(p.trouble, "dialog: "+e.Message)
		go func() { _ = chromedp.Run(p.ctx, page.HandleJavaScriptDialog(false)) }()
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

func (p *tab) do(actions ...chromedp.Action) {
	p.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.Fatal(err)
	}
}

// ask evaluates an expression and fails when it is not what is wanted.
func (p *tab) ask(expression string, want any) {
	p.Helper()
	var got any
	p.do(chromedp.Evaluate(expression, &got))
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) {
		p.Errorf("%s is %s, want %s", expression, a, b)
	}
}

// quiet fails when anything was heard that should not be.
func (p *tab) quiet() {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.trouble {
		p.Error(t)
	}
	for _, r := range p.requests {
		if !strings.HasPrefix(r, "file:") || !strings.HasSuffix(strings.SplitN(r, "#", 2)[0], "/report.html") {
			p.Errorf("request for %s", r)
		}
	}
	if len(p.requests) == 0 {
		p.Error("not even the page was asked for: nothing was listened to")
	}
}

// picture leaves a screenshot of what is in view for whoever wants to look.
func (p *tab) picture(name string) {
	p.Helper()
	var png []byte
	p.do(chromedp.CaptureScreenshot(&png))
	p.leave(name, png)
}

func (p *tab) leave(name string, data []byte) {
	p.Helper()
	dir := filepath.Join(top, ".cache", "browser")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		p.Fatal(err)
	}
}

const visible = `[...document.querySelectorAll("article")].filter(a => a.offsetParent !== null).length`

func TestPageOpens(t *testing.T) {
	p := open(t, render(t, nil, "demo"))
	p.ask(`document.title.startsWith("CodeArtifact audit: 23 findings")`, true)
	p.ask(`document.querySelectorAll("h1").length`, 1)
	p.ask(`document.querySelectorAll("svg path").length > 3`, true)
	p.ask(`getComputedStyle(document.querySelector("mark")).backgroundColor !== "rgba(0, 0, 0, 0)"`, true) // the style holds
	p.ask(visible, 23)
	p.picture("light.png")
	p.quiet()
}

func TestFilters(t *testing.T) {
	p := open(t, render(t, nil, "demo"))
	p.ask(`document.getElementById("shown").textContent`, "23 of 23 shown")
	p.do(chromedp.Click(`input[value=critical]`), chromedp.Click(`input[value=high]`))
	p.ask(visible, 12)
	p.ask(`document.getElementById("shown").textContent`, "12 of 23 shown")
	p.do(chromedp.SetValue(`select[name=rule]`, "token/misplaced"), chromedp.Evaluate(`document.querySelector("select[name=rule]").dispatchEvent(new Event("change", {bubbles: true}))`, nil))
	p.ask(visible, 1)
	p.do(chromedp.Click(`button[type=reset]`), chromedp.Sleep(50*time.Millisecond))
	p.ask(visible, 23)
	p.do(chromedp.SendKeys(`input[name=text]`, "LEGACY-jenkins"))
	p.ask(visible+` > 5`, true)
	p.ask(visible+` < 23`, true)
	p.do(chromedp.SendKeys(`input[name=text]`, " nowhere"))
	p.ask(visible, 0)
	p.quiet()
}

func TestLinksLead(t *testing.T) {
	address := render(t, nil, "demo")
	p := open(t, address)
	p.ask(`[...document.querySelectorAll("a[href^='#']")].filter(a => !document.getElementById(a.hash.slice(1))).length`, 0)
	p.ask(`[...document.querySelectorAll("a:not([href^='#'])")].filter(a => !a.href.startsWith("https://github.com/codeartifact-auditor/")).length`, 0)
	p.ask(`(() => { const ids = [...document.querySelectorAll("[id]")].map(e => e.id); return ids.length - new Set(ids).size })()`, 0)
	// A finding that is filtered away is shown to who follows a link to it.
	p.do(chromedp.Click(`input[value=critical]`))
	var id string
	p.do(chromedp.Evaluate(`document.querySelector("article.critical").id`, &id))
	p.ask(fmt.Sprintf(`document.getElementById(%q).offsetParent === null`, id), true)
	p.do(chromedp.Evaluate(`location.hash = "`+id+`"`, nil), chromedp.Sleep(100*time.Millisecond))
	p.ask(fmt.Sprintf(`document.getElementById(%q).offsetParent !== null`, id), true)
	p.quiet()
}

func TestKeyboard(t *testing.T) {
	p := open(t, render(t, nil, "demo"))
	p.do(chromedp.KeyEvent(kb.Tab))
	p.ask(`document.activeElement.className`, "skip")
	p.ask(`document.activeElement.getBoundingClientRect().left >= 0`, true)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.ask(`location.hash`, "#findings")
	p.do(chromedp.KeyEvent(kb.Tab))
	p.ask(`document.activeElement.name`, "severity")
	p.do(chromedp.KeyEvent(" "))
	p.ask(`document.getElementById("shown").textContent`, "20 of 23 shown")
	p.quiet()
}

func TestWithoutScript(t *testing.T) {
	p := open(t, render(t, nil, "demo"), emulation.SetScriptExecutionDisabled(true))
	p.ask(visible, 23)
	p.ask(`document.getElementById("filter").offsetParent === null`, true)
	p.ask(`document.querySelector("article .request").innerText.includes("may call")`, true)
	p.quiet()
}

// axe is the checker of Deque, which npm installed.
func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// violations returns what the checker finds in the page.
func (p *tab) violations() []string {
	p.Helper()
	var found []string
	p.do(chromedp.Evaluate(axe(p.T)+`; 0`, nil), chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => { d.open = true })`, nil),
		chromedp.Evaluate(`axe.run().then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 120) + " " + n.failureSummary)))`, &found,
			func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }))
	return found
}

// scheme has the page drawn light or dark.
func scheme(name string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}})
}

func TestAccessible(t *testing.T) {
	addresses := map[string]string{"demo": render(t, nil, "demo"), "everything": render(t, everything(t), "render", "-")}
	for name, address := range addresses {
		for _, s := range []string{"light", "dark"} {
			t.Run(name+" "+s, func(t *testing.T) {
				p := open(t, address, scheme(s))
				p.ask(`matchMedia("(prefers-color-scheme: dark)").matches`, s == "dark")
				for _, v := range p.violations() {
					t.Error(v)
				}
				p.picture(name + "-" + s + ".png")
			})
		}
	}
}

// The checker must find something in a page that is not accessible.
func TestCheckerSees(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(`<!DOCTYPE html><title>x</title><img src="data:,"><input>`), 0o644); err != nil {
		t.Fatal(err)
	}
	p := open(t, (&url.URL{Scheme: "file", Path: file}).String())
	if found := p.violations(); len(found) < 3 {
		t.Errorf("the checker finds only %q in a page without language, text and label", found)
	}
}

func TestPrintsAndFitsAPhone(t *testing.T) {
	p := open(t, render(t, nil, "demo"))
	var pdf []byte
	p.do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = page.PrintToPDF().WithPrintBackground(true).Do(ctx)
		return err
	}))
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 20_000 {
		t.Errorf("%d bytes of no PDF", len(pdf))
	}
	p.leave("print.pdf", pdf)
	p.ask(`document.querySelector(".scroll").scrollWidth <= document.querySelector(".scroll").clientWidth`, true) // the drawing fits a desk
	p.ask(`document.querySelectorAll("details:not([open])").length`, 0)                                           // on paper nothing is folded
	p.do(emulation.SetDeviceMetricsOverride(360, 740, 2, true), chromedp.Reload(), chromedp.WaitReady("body"))
	p.ask(`document.documentElement.scrollWidth <= 360`, true)
	p.picture("phone.png")
	p.quiet()
}

// On paper everything is black on white and unfolded, without a script too and
// whatever colours the screen has.
func TestPrintsWithoutScript(t *testing.T) {
	p := open(t, render(t, everything(t), "render", "-"), emulation.SetScriptExecutionDisabled(true),
		emulation.SetEmulatedMedia().WithMedia("print").WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
	p.ask(`[...document.querySelectorAll("details > :not(summary)")].filter(e => !e.checkVisibility({contentVisibilityAuto: true})).length`, 0)
	p.ask(`document.querySelectorAll("details > :not(summary)").length > 2`, true)
	p.ask(`[...document.querySelectorAll("h1, .badge, mark, td, a")].map(e => getComputedStyle(e).color).filter(c => c !== "rgb(0, 0, 0)").length`, 0)
	p.ask(`getComputedStyle(document.querySelector("article")).borderTopColor`, "rgb(187, 187, 187)")
	p.ask(`document.querySelector("nav").checkVisibility() || document.querySelector(".permalink").checkVisibility()`, false)
	p.quiet()
}

// A copy of a document in another account is found under that account.
func TestFiltersByAccount(t *testing.T) {
	p := open(t, render(t, everything(t), "render", "-"))
	p.ask(`[...document.querySelectorAll("select[name=account] option")].map(o => o.textContent)`, []string{"all", "111122223333", "444455556666"})
	p.ask(visible, 2)
	p.ask(`document.getElementById("shown").textContent`, "3 of 3 shown") // as many as the heading says
	p.do(chromedp.SetValue(`select[name=account]`, "444455556666"), chromedp.Evaluate(`document.querySelector("select[name=account]").dispatchEvent(new Event("change", {bubbles: true}))`, nil))
	p.ask(visible, 1)
	p.ask(`document.getElementById("shown").textContent`, "2 of 3 shown")
	p.ask(`document.querySelector("article:not([hidden])").textContent.includes("the copy")`, true)
	p.quiet()
}

// A fragment that names nothing does no harm.
func TestFragmentsOfOthers(t *testing.T) {
	address := render(t, nil, "demo")
	for _, fragment := range []string{"#%", "#nowhere", "#%E0%A4%A", "#summary"} {
		p := open(t, address+fragment)
		p.ask(visible, 23)
		p.quiet()
	}
}

// everything is a saved result that has every part of a page.
func everything(t *testing.T) []byte {
	t.Helper()
	one, copied, other, excepted := finding(1, "arn:aws:iam::111122223333:role/first"), finding(2, "arn:aws:iam::444455556666:role/the copy"),
		finding(3, "arn:aws:iam::111122223333:role/other"), finding(4, "arn:aws:iam::111122223333:role/excepted")
	copied["group"], copied["message"] = one["group"], one["message"]
	copied["subject"].(map[string]any)["account"] = "444455556666"
	excepted["exception"] = map[string]any{"reason": "seen", "owner": "platform@example.com", "expires": "2027-03-31", "ticket": "SEC-12"}
	text, err := json.Marshal(map[string]any{
		"schema": "caudit/result/1", "tool": map[string]any{"name": "caudit", "version": "v0", "data": "2026-09-26"}, "now": "2026-10-01T00:00:00Z",
		"inputs": []any{map[string]any{"path": "a.json", "kind": "account", "policies": 4}},
		"coverage": map[string]any{"accounts": 2, "policies": 4, "principals": 4, "statements": 4, "assumptions": []string{"no control policy was read"}, "scopes": []any{
			map[string]any{"account": "111122223333", "region": "us-east-1", "source": "codeartifact", "state": "denied", "reason": "AccessDenied"},
		}},
		"findings": []any{one, copied, other}, "suppressed": []any{excepted},
		"exceptions": map[string]any{"unused": []string{"caudit.yaml:9"}, "expired": []string{"caudit.yaml:12"}, "expiring": []string{"caudit.yaml:20"}},
		"gaps":       []any{map[string]any{"where": "b.json", "reason": "not JSON", "line": 1, "column": 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// result is a saved result with these findings.
func result(t *testing.T, findings ...map[string]any) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"schema": "caudit/result/1", "tool": map[string]any{"name": "caudit", "version": "v0", "data": "2026-09-26"}, "now": "2026-10-01T00:00:00Z",
		"coverage": map[string]any{"accounts": 1, "policies": len(findings)}, "findings": findings,
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func finding(i int, name string) map[string]any {
	request := map[string]any{"caller": name, "action": "codeartifact:DeleteDomain", "resource": name, "context": map[string]any{name: []string{name}}, "decision": "allow"}
	return map[string]any{
		"id": fmt.Sprintf("%032x", i), "group": fmt.Sprintf("%032x", i), "rule": "grant/full-access", "severity": "high", "confidence": "high",
		"message": name, "subject": map[string]any{"type": "AWS::IAM::Role", "id": name, "account": "111122223333"}, "affected": []string{name},
		"grants":  []map[string]any{{"policy": map[string]any{"kind": "identity", "name": name, "id": name}, "pointer": "/Statement/0", "line": 1, "column": 1, "endLine": 1, "endColumn": 2, "says": name}},
		"witness": []any{request}, "fixes": []any{map[string]any{"id": name, "title": name, "edits": []any{map[string]any{"policy": name, "patch": []any{map[string]any{"op": "add", "path": "/" + name, "value": name}}}}}},
		"absorbed": []string{name}, "help": "javascript:alert(1)",
	}
}

// Whatever a name holds, it is shown and does nothing.
func TestHostileNames(t *testing.T) {
	names := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'-alert(1)-'`, `</style><script>alert(1)</script>`, `</script><script>alert(1)</script>`,
		"\u202e\u2066reversed", "{{.}} ${alert(1)}", "javascript:alert(1)", `<svg/onload=alert(1)>`, `]]><!--`, strings.Repeat("long", 250_000),
	}
	var findings []map[string]any
	for i, n := range names {
		findings = append(findings, finding(i, n))
	}
	p := open(t, render(t, result(t, findings...), "render", "-"))
	p.ask(visible, len(names))
	p.ask(`document.querySelectorAll("main img, main script, main svg svg, main style, [onerror], [onload]").length`, 0)
	p.ask(`[...document.querySelectorAll("a")].filter(a => a.protocol === "javascript:").length`, 0)
	p.ask(`document.querySelector("article h3").textContent.includes("<script>alert(1)</script>")`, true)
	p.ask(`/[\u202e\u2066]/.test(document.documentElement.textContent)`, false)
	p.do(chromedp.SendKeys(`input[name=text]`, "onerror"))
	p.ask(visible, 1)
	p.quiet()
}

func TestTenThousandFindings(t *testing.T) {
	var findings []map[string]any
	for i := range 10_000 {
		findings = append(findings, finding(i, fmt.Sprintf("arn:aws:iam::111122223333:role/r%05d", i)))
	}
	p := open(t, render(t, result(t, findings...), "render", "-"))
	p.ask(`document.querySelectorAll("article").length`, 10_000)
	p.do(chromedp.SendKeys(`input[name=text]`, "r09999"))
	p.ask(`document.getElementById("shown").textContent`, "1 of 10000 shown")
	p.quiet()
}

// What was not judged is never called clean.
func TestGapsAreSeen(t *testing.T) {
	p := open(t, render(t, []byte(`{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": 7}], "Version": "2012-10-17"}`), "scan", "-"))
	p.ask(`document.querySelector("h1").textContent.includes("clean")`, false)
	p.ask(`document.querySelectorAll("#gaps li").length > 0`, true)
	p.quiet()
}

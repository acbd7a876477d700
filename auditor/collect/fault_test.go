package collect_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// fault is something that goes wrong with a call, after every retry.
type fault struct {
	name   string
	answer func() error
	// data: of CodeArtifact's single reads the answer is not a failure, it says
	// that there is nothing.
	data bool
}

var faults = []fault{
	{name: "denied", answer: func() error { return apiError("AccessDeniedException", "not authorized") }},
	{name: "denied, as IAM says it", answer: func() error { return apiError("AccessDenied", "not authorized") }},
	{name: "denied by a control policy", answer: func() error {
		return apiError("AccessDeniedException", "not authorized with an explicit deny in a service control policy")
	}},
	{name: "Region not enabled", answer: func() error {
		return apiError("UnrecognizedClientException", "The security token included in the request is invalid.")
	}},
	{name: "throttled", answer: func() error { return apiError("ThrottlingException", "Rate exceeded") }},
	{name: "too many requests", answer: func() error { return apiError("TooManyRequestsException", "slow down") }},
	{name: "internal error", answer: func() error { return apiError("InternalServerException", "500") }},
	{name: "service unavailable", answer: func() error { return apiError("ServiceFailure", "503") }},
	{name: "connection reset", answer: func() error {
		return fmt.Errorf("operation error: %w", &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)})
	}},
	{name: "answer breaks off", answer: func() error { return fmt.Errorf("deserialize: %w", io.ErrUnexpectedEOF) }},
	{name: "no such host", answer: func() error { return &net.DNSError{Err: "no such host", Name: "codeartifact.example"} }},
	{name: "credentials expired", answer: func() error {
		return apiError("ExpiredTokenException", "The security token included in the request is expired")
	}},
	{name: "marker expired", answer: func() error { return apiError("ValidationError", "Invalid Marker") }},
	{name: "no such entity", answer: func() error { return apiError("NoSuchEntity", "gone") }},
	{name: "not found", answer: func() error { return apiError("ResourceNotFoundException", "gone") }, data: true},
	{name: "out of time", answer: func() error { return fmt.Errorf("canceled: %w", context.DeadlineExceeded) }},
}

// TestFaults lets every call of a sweep fail in every way. What is then missing
// must be named by a gap or an assumption, or the inventory be whole.
func TestFaults(t *testing.T) {
	small := func() *cloud {
		c := medium()
		c.pageOf = 40
		return c
	}
	whole := small()
	inv, err := whole.read(mediumRegions...)
	if err != nil {
		t.Fatal(err)
	}
	sound := told(t, inv)
	calls := slices.Clone(whole.calls)
	slices.SortFunc(calls, func(p, q call) int { return strings.Compare(p.String(), q.String()) })

	pairs := 0
	for _, at := range slices.Compact(calls) {
		for _, f := range faults {
			pairs++
			c := small()
			c.fault = func(this call, _ int) error {
				if this == at {
					return f.answer()
				}
				return nil
			}
			inv, err := c.read(mediumRegions...)
			if err != nil {
				t.Errorf("%s, %s: %v", at, f.name, err)
				continue
			}
			lost := missing(sound, told(t, inv))
			if len(lost) > 0 && !accounted(inv, at) && !(f.data && strings.Contains(at.name, "Domain") || f.data && strings.Contains(at.name, "Repository")) {
				t.Errorf("%s, %s: lost silently: %s …", at, f.name, lost[0])
			}
			for _, g := range inv.Gaps {
				if !strings.Contains(g.Reason, at.name) {
					t.Errorf("%s, %s: another gap: %+v", at, f.name, g)
				}
			}
		}
	}
	t.Logf("%d pairs of a call and a fault, of %d calls and %d faults", pairs, len(slices.Compact(calls)), len(faults))
	if pairs < 500 {
		t.Errorf("%d pairs of a call and a fault (expected 500)", pairs)
	}
}

// told are the lines of an inventory file.
func told(t *testing.T, inv *inventory.Inventory) []string {
	t.Helper()
	return strings.Split(written(t, inv), "\n")
}

// missing are the lines of the sound inventory that another lacks.
func missing(sound, other []string) []string {
	have := map[string]int{}
	for _, line := range other {
		have[line]++
	}
	var lost []string
	for _, line := range sound {
		if have[line]--; have[line] < 0 && !strings.Contains(line, `"state"`) {
			lost = append(lost, line)
		}
	}
	return lost
}

// accounted reports whether the audit of an inventory names the call that
// failed: as a gap, in the reason of a scope, or as an assumption about what it
// would have read.
func accounted(inv *inventory.Inventory, at call) bool {
	for _, g := range inv.Gaps {
		if strings.Contains(g.Reason, at.name) {
			return true
		}
	}
	for _, s := range inv.Accounts[0].Scopes {
		if strings.Contains(s.Reason, at.name) && (s.State == "blocked" || s.State == "denied") {
			return true
		}
	}
	report := auditor.Audit(inv, auditor.Options{})
	of, _, _ := strings.Cut(at.of, " ")
	return slices.ContainsFunc(report.Coverage.Assumptions, func(a string) bool {
		return at.name == "GetPolicy" && strings.Contains(a, of) || at.name == "GetPolicyVersion" && strings.Contains(a, of) ||
			at.name == "GetDomainPermissionsPolicy" && strings.Contains(a, "domain/shared")
	})
}

// A repeat of a page, and a last page that is none, lead nowhere; the sweep ends.
func TestPlacesThatLeadNowhere(t *testing.T) {
	c := medium()
	c.pageOf = 40
	circle := &circling{cloud: c}
	clients := c.clients()
	clients.IAM = circle
	inv, err := readWith(clients)
	if err != nil || len(inv.Gaps) != 1 || !strings.Contains(inv.Gaps[0].Reason, "no new place") {
		t.Errorf("%v, gaps %v", err, inv.Gaps)
	}
}

// A marker that expires is answered by a sweep from the beginning.
func TestExpiredMarker(t *testing.T) {
	c := medium()
	c.pageOf = 40
	sound, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	c = medium()
	c.pageOf = 40
	c.fault = func(this call, before int) error {
		if this.of == "from-80" && before < 2 {
			return apiError("ValidationError", "Invalid Marker")
		}
		return nil
	}
	inv, err := c.read()
	if err != nil || len(inv.Gaps) > 0 || written(t, inv) != written(t, sound) {
		t.Errorf("%v, gaps %v", err, inv.Gaps)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	inv, err := medium().readIn(ctx, mediumRegions...)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err == nil && len(inv.Gaps) == 0 {
		t.Error("a sweep that was stopped counts as whole")
	}
}

package access

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
)

// lifetimes are what the documents of TestLifetimesAgreeWithOracle speak of, and
// their neighbours among what requests can ask for.
var lifetimes = []int64{0, 900, 901, 1799, 1800, 1801, 3599, 3600, 3601, 7199, 7200, 7201, 43198, 43199, 43200}

// lifetimeDocument is a random document about the bearer token.
func lifetimeDocument(r *rand.Rand) string {
	var statements []any
	for i := range 1 + r.IntN(3) {
		conditions := map[string]map[string]any{}
		if r.IntN(3) == 0 {
			conditions["StringEquals"] = map[string]any{"sts:AWSServiceName": codeartifact.ServiceName}
		}
		if r.IntN(4) == 0 {
			conditions["Bool"] = map[string]any{"aws:MultiFactorAuthPresent": strconv.FormatBool(r.IntN(2) == 0)}
		}
		for range r.IntN(3) {
			operator := []string{
				"NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "NumericEquals", "NumericNotEquals",
				"NumericLessThanEqualsIfExists", "ForAnyValue:NumericLessThanEquals",
			}[r.IntN(8)]
			conditions[operator] = map[string]any{"sts:DurationSeconds": []any{0, 900, 1800, "3600", 3600.5, 7200, 43200, 50000}[r.IntN(8)]}
		}
		effect := "Allow"
		if i > 0 && r.IntN(3) == 0 {
			effect = "Deny"
		}
		statements = append(statements, map[string]any{
			"Effect": effect, "Action": []string{"sts:GetServiceBearerToken", "sts:*", "*"}[r.IntN(3)], "Resource": "*", "Condition": conditions,
		})
	}
	text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	return string(text)
}

// allowedLifetimes asks the oracle which lifetimes may be asked for under some
// circumstances.
func allowedLifetimes(w *testWorld) []int64 {
	var out []int64
	for _, n := range lifetimes {
		for _, mfa := range [][]string{nil, {"true"}, {"false"}} {
			context := map[string][]string{"sts:AWSServiceName": {codeartifact.ServiceName}, "sts:DurationSeconds": {strconv.FormatInt(n, 10)}}
			if mfa != nil {
				context["aws:MultiFactorAuthPresent"] = mfa
			}
			r := oracle.Request{Principal: w.caller, Action: "sts:GetServiceBearerToken", Resource: "*", Context: context}
			if oracle.Decide(r, w.oracle()) == oracle.Allow {
				out = append(out, n)
				break
			}
		}
	}
	return out
}

func TestLifetimesAgreeWithOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	longer, passed := 0, 0
	for range 2_000 {
		w := &testWorld{caller: universeCallers[0], identity: []string{lifetimeDocument(r)}}
		profile := Resolve(w.inventory(), Options{Now: testNow}).Worlds[0].Principals[0].Profile
		allowed := allowedLifetimes(w)
		limit := lifetimes[r.IntN(len(lifetimes))]

		most := int64(0)
		for _, n := range allowed {
			if n > limit && n >= 900 {
				most = n
			}
		}
		got, err := profile.LongerTokens(time.Duration(limit) * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case got == nil && most > 0, got != nil && most == 0, got != nil && got.Longest != time.Duration(most)*time.Second:
			t.Fatalf("longer than %d: %+v, the oracle allows %v\n%s", limit, got, allowed, w)
		case got != nil:
			longer++
			alone := len(allowed) == 1 && !profile.allowsBetween(t)
			if got.Pinned != alone {
				t.Fatalf("pinned %t, the oracle allows %v\n%s", got.Pinned, allowed, w)
			}
		}

		ranged := slices.DeleteFunc(slices.Clone(allowed), func(n int64) bool { return n == 0 })
		want := slices.Contains(allowed, 0) && len(ranged) > 0 && !slices.Contains(allowed, 43200)
		c, err := profile.PassedCap()
		if err != nil {
			t.Fatal(err)
		}
		if (c != nil) != want || c != nil && c.Longest != time.Duration(ranged[len(ranged)-1])*time.Second {
			t.Fatalf("cap %+v, the oracle allows %v\n%s", c, allowed, w)
		}
		if c != nil {
			passed++
		}
	}
	if longer < 200 || passed < 100 {
		t.Errorf("%d longer, %d passed: too few to prove anything", longer, passed)
	}
}

// allowsBetween reports whether a lifetime that is not in the list may be asked for.
func (p *Profile) allowsBetween(t *testing.T) bool {
	t.Helper()
	for i := 1; i < len(lifetimes)-1; i++ {
		if low, high := lifetimes[i]+1, lifetimes[i+1]-1; low <= high {
			found, err := p.find(tokensOf(maybe, span{low, high}), p.steps())
			if err != nil {
				t.Fatal(err)
			}
			if found != nil {
				return true
			}
		}
	}
	return false
}

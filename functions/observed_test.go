package functions

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/runtimeapi"
)

// observed holds what the function logged: lines of JSON, each of a request and
// none with the text of a policy, and metrics that come to those sums.
func observed(t *testing.T, f *runtimeapi.Function, want map[string]float64) {
	t.Helper()
	sums := make(map[string]float64)
	for line := range strings.Lines(f.Stderr()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Errorf("logged what is no JSON: %v: %s", err, line)
			continue
		}
		for _, word := range []string{"Statement", "codeartifact:*", "sts:Get", "Principal"} {
			if strings.Contains(line, word) {
				t.Errorf("a line of the log quotes a policy: %s", line)
			}
		}
		if fields["_aws"] == nil {
			if request, _ := fields["request"].(string); request == "" {
				t.Errorf("a line of the log names no request: %s", line)
			}
			continue
		}
		if fields["Stack"] != stackName {
			t.Errorf("metrics of another stack: %s", line)
		}
		for name, value := range fields {
			if number, ok := value.(float64); ok {
				sums[name] += number
			}
		}
	}
	for name := range sums {
		if _, asked := want[name]; !asked {
			delete(sums, name)
		}
	}
	if !maps.Equal(sums, want) {
		t.Errorf("metrics came to %v, want %v", sums, want)
	}
}

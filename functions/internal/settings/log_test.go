package settings_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

func TestObserved(t *testing.T) {
	for name, c := range map[string]struct {
		env     map[string]string
		metrics bool
		written []string // of debug, info and error
		wrong   string
	}{
		"by default":   {nil, false, []string{"info", "error"}, ""},
		"debugging":    {map[string]string{"LOG_LEVEL": "debug"}, false, []string{"debug", "info", "error"}, ""},
		"of a stack":   {map[string]string{"LOG_LEVEL": "error", "STACK_NAME": "audit"}, true, []string{"error"}, ""},
		"no such word": {map[string]string{"LOG_LEVEL": "verbose"}, false, []string{"info", "error"}, `LOG_LEVEL is "verbose" (expected debug, info, warn or error)`},
		"an offset":    {map[string]string{"LOG_LEVEL": "info+2"}, false, []string{"info", "error"}, `LOG_LEVEL is "info+2" (expected debug, info, warn or error)`},
	} {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			log, metrics, err := settings.Observed(&text, func(name string) string { return c.env[name] })
			if (err == nil) != (c.wrong == "") || err != nil && err.Error() != c.wrong {
				t.Errorf("error %v, want %q", err, c.wrong)
			}
			if (metrics != nil) != c.metrics {
				t.Errorf("metrics %v", metrics)
			}
			ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "8476a536"})
			log.DebugContext(ctx, "debug")
			log.With("account", "111122223333").InfoContext(ctx, "info")
			log.WithGroup("all").ErrorContext(ctx, "error")
			var written []string
			for line := range strings.Lines(text.String()) {
				if !strings.Contains(line, `"request":"8476a536"`) {
					t.Errorf("no request in %s", line)
				}
				for _, word := range []string{"debug", "info", "error"} {
					if strings.Contains(line, `"msg":"`+word+`"`) {
						written = append(written, word)
					}
				}
			}
			if strings.Join(written, " ") != strings.Join(c.written, " ") {
				t.Errorf("wrote %q, want %q", written, c.written)
			}
			if text.Reset(); metrics != nil {
				metrics.Swept(ctx, "111122223333", handler.Swept{Complete: true})
				if !strings.Contains(text.String(), `"CompleteSweeps":1`) {
					t.Errorf("metrics wrote %s", text.String())
				}
			}
		})
	}
}

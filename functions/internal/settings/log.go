package settings

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler/emf"
)

// Observed sets the log of a function, and the metrics of its stack: JSON lines
// on to, at LOG_LEVEL or info, and metrics if STACK_NAME is set. It reports an
// error for a LOG_LEVEL that is none; the log is there all the same.
func Observed(to io.Writer, getenv func(string) string) (*slog.Logger, handler.Metrics, error) {
	level, err := logLevel(getenv("LOG_LEVEL"))
	log := slog.New(requests{slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level})})
	if stack := getenv("STACK_NAME"); stack != "" {
		return log, emf.New(to, stack, time.Now), err
	}
	return log, nil, err
}

func logLevel(word string) (slog.Level, error) {
	var level slog.Level
	words := []string{"debug", "info", "warn", "error"}
	if word != "" && (!slices.Contains(words, word) || level.UnmarshalText([]byte(word)) != nil) {
		return slog.LevelInfo, fmt.Errorf("LOG_LEVEL is %q (expected debug, info, warn or error)", word)
	}
	return level, nil
}

// requests adds the id of the request that a record belongs to, by which Lambda
// names it in its own lines of the log.
type requests struct{ slog.Handler }

func (h requests) Handle(ctx context.Context, record slog.Record) error {
	if request, ok := lambdacontext.FromContext(ctx); ok {
		record.AddAttrs(slog.String("request", request.AwsRequestID))
	}
	return h.Handler.Handle(ctx, record)
}

func (h requests) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requests{h.Handler.WithAttrs(attrs)}
}

func (h requests) WithGroup(name string) slog.Handler { return requests{h.Handler.WithGroup(name)} }

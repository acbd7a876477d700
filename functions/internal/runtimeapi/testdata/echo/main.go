// Command echo is a Lambda that does what its payload says.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type request struct {
	Do    string `json:"do"`
	Value string `json:"value,omitempty"`
}

func main() {
	switch os.Getenv("AT_INIT") {
	case "exit":
		os.Exit(3)
	case "report":
		body := strings.NewReader(`{"errorType":"Echo.Init","errorMessage":"told to fail"}`)
		_, err := http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", "application/json", body)
		fmt.Fprintln(os.Stderr, "reported", err)
		os.Exit(1)
	case "hang":
		time.Sleep(time.Hour)
	case "stubborn":
		lambda.StartHandlerFunc(handle, lambda.WithEnableSIGTERM(func() { fmt.Fprintln(os.Stderr, "staying") }))
	case "polite":
		lambda.StartHandlerFunc(handle, lambda.WithEnableSIGTERM(func() { fmt.Fprintln(os.Stderr, "leaving"); os.Exit(0) }))
	}
	lambda.StartHandlerFunc(handle)
}

func handle(ctx context.Context, r request) (any, error) {
	switch r.Do {
	case "echo":
		return r, nil
	case "fail":
		return nil, errors.New(r.Value)
	case "panic":
		panic(r.Value)
	case "exit":
		os.Exit(4)
	case "sleep":
		time.Sleep(time.Hour)
	case "wait":
		<-ctx.Done()
		return nil, ctx.Err()
	case "large":
		return json.RawMessage(`"` + string(bytes.Repeat([]byte("x"), 7<<20)) + `"`), nil
	case "another":
		return nil, answerAnother()
	case "describe":
		deadline, _ := ctx.Deadline()
		lc, _ := lambdacontext.FromContext(ctx)
		fmt.Println("on standard output")
		return map[string]string{
			"deadline": time.Until(deadline).Round(time.Second).String(),
			"request":  lc.AwsRequestID,
			"function": lc.InvokedFunctionArn,
			"trace":    os.Getenv("_X_AMZN_TRACE_ID"),
			"home":     os.Getenv("HOME"),
			"region":   os.Getenv("AWS_REGION"),
			"own":      os.Getenv("OWN"),
		}, nil
	}
	return nil, fmt.Errorf("unknown request %q", r.Do)
}

// answerAnother posts an answer to an invocation that is not in hand.
func answerAnother() error {
	url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/another/response"
	response, err := http.Post(url, "application/json", strings.NewReader("{}"))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return fmt.Errorf("status %d", response.StatusCode)
}

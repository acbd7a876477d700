package organization_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
)

// TestThrottlesAreWaitedOut: Organizations says TooManyRequestsException, and a
// page that it refused is asked for again.
func TestThrottlesAreWaitedOut(t *testing.T) {
	var throttles, refused, pages atomic.Int32
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		switch {
		case call == "DescribeOrganization":
			fmt.Fprint(w, `{"Organization":{"Id":"o-a1b2c3d4e5","MasterAccountId":"999988887777"}}`)
		case pages.Load() == 1 && refused.Add(1) == 1:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"TooManyRequestsException","Type":"REQUEST_RATE","Message":"AWS Organizations can't complete your request because another request is already in progress."}`)
		case pages.Add(1) == 1:
			fmt.Fprint(w, `{"Accounts":[{"Id":"111122223333","State":"ACTIVE"}],"NextToken":"n"}`)
		default:
			fmt.Fprint(w, `{"Accounts":[{"Id":"444455556666","Status":"ACTIVE"}]}`)
		}
	}))
	defer service.Close()
	client := organizations.New(organizations.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(service.URL), Credentials: credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", ""),
		Retryer: collect.Retryer(func() { throttles.Add(1) })(),
	})
	listed, err := organization.NewWhole(client).Accounts(context.Background())
	if err != nil || len(listed.Members) != 2 || throttles.Load() != 1 {
		t.Fatalf("%v, members %+v, %d throttles", err, listed.Members, throttles.Load())
	}
	for _, m := range listed.Members { // the older word says the same
		if m.State != "ACTIVE" || m.Path != nil {
			t.Errorf("%+v", m)
		}
	}
}

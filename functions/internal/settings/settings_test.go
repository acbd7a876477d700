package settings_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/codeartifact-auditor/codeartifact-auditor/functions/internal/settings"
)

// lambda is what Lambda puts into the environment of a function.
func lambda(more map[string]string) func(string) string {
	env := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session",
	}
	for name, value := range more {
		env[name] = value
	}
	return func(name string) string { return env[name] }
}

func TestClientsSignAsTheRoleAndGoWhereTheyAreTold(t *testing.T) {
	var hits []string
	serve := func(name string) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hits = append(hits, name+" "+r.Header.Get("X-Amz-Security-Token"))
			if !strings.Contains(r.Header.Get("Authorization"), "ASIAEXAMPLE") || !strings.Contains(r.Header.Get("Authorization"), "us-east-1") {
				t.Errorf("%s: signed as %q", name, r.Header.Get("Authorization"))
			}
			w.WriteHeader(http.StatusForbidden)
		}))
	}
	all, bus := serve("all"), serve("bus")
	defer all.Close()
	defer bus.Close()

	cfg, err := settings.AWS(lambda(map[string]string{"AWS_ENDPOINT_URL": all.URL, "AWS_ENDPOINT_URL_EVENTBRIDGE": bus.URL}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sts.NewFromConfig(cfg).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{}); err == nil {
		t.Error("STS: no error for a 403")
	}
	if _, err := eventbridge.NewFromConfig(cfg).DescribeEventBus(context.Background(), &eventbridge.DescribeEventBusInput{}); err == nil {
		t.Error("EventBridge: no error for a 403")
	}
	if got := strings.Join(hits, ", "); got != "all session, bus session" {
		t.Errorf("requests went to %q", got)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	if _, err := settings.AWS(lambda(map[string]string{"AWS_REGION": ""})); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("without a Region: %v", err)
	}
	cfg, err := settings.AWS(lambda(map[string]string{"AWS_SECRET_ACCESS_KEY": ""}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = sts.NewFromConfig(cfg).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	if err == nil || !strings.Contains(err.Error(), "AWS_SECRET_ACCESS_KEY") {
		t.Errorf("without keys: %v", err)
	}
}

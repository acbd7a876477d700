package dynamo_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/collecttest"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo"
)

func put(t *testing.T, client *dynamodb.Client, item map[string]types.AttributeValue) {
	t.Helper()
	name := "state"
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: item}); err != nil {
		t.Fatal(err)
	}
}

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }

func n(number string) types.AttributeValue { return &types.AttributeValueMemberN{Value: number} }

func TestFaults(t *testing.T) {
	client := startDynamo(t)
	t.Run("what a later version wrote is told and left alone", func(t *testing.T) {
		for i, sk := range []string{"account", "finding#a"} {
			of := fmt.Sprintf("90000000000%d", i)
			put(t, client, map[string]types.AttributeValue{"pk": s("account#" + of), "sk": s(sk), "schema": n("2"), "edge": n("1"), "news": s("x")})
			table := dynamo.New(client, "state")
			for _, state := range []history.State{load(t, table, of), load(t, table, of, "a")} {
				if state.Schema != 2 {
					t.Errorf("%s: schema %d", sk, state.Schema)
				}
			}
			write := opened("a")
			write.Previous = 1
			conflict := (*history.ConflictError)(nil)
			update := history.Update{Account: of, Writes: []history.Write{write}, Swept: start}
			if sk == "account" {
				update.Writes = nil
			}
			if err := table.Save(t.Context(), update); !errors.As(err, &conflict) {
				t.Errorf("%s: saved over it: %v", sk, err)
			}
			if err := table.Sent(t.Context(), of, []history.SentEdge{{Finding: "a", Number: 1}}); err != nil {
				t.Error(err)
			}
			if state := load(t, table, of); state.Schema != 2 {
				t.Errorf("%s: written over", sk)
			}
		}
	})
	t.Run("what is broken is an error that names the item", func(t *testing.T) {
		put(t, client, map[string]types.AttributeValue{"pk": s("account#900000000009"), "sk": s("finding#a"), "schema": n("1"), "edge": s("1")})
		_, err := dynamo.New(client, "state").Load(t.Context(), "900000000009")
		if err == nil || !strings.Contains(err.Error(), "account#900000000009 finding#a") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("after an error the next run finds whole items, all pending", func(t *testing.T) {
		var calls atomic.Int32
		down := errors.New("down")
		for of, lost := range map[string]bool{"800000000000": false, "800000000001": true} {
			calls.Store(0)
			fail := func(string) error {
				if calls.Add(1) > 20 {
					return down
				}
				return nil
			}
			b := &between{Client: client, before: fail}
			if lost {
				b = &between{Client: client, after: fail}
			}
			err := dynamo.New(b, "state").Save(t.Context(), history.Update{Account: of, Writes: many(60), Swept: start})
			if !errors.Is(err, down) {
				t.Fatalf("error %v", err)
			}
			state := load(t, dynamo.New(client, "state"), of)
			if got := len(state.Items); got < 20 || got >= 60 || len(state.Pending()) != got || !state.Swept.IsZero() {
				t.Errorf("answers lost %t: %d items, %d pending, swept %s", lost, got, len(state.Pending()), state.Swept)
			}
		}
	})
	t.Run("large findings are deflated, and cut only when nothing else helps", func(t *testing.T) {
		table, of := dynamo.New(client, "state"), "700000000000"
		large, huge := opened("large"), opened("huge")
		for i := range 5000 {
			large.Edge.Finding.Affected = append(large.Edge.Finding.Affected, fmt.Sprintf("arn:aws:iam::111122223333:role/role-%d", i))
		}
		noise := rand.New(rand.NewPCG(1, 2))
		for range 20000 {
			huge.Edge.Finding.Affected = append(huge.Edge.Finding.Affected, fmt.Sprintf("%x%x%x", noise.Uint64(), noise.Uint64(), noise.Uint64()))
		}
		save(t, table, of, large, huge)
		state := load(t, table, of)
		if diff := cmp.Diff(large.Item, state.Items["large"]); diff != "" {
			t.Error(diff)
		}
		got := state.Items["huge"]
		if len(got.Edge.Finding.Affected) != 1000 || got.Edge.Finding.Message != huge.Edge.Finding.Message || got.Told != huge.Told {
			t.Errorf("%d affected, message %q, told %q", len(got.Edge.Finding.Affected), got.Edge.Finding.Message, got.Told)
		}
	})
	t.Run("resolved findings alone expire", func(t *testing.T) {
		table, of := dynamo.New(client, "state"), "600000000000"
		a := opened("a")
		save(t, table, of, a)
		for _, want := range []string{"", fmt.Sprint(start.Add(dynamo.Kept).Unix()), ""} {
			name := "state"
			out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: map[string]types.AttributeValue{"pk": s("account#" + of), "sk": s("finding#a")}})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if expires, ok := out.Item["expires"].(*types.AttributeValueMemberN); ok {
				got = expires.Value
			}
			if got != want {
				t.Errorf("expires %q (expected %q)", got, want)
			}
			if a.Edge.Status == finding.Open {
				a = next(a, finding.Closed, finding.Resolved, finding.Fixed)
			} else {
				a = next(a, finding.Open, finding.Reopened, "")
			}
			save(t, table, of, a)
		}
	})
}

// TestConfigurationIsKeptWhole: it is read as it was pushed, or not at all.
func TestConfigurationIsKeptWhole(t *testing.T) {
	client := startDynamo(t)
	table := dynamo.New(client, "state")
	if c, err := table.Configuration(t.Context()); err != nil || c.Version != 0 || c.Config != nil {
		t.Fatalf("%+v, %v", c, err)
	}
	cfg := &config.Config{Exceptions: []config.Exception{{Rules: []string{"grant/*"}, Reason: "r", Owner: "o", Expires: start.Truncate(24 * 3600 * 1e9)}}}
	pushed := dynamo.Configuration{YAML: "version: 1\n", By: "arn:x", At: start, Config: cfg}
	if err := table.PushConfiguration(t.Context(), pushed, 0); err != nil {
		t.Fatal(err)
	}
	for _, before := range []int{0, 2} {
		if err := table.PushConfiguration(t.Context(), pushed, before); !errors.Is(err, dynamo.ErrPushed) {
			t.Errorf("after version %d: %v", before, err)
		}
	}
	pushed.Version = 1
	got, err := table.Configuration(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pushed, got); diff != "" {
		t.Error(diff)
	}
	long := pushed
	long.YAML = strings.Repeat("#", 200<<10)
	if err := table.PushConfiguration(t.Context(), long, 1); err == nil {
		t.Error("too long, and pushed")
	}
	name := "state"
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: map[string]types.AttributeValue{"pk": s("configuration"), "sk": s("current")}})
	if err != nil {
		t.Fatal(err)
	}
	for attribute, value := range map[string]types.AttributeValue{
		"yaml": s("version: 2\n"), "config": s("{}"), "sha256": s("0"), "schema": n("2"), "at": s("yesterday"), "version": s("1"),
	} {
		spoilt := map[string]types.AttributeValue{}
		for k, v := range out.Item {
			spoilt[k] = v
		}
		spoilt[attribute] = value
		put(t, client, spoilt)
		if c, err := table.Configure(t.Context()); err == nil || c != nil {
			t.Errorf("%s spoilt: %+v, %v", attribute, c, err)
		}
	}
}

// TestThrottlesAreRetried: DynamoDB throttles each call once, and nothing shows.
func TestThrottlesAreRetried(t *testing.T) {
	target, err := url.Parse(collecttest.StartMoto(t, account))
	if err != nil {
		t.Fatal(err)
	}
	createTable(t, connect(target.String()), "state")
	through := httputil.NewSingleHostReverseProxy(target)
	var calls, throttled atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1)%2 == 1 {
			throttled.Add(1)
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`)
			return
		}
		through.ServeHTTP(w, r)
	}))
	defer server.Close()
	table := dynamo.New(connect(server.URL), "state")
	save(t, table, account, opened("a"))
	if state := load(t, table, account); len(state.Items) != 1 || throttled.Load() != 2 {
		t.Errorf("%d items, %d throttles", len(state.Items), throttled.Load())
	}
	all, err := dynamo.Accounts(t.Context(), connect(server.URL), "state")
	if err != nil || !slices.ContainsFunc(all, func(s history.State) bool { return s.Account == account && len(s.Items) == 1 }) {
		t.Errorf("%+v, %v", all, err)
	}
}

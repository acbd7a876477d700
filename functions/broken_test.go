package functions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
)

// fault is what goes wrong with a call on its way to AWS.
type fault string

const (
	denied      fault = "refused"               // an error that the SDK does not retry; nothing was done
	throttled   fault = "throttled once"        // the SDK tries again
	down        fault = "down"                  // refused until the function gives up, every retry of the SDK too
	lost        fault = "answer lost"           // done, and the connection ends: the SDK does it again
	lostForGood fault = "every answer lost"     // done as often as the SDK retries, and never heard of
	killed      fault = "killed before"         // the process is gone and nothing was done
	killedAfter fault = "killed after"          // the process is gone and it was done
	hangs       fault = "no answer in its time" // the function's time is over
	partly      fault = "in part"               // of several entries the first alone is taken
)

// breaker stands between the functions and AWS, and breaks one call: the nth of
// its name. It is also IAM, with one role, and keeps what EventBridge accepted.
type breaker struct {
	moto, packages string // addresses
	client         *http.Client

	mu       sync.Mutex
	breaks   string // "change GetItem 2"; empty to count alone
	how      fault
	met      bool
	function string         // that runs
	kill     func()         // ends it
	down     bool           // until the function has answered
	seen     map[string]int // calls by function and operation
	calls    []string       // in order
	policy   string         // of the role
	accepted []event        // by the bus
}

// runs says which function makes the calls that follow.
func (b *breaker) runs(function string, kill func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.function, b.kill, b.down = function, kill, false
}

// operation names the call of a request.
func operation(r *http.Request, body []byte) string {
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return name
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return form.Get("Action")
	}
	return "codeartifact:" + path.Base(r.URL.Path)
}

// fate returns what is to become of the call.
func (b *breaker) fate(operation string) (how fault, kill func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := b.function + " " + operation
	b.seen[name]++
	place := fmt.Sprint(name, " ", b.seen[name])
	if !b.met {
		b.calls = append(b.calls, place)
	}
	if place != b.breaks && !(b.down && strings.HasPrefix(b.breaks, name+" ")) {
		return "", nil
	}
	b.met = true
	b.down = b.how == down || b.how == lostForGood
	return b.how, b.kill
}

func (b *breaker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the function is gone
	}
	call := operation(r, body)
	how, kill := b.fate(call)
	switch how {
	case denied:
		answerError(w, r, http.StatusBadRequest, "AccessDeniedException")
		return
	case throttled:
		answerError(w, r, http.StatusBadRequest, "ThrottlingException")
		return
	case down:
		answerError(w, r, http.StatusInternalServerError, "InternalServerError")
		return
	case killed:
		kill()
		return
	case hangs:
		<-r.Context().Done()
		return
	case partly:
		body = first(body)
	}
	status, header, answer := b.done(r, call, body)
	switch how {
	case killedAfter:
		kill()
		return
	case lost, lostForGood:
		panic(http.ErrAbortHandler) // ends the connection
	case partly:
		answer = []byte(strings.Replace(string(answer), `}]`, `},{"ErrorCode":"ThrottlingException","ErrorMessage":"broken on purpose"}]`, 1))
		header.Del("Content-Length")
		header.Del("X-Amz-Crc32")
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer) // a function that is gone needs no answer
}

// first leaves the first two entries of a PutEvents call, of which one is told
// to have failed and is not sent.
func first(body []byte) []byte {
	var in map[string]any
	if json.Unmarshal(body, &in) != nil {
		return body
	}
	if entries, ok := in["Entries"].([]any); ok && len(entries) > 1 {
		in["Entries"] = entries[:len(entries)-1]
	}
	out, err := json.Marshal(in)
	if err != nil {
		return body
	}
	return out
}

// done lets the call be done.
func (b *breaker) done(r *http.Request, call string, body []byte) (int, http.Header, []byte) {
	to := b.moto
	switch {
	case call == "GetAccountAuthorizationDetails":
		return http.StatusOK, http.Header{"Content-Type": {"text/xml"}}, b.details()
	case strings.HasPrefix(call, "codeartifact:"):
		to = b.packages
	}
	out, err := http.NewRequest(r.Method, to+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return http.StatusInternalServerError, http.Header{}, nil
	}
	out.Header = r.Header.Clone()
	response, err := b.client.Do(out)
	if err != nil {
		return http.StatusBadGateway, http.Header{}, []byte(err.Error())
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return http.StatusBadGateway, http.Header{}, []byte(err.Error())
	}
	if call == "PutEvents" && response.StatusCode == http.StatusOK {
		b.keep(body)
	}
	return response.StatusCode, response.Header, answer
}

// keep notes the events of a call that was accepted.
func (b *breaker) keep(body []byte) {
	var in struct {
		Entries []struct{ Source, DetailType, Detail string }
	}
	if json.Unmarshal(body, &in) != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, entry := range in.Entries {
		e := event{Source: entry.Source, DetailType: entry.DetailType}
		if json.Unmarshal([]byte(entry.Detail), &e.Detail) == nil {
			b.accepted = append(b.accepted, e)
		}
	}
}

// details is an account with one role.
func (b *breaker) details() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	inline := ""
	if b.policy != "" {
		inline = "<member><PolicyName>access</PolicyName><PolicyDocument>" + url.QueryEscape(b.policy) + "</PolicyDocument></member>"
	}
	trust := url.QueryEscape(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	return []byte(`<GetAccountAuthorizationDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountAuthorizationDetailsResult>` +
		`<IsTruncated>false</IsTruncated><UserDetailList/><GroupDetailList/><Policies/><RoleDetailList><member><RoleName>ci</RoleName><Path>/</Path>` +
		`<Arn>arn:aws:iam::` + account + `:role/ci</Arn><RoleId>AROAEXAMPLE</RoleId><CreateDate>2026-01-01T00:00:00Z</CreateDate>` +
		`<AssumeRolePolicyDocument>` + trust + `</AssumeRolePolicyDocument><RolePolicyList>` + inline + `</RolePolicyList>` +
		`<AttachedManagedPolicies/><InstanceProfileList/></member></RoleDetailList></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`)
}

// answerError refuses in the words of the protocol that was spoken.
func answerError(w http.ResponseWriter, r *http.Request, status int, code string) {
	if r.Header.Get("X-Amz-Target") == "" && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>broken on purpose</Message></Error></ErrorResponse>", code)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"__type":%q,"message":"broken on purpose"}`, code)
}

// happened reports whether the call was broken.
func (b *breaker) happened() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.met
}

// Package collecttest plays AWS for tests of what collects from it: the part of
// CodeArtifact's API that a collector calls, over HTTP, and moto for the rest.
package collecttest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// CodeArtifact is an HTTP handler that answers as CodeArtifact does, in every
// Region: pages, owners and administrators, and the error for what has no
// policy. Set its fields before it serves.
type CodeArtifact struct {
	// Account is whose credentials the callers have.
	Account      string
	Domains      []Domain
	Repositories []Repository
	// PageSize is the most entities of a page; 0 for what the caller asks for.
	PageSize int
	// Fault, if set, may answer in place of the service: with a status other
	// than 0, an error code and a message. Status 1 breaks the connection off in
	// the middle of the answer.
	Fault func(call, region string) (status int, code, message string)

	counting sync.Mutex
	calls    []string
}

// Domain is a domain of an account in a Region.
type Domain struct {
	Region, Owner, Name string
	Policy              string // JSON, empty for none
}

// Repository is a repository of a domain. Another account may administer it.
type Repository struct {
	Region, Owner, Domain, Name, Administrator string
	Policy                                     string
}

// Calls returns the calls that were answered: "eu-west-1 ListDomains".
func (c *CodeArtifact) Calls() []string {
	c.counting.Lock()
	defer c.counting.Unlock()
	return slices.Clone(c.calls)
}

var operations = map[string]string{
	"POST /v1/domains":                           "ListDomains",
	"POST /v1/repositories":                      "ListRepositories",
	"POST /v1/domain/repositories":               "ListRepositoriesInDomain",
	"GET /v1/domain/permissions/policy":          "GetDomainPermissionsPolicy",
	"GET /v1/repository/permissions/policy":      "GetRepositoryPermissionsPolicy",
	"POST /v1/authorization-token":               "GetAuthorizationToken",
	"PUT /v1/domain/permissions/policy":          "PutDomainPermissionsPolicy",
	"PUT /v1/repository/permissions/policy":      "PutRepositoryPermissionsPolicy",
	"DELETE /v1/domain/permissions/policy":       "DeleteDomainPermissionsPolicy",
	"DELETE /v1/repository/permissions/policies": "DeleteRepositoryPermissionsPolicy",
}

// signedFor finds the Region in a signature: Credential=KEY/DATE/REGION/codeartifact/….
var signedFor = regexp.MustCompile(`Credential=[^/]+/[0-9]+/([a-z0-9-]+)/codeartifact/`)

// ServeHTTP answers one call.
func (c *CodeArtifact) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := operations[r.Method+" "+r.URL.Path]
	signed := signedFor.FindStringSubmatch(r.Header.Get("Authorization"))
	if call == "" || signed == nil {
		refuse(w, http.StatusForbidden, "UnknownOperationException", r.Method+" "+r.URL.Path)
		return
	}
	region := signed[1]
	c.counting.Lock()
	c.calls = append(c.calls, region+" "+call)
	c.counting.Unlock()
	if c.Fault != nil {
		switch status, code, message := c.Fault(call, region); status {
		case 0:
		case 1:
			breakOff(w)
			return
		default:
			refuse(w, status, code, message)
			return
		}
	}
	q := r.URL.Query()
	switch call {
	case "ListDomains":
		var in struct {
			MaxResults int
			NextToken  string
		}
		_ = json.NewDecoder(r.Body).Decode(&in) // an empty body asks for the first page
		var all []any
		for _, d := range c.Domains {
			if d.Region == region && d.Owner == c.Account {
				all = append(all, map[string]any{"arn": d.arn(), "name": d.Name, "owner": d.Owner, "status": "Active"})
			}
		}
		c.page(w, "domains", all, in.NextToken, in.MaxResults)
	case "ListRepositories":
		c.repositories(w, q.Get("next-token"), q.Get("max-results"), func(p Repository) bool {
			return p.Region == region && p.Administrator == c.Account
		})
	case "ListRepositoriesInDomain":
		c.repositories(w, q.Get("next-token"), q.Get("max-results"), func(p Repository) bool {
			return p.Region == region && p.Domain == q.Get("domain") && p.Owner == q.Get("domain-owner")
		})
	case "GetDomainPermissionsPolicy":
		i := slices.IndexFunc(c.Domains, func(d Domain) bool {
			return d.Region == region && d.Name == q.Get("domain") && d.Owner == q.Get("domain-owner")
		})
		if i < 0 {
			refuse(w, http.StatusNotFound, "ResourceNotFoundException", "Domain not found.")
			return
		}
		policy(w, c.Domains[i].arn(), c.Domains[i].Policy)
	case "GetRepositoryPermissionsPolicy":
		i := slices.IndexFunc(c.Repositories, func(p Repository) bool {
			return p.Region == region && p.Domain == q.Get("domain") && p.Owner == q.Get("domain-owner") && p.Name == q.Get("repository")
		})
		if i < 0 {
			refuse(w, http.StatusNotFound, "ResourceNotFoundException", "Repository not found.")
			return
		}
		policy(w, c.Repositories[i].arn(), c.Repositories[i].Policy)
	default:
		refuse(w, http.StatusForbidden, "AccessDeniedException", "no test may call "+call)
	}
}

func (d Domain) arn() string {
	return "arn:aws:codeartifact:" + d.Region + ":" + d.Owner + ":domain/" + d.Name
}

func (p Repository) arn() string {
	return "arn:aws:codeartifact:" + p.Region + ":" + p.Owner + ":repository/" + p.Domain + "/" + p.Name
}

func (c *CodeArtifact) repositories(w http.ResponseWriter, token, most string, of func(Repository) bool) {
	var all []any
	for _, p := range c.Repositories {
		if of(p) {
			all = append(all, map[string]any{
				"arn": p.arn(), "name": p.Name, "domainName": p.Domain, "domainOwner": p.Owner, "administratorAccount": p.Administrator,
			})
		}
	}
	n, _ := strconv.Atoi(most)
	c.page(w, "repositories", all, token, n)
}

// page writes the entities from the place that a token names.
func (c *CodeArtifact) page(w http.ResponseWriter, name string, all []any, token string, most int) {
	from, _ := strconv.Atoi(strings.TrimPrefix(token, "place-"))
	if c.PageSize > 0 {
		most = c.PageSize
	}
	to := len(all)
	out := map[string]any{}
	if most > 0 && from+most < to {
		to = from + most
		out["nextToken"] = "place-" + strconv.Itoa(to)
	}
	out[name] = append([]any{}, all[min(from, to):to]...)
	answer(w, out)
}

func policy(w http.ResponseWriter, arn, document string) {
	if document == "" {
		refuse(w, http.StatusNotFound, "ResourceNotFoundException", "Policy not found.")
		return
	}
	answer(w, map[string]any{"policy": map[string]any{"document": document, "resourceArn": arn, "revision": "1"}})
}

func answer(w http.ResponseWriter, out any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // a caller that is gone needs no answer
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}

// breakOff promises more than it sends.
func breakOff(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"domains": [`))
	panic(http.ErrAbortHandler)
}

package render

import (
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func report() *auditor.Report {
	return &auditor.Report{
		Schema: "caudit/result/1",
		Tool:   auditor.Tool{Name: "caudit", Version: "1.2.3", Data: "2026-09-26"},
		Now:    time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC),
	}
}

// at returns the grant of the first occurrence of mark in document.
func at(path, document, mark, says string) finding.Grant {
	before, _, ok := strings.Cut(document, mark)
	if !ok {
		panic(mark + " is not in the document")
	}
	line := 1 + strings.Count(before, "\n")
	column := 1 + len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
	endLine, endColumn := line, column+len([]rune(mark))
	if n := strings.Count(mark, "\n"); n > 0 {
		endLine, endColumn = line+n, 1+len([]rune(mark[strings.LastIndexByte(mark, '\n')+1:]))
	}
	return finding.Grant{
		Policy: finding.Policy{Kind: "identity", Name: path, ID: path}, Pointer: "/Statement/0/Action", Path: path,
		Line: line, Column: column, EndLine: endLine, EndColumn: endColumn, Says: says, Text: document,
	}
}

const domainPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Team",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "codeartifact:GetAuthorizationToken",
      "Resource": "*"
    }
  ]
}
`

const repositoryPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Principal": "*",

      "Action": "codeartifact:Read*",
      "Resource": "*"
    }
  ]
}
`

const (
	domain     = "arn:aws:codeartifact:eu-west-1:111122223333:domain/team"
	repository = "arn:aws:codeartifact:eu-west-1:111122223333:repository/team/app"
)

// terminal is the finding that the house style shows.
func terminal() *auditor.Report {
	r := report()
	token := at("", domainPolicy, `"*"`, "lets the caller obtain a token for the domain")
	token.Policy = finding.Policy{Kind: "domain", Name: "team", ID: domain}
	read := at("", repositoryPolicy, `"codeartifact:Read*"`, "lets the token read this repository")
	read.Policy = finding.Policy{Kind: "repository", Name: "team/app", ID: repository}
	r.Findings = []finding.Finding{{
		ID: "0123456789abcdef0123456789abcdef", Group: "fedcba9876543210fedcba9876543210",
		Rule: "exposure/untrusted-read", Severity: finding.High, Confidence: finding.HighConfidence,
		Message: "an untrusted caller can install packages",
		Subject: finding.Subject{Type: finding.RepositorySubject, ID: repository, Account: "111122223333"},
		Grants:  []finding.Grant{token, read},
		Witness: []finding.Request{
			{Caller: "arn:aws:iam::999999999999:role/stranger", Action: "codeartifact:GetAuthorizationToken", Resource: domain, Decision: finding.Allowed},
			{Caller: "arn:aws:iam::999999999999:role/stranger", Action: "codeartifact:ReadFromRepository", Resource: repository, Decision: finding.Allowed},
		},
		Fixes: []finding.Fix{{ID: "organization", Title: "keep both statements inside your organization", Safe: true, Edits: []finding.Edit{{
			Policy: repository,
			Patch:  []finding.Patch{{Op: "add", Path: "/Statement/0/Condition", Value: map[string]any{"StringEquals": map[string]any{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}},
		}}}},
		Help: "https://example.com/exposure/untrusted-read.md",
	}}
	r.Inputs = []inventory.Input{{Path: "account.json", Kind: "inventory", Policies: 37}}
	r.Coverage = auditor.Coverage{
		Accounts: 1, Principals: 10, Policies: 37, Statements: 91, Domains: 2, Repositories: 5, Foreign: 3, NotEvaluated: 1,
		Scopes: []inventory.Scope{
			{Account: "111122223333", Source: "iam", State: "complete"},
			{Account: "111122223333", Region: "ap-south-1", Source: "codeartifact", State: "blocked", Reason: "an SCP denies the Region"},
		},
		Assumptions: []string{"the service control policies of account 111122223333 were not read"},
	}
	r.Gaps = []inventory.Gap{{Where: "account 444455556666", Reason: "list domains: AccessDenied; nothing there was judged"}}
	return r
}

// everything uses each part of the result.
func everything() *auditor.Report {
	r := terminal()
	const one = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}}`
	inline := func(role string) finding.Finding {
		g := at("", one, `"codeartifact:*"`, "covers 51 of 51 actions")
		g.Policy = finding.Policy{Kind: "identity", Name: "packages", ID: "arn:aws:iam::111122223333:role/" + role + "#inline/packages"}
		return finding.Finding{
			ID: strings.Repeat("a", 32), Group: strings.Repeat("b", 32), Rule: "grant/full-access",
			Severity: finding.High, Confidence: finding.MediumConfidence, Message: "allows 51 of 51 CodeArtifact actions on every resource",
			Subject:  finding.Subject{Type: finding.InlineSubject, ID: g.Policy.ID, Account: "111122223333", Path: "account.json"},
			Affected: []string{"arn:aws:iam::111122223333:role/" + role}, Grants: []finding.Grant{g, at("", one, `"Resource": "*"`, "on everything")},
			Witness:  []finding.Request{{Caller: "arn:aws:iam::111122223333:role/" + role, Action: "codeartifact:DeleteDomain", Resource: domain, Context: map[string][]string{"aws:PrincipalOrgID": {"o-a1b2c3d4e5"}, "aws:TagKeys": {"a", ""}}, Decision: finding.Allowed}},
			Absorbed: []string{"grant/publish-anywhere", "token/any-domain"},
			Fixes: []finding.Fix{
				{ID: "consumer", Title: "allow what a consumer needs", Edits: []finding.Edit{{Policy: "x", Patch: []finding.Patch{{Op: "replace", Path: "/Statement/0/Action", Value: []any{"codeartifact:GetAuthorizationToken", "codeartifact:ReadFromRepository", "codeartifact:GetRepositoryEndpoint", "sts:GetServiceBearerToken"}}}}}},
				{ID: "none", Title: "allow nothing", Edits: []finding.Edit{{Policy: "arn:aws:iam::111122223333:policy/a", Patch: []finding.Patch{{Op: "remove", Path: "/Statement/0/Action/3"}}}, {Policy: "arn:aws:iam::111122223333:policy/b", Patch: []finding.Patch{{Op: "add", Path: "/Statement/-", Value: false}}}}},
			},
			Help: "https://example.com/grant/full-access.md",
		}
	}
	for _, role := range []string{"a", "b", "c", "d", "e"} {
		r.Findings = append(r.Findings, inline(role))
	}
	inert := at("policies/misplaced.json", domainPolicy, "{\n      \"Sid\": \"Team\",\n      \"Effect\": \"Allow\",\n      \"Principal\": \"*\",\n", "stands in a domain policy")
	r.Findings = append(r.Findings, finding.Finding{
		ID: strings.Repeat("c", 32), Group: strings.Repeat("d", 32), Rule: "token/misplaced",
		Severity: finding.Medium, Confidence: finding.LowConfidence, Message: "grants nothing here",
		Subject: finding.Subject{Type: finding.DocumentSubject, ID: "policies/misplaced.json", Path: "policies/misplaced.json"},
		Grants:  []finding.Grant{inert, {Policy: finding.Policy{Kind: "identity", Name: "AdministratorAccess", ID: "arn:aws:iam::aws:policy/AdministratorAccess"}, Line: 3, Column: 4, EndLine: 3, EndColumn: 9, Says: "is not at hand"}},
		Witness: []finding.Request{{Caller: "arn:aws:iam::111122223333:role/a", Action: "sts:GetServiceBearerToken", Resource: "*", Decision: finding.Denied}},
		Help:    "https://example.com/token/misplaced.md",
	})
	excepted := inline("break-glass")
	r.Suppressed = []auditor.Suppressed{{Finding: excepted, Exception: auditor.Exception{Reason: "break-glass role, MFA enforced", Owner: "platform@example.com", Expires: "2027-03-31", Ticket: "SEC-12"}}}
	r.Exceptions = auditor.Exceptions{Unused: []string{"caudit.yaml:9: token/*"}, Expired: []string{"caudit.yaml:12: grant/full-access"}, Expiring: []string{"caudit.yaml:20: grant/full-access"}}
	r.Gaps = append(r.Gaps, inventory.Gap{Where: "policies/bad.json", Reason: `unknown element "Principle" (did you mean "Principal"?)`, Line: 4, Column: 7})
	return r
}

// hostile has a hook in every text that an attacker may write.
func hostile() *auditor.Report {
	r := report()
	const evil = "\x1b[2J\x1b]0;gone\x07\u202e\u200b\r\nclean: no finding\u0085\u2028\xff"
	document := "{\t\"Sid\": \"日本\x1b[31m\u202e\",\t\"Action\": \"codeartifact:*\"}"
	g := at("p.json", document, `"codeartifact:*"`, "says"+evil)
	g.Path, g.Sid = "p"+evil+".json", evil
	g.Policy = finding.Policy{Kind: "identity", Name: evil, ID: g.Path}
	unframed := g
	unframed.Text = ""
	r.Findings = []finding.Finding{{
		ID: strings.Repeat("a", 32), Group: strings.Repeat("b", 32), Rule: "grant/full-access",
		Severity: finding.High, Confidence: finding.HighConfidence, Message: "message" + evil,
		Subject:  finding.Subject{Type: finding.DocumentSubject, ID: g.Path, Path: g.Path},
		Affected: []string{"arn:aws:iam::111122223333:role/" + evil}, Grants: []finding.Grant{g, unframed}, Absorbed: []string{evil},
		Witness: []finding.Request{{Caller: evil, Action: evil, Resource: evil, Context: map[string][]string{evil: {evil}}, Decision: finding.Allowed}},
		Fixes:   []finding.Fix{{ID: "f", Title: evil, Edits: []finding.Edit{{Policy: evil, Patch: []finding.Patch{{Op: "add", Path: "/" + evil, Value: evil}}}, {Policy: evil, Patch: []finding.Patch{{Op: "remove", Path: evil}}}}}},
		Help:    evil,
	}}
	again := r.Findings[0]
	again.Subject.ID = evil
	r.Findings = append(r.Findings, again)
	r.Suppressed = []auditor.Suppressed{{Finding: again, Exception: auditor.Exception{Reason: evil, Owner: evil, Expires: evil, Ticket: evil}}}
	r.Exceptions = auditor.Exceptions{Unused: []string{evil}, Expired: []string{evil}, Expiring: []string{evil}}
	r.Inputs = []inventory.Input{{Path: evil, Kind: "policy", Policies: 1}}
	r.Gaps = []inventory.Gap{{Where: evil, Reason: evil}, {Where: evil, Reason: evil, Line: 1, Column: 1}}
	r.Coverage = auditor.Coverage{Policies: 1, Statements: 1, Assumptions: []string{evil}, Scopes: []inventory.Scope{{Account: evil, Region: evil, Source: "iam", State: "failed", Reason: evil}}}
	return r
}

// minified has its policy on one line of several kilobytes.
func minified() *auditor.Report {
	r := report()
	statement := `{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::some-bucket","arn:aws:s3:::some-bucket/*"]},`
	document := `{"Version":"2012-10-17","Statement":[` + strings.Repeat(statement, 40) + `{"Effect":"Allow","Action":"codeartifact:*","Resource":"*"}]}`
	long := at("p.json", document, statement+statement, "a mark longer than the window")
	r.Findings = []finding.Finding{{
		Rule: "grant/full-access", Severity: finding.Low, Confidence: finding.HighConfidence, Message: "m",
		Subject: finding.Subject{Type: finding.DocumentSubject, ID: "p.json"},
		Grants:  []finding.Grant{at("p.json", document, `"codeartifact:*"`, "covers everything"), at("p.json", document, `"Resource":"*"`, "everywhere"), at("p.json", document, "{", "begins here"), long},
	}}
	r.Coverage.Policies, r.Coverage.Statements = 1, 41
	return r
}

// many has more of everything than a person reads.
func many() *auditor.Report {
	r := report()
	g := at("p.json", domainPolicy, `"Principal": "*"`, "lets anybody in")
	f := finding.Finding{
		Rule: "exposure/public", Severity: finding.Critical, Confidence: finding.HighConfidence, Message: "anybody may ask",
		Subject: finding.Subject{Type: finding.DocumentSubject, ID: "p.json"},
	}
	for i := range 40 {
		f.Grants = append(f.Grants, g)
		f.Affected = append(f.Affected, "arn:aws:iam::111122223333:role/r"+string(rune('a'+i%26)))
		f.Witness = append(f.Witness, finding.Request{Caller: "anybody", Action: "codeartifact:DeleteDomain", Resource: domain, Decision: finding.Allowed})
	}
	r.Findings = []finding.Finding{f}
	r.Coverage.Policies, r.Coverage.Accounts = 1, 2
	return r
}

// reports are the samples that golden files and the schema are held against.
func reports() map[string]*auditor.Report {
	clean := report()
	clean.Coverage = auditor.Coverage{Accounts: 1, Principals: 10, Policies: 37, Statements: 91}
	gap := report()
	gap.Coverage = clean.Coverage
	gap.Gaps = []inventory.Gap{{Where: "p.json", Reason: "not read"}}
	excepted := everything()
	excepted.Findings, excepted.Gaps, excepted.Exceptions = nil, nil, auditor.Exceptions{}
	foreign := report()
	foreign.Coverage.Foreign = 2
	return map[string]*auditor.Report{
		"terminal": terminal(), "everything": everything(), "hostile": hostile(), "minified": minified(), "many": many(),
		"clean": clean, "gap": gap, "excepted": excepted, "nothing": report(), "foreign": foreign,
	}
}

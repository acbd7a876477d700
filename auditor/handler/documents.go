package handler

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// documents returns a fingerprint of every subject in the inventory that
// findings can be about: of its document where it has one, else a mark that it
// exists.
func documents(inv *inventory.Inventory) map[string]string {
	prints := make(map[string]string)
	for _, account := range inv.Accounts {
		exists := func(id string) { prints[history.SubjectKey(account.ID, id)] = "" }
		for _, user := range account.Users {
			exists(user.ARN)
		}
		for _, group := range account.Groups {
			exists(group.ARN)
		}
		for _, role := range account.Roles {
			exists(role.ARN)
		}
		for _, domain := range account.Domains {
			exists(domain.ARN)
		}
		for _, repository := range account.Repositories {
			exists(repository.ARN)
		}
		for _, held := range account.Held() {
			prints[history.SubjectKey(account.ID, held.ID)] = fingerprint(held.Document.Text)
		}
	}
	return prints
}

// watched returns a fingerprint of the documents of each user, group, role and
// policy that the account owns, by the name that events give it. What AWS makes
// for its services is changed by AWS.
func watched(inv *inventory.Inventory, id string) map[string]string {
	prints := make(map[string]string)
	for _, account := range inv.Accounts {
		if account.ID != id {
			continue
		}
		for _, held := range account.Held() {
			owner, _, _ := strings.Cut(held.ID, "#")
			parsed, err := arn.Parse(owner)
			if err != nil || parsed.Service != "iam" || parsed.Account != id || strings.Contains(parsed.Resource, "/aws-service-role/") {
				continue
			}
			entity := parsed.Type() + "/" + parsed.Name()
			sum := sha256.Sum256([]byte(prints[entity] + held.ID + fingerprint(held.Document.Text)))
			prints[entity] = hex.EncodeToString(sum[:6])
		}
	}
	return prints
}

// announced returns which entity of IAM the record is about, Anything where it
// does not say or gives the entity another name. Of other services there is none.
func announced(r record) string {
	if r.source != "iam.amazonaws.com" {
		return ""
	}
	if r.optional("newUserName", "newGroupName") != "" {
		return history.Anything
	}
	for _, kind := range []string{"role", "user", "group"} {
		if name := r.optional(kind + "Name"); iamName.MatchString(name) {
			return kind + "/" + name
		}
	}
	if policy, err := arn.Parse(r.optional("policyArn")); err == nil && iamName.MatchString(policy.Name()) {
		return "policy/" + policy.Name()
	}
	if name := r.optional("policyName"); iamName.MatchString(name) {
		return "policy/" + name
	}
	return history.Anything
}

// fingerprint hashes a document without its layout and the order of its
// members, which IAM may change when it stores one.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
func fingerprint(text string) string {
	var value any
	if json.Unmarshal([]byte(text), &value) == nil {
		if plain, err := json.Marshal(value); err == nil {
			text = string(plain)
		}
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

package handler

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

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

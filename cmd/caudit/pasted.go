package main

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access/denied"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
)

// compare says what AWS said, and where the files show something else.
func compare(d *render.Decision, a *access.Answer, said denied.Reason) error {
	d.Stated = said.String()
	if d.Stated == "" {
		d.Stated = "no reason"
	}
	if a.Decision == access.Allow {
		d.Notes = append(d.Notes, "AWS denied the request that the files allow: they are not what was in force then, or something they do not hold stopped it, such as a session policy or a VPC endpoint policy")
	}
	switch said.Kind {
	case 0:
		return nil
	case inventory.Session, inventory.Endpoint, inventory.RCP, inventory.Trust:
		d.Guards = append(d.Guards, statedGuard(said, d.Request.Action))
		d.Notes = append(d.Notes, "the policy that AWS names is none that these files decide by")
		return nil
	}
	refuted, err := a.Refutes(said.Kind, said.Explicit)
	if refuted {
		d.Notes = append(d.Notes, "AWS denied it "+said.String()+": the files show otherwise, so they are not what was in force then, or the text is about another request")
	}
	return err
}

func statedGuard(said denied.Reason, action string) render.Guard {
	says := "does not allow " + action
	if said.Explicit {
		says = "denies " + action
	}
	kind := "any"
	if said.Kind != 0 {
		kind = said.Kind.String()
	}
	return render.StatedGuard(kind, said.Policy, says)
}

// fromText answers from the words of a denial alone: the decision is AWS's, and
// what to add is proved in a world in which there is nothing else.
func (s understood) fromText(said denied.Denial, q access.Question, haveFiles bool) (render.Decision, error) {
	world, principal, err := worldOf(said)
	if err != nil {
		return render.Decision{}, err
	}
	x := s.resolve(world)
	caller, err := x.Principal(principal)
	if err != nil {
		return render.Decision{}, asUsage(err)
	}
	answer, err := x.Ask(q).Decide(caller)
	if err != nil {
		return render.Decision{}, asUsage(err)
	}
	forbidden := said.Explicit || said.Kind != 0 && said.Kind != inventory.Identity && said.Kind != inventory.DomainPolicy
	switch {
	case forbidden:
		answer.Missing = nil
	case said.Kind == inventory.DomainPolicy:
		answer.Notes = nil // that no such policy was read: AWS did
	case said.Kind == inventory.Identity && len(answer.Missing) > 1:
		// AWS names the one side; the policies of the other were not read.
		answer.Missing, answer.Then, answer.ThenConditions = answer.Missing[:1], access.Depends, nil
	}
	d := render.NewDecision(render.Asked{Caller: caller.ARN, Action: q.Action().String(), Resource: q.Resource(), Context: s.context}, answer)
	d.Decision, d.Conditions, d.Examples, d.Because = access.Deny.String(), []string{}, []finding.Request{}, d.Because[:0]
	d.Stated = said.Reason.String()
	d.Sentence = fmt.Sprintf("%s may not call %s on %s: AWS denied it %s", d.Request.Caller, d.Request.Action, d.Request.Resource, d.Stated)
	if said.None() {
		d.Stated = "no reason"
		d.Sentence = strings.TrimSpace(d.Sentence)
		d.Notes = append(d.Notes, "AWS gives no reason: a Deny, a permissions boundary or a service control policy may forbid the request all the same")
	}
	if forbidden {
		d.Guards = append(d.Guards, statedGuard(said.Reason, d.Request.Action))
		d.Notes = append(d.Notes, "no statement that allows it helps: that policy has to change")
	}
	if strings.Contains(said.User, ":assumed-role/") && len(d.Missing) > 0 && d.Missing[len(d.Missing)-1].Kind != inventory.Identity.String() {
		d.Notes = append(d.Notes, "the text does not give the role's path: a Principal element names the role with it")
	}
	from := "answered from the text alone"
	if haveFiles {
		from = "no file holds " + caller.ARN + ": " + from
	}
	d.Notes = append([]string{from}, d.Notes...)
	return d, nil
}

// worldOf returns a world in which there is the denied principal, and no policy
// but what the text says is there: where AWS misses a resource-based policy alone,
// an identity policy allows the request.
func worldOf(said denied.Denial) (*inventory.Inventory, string, error) {
	user, err := arn.Parse(said.User)
	resource, _ := arn.Parse(said.Resource)
	if err != nil || !arn.IsAccountID(user.Account) {
		return nil, "", wrongUsage(fmt.Sprintf("%q is no principal", said.User), "expected the ARN of a user, a role or a role session")
	}
	account := &inventory.Account{ID: user.Account}
	var held []inventory.InlinePolicy
	if said.Kind == inventory.DomainPolicy && !said.Explicit && resource.Account != "" && resource.Account != user.Account {
		document := inventory.NewDocument(fullAccess)
		held = []inventory.InlinePolicy{{Name: "as the text says", Document: document}}
	}
	switch user.Service + " " + user.Type() {
	case "iam user":
		account.Users = []*inventory.User{{ARN: said.User, Name: user.Name(), Inline: held}}
	case "iam role":
		account.Roles = []*inventory.Role{{ARN: said.User, Name: user.Name(), Inline: held}}
	case "sts assumed-role":
		name, _, _ := strings.Cut(strings.TrimPrefix(user.Resource, "assumed-role/"), "/")
		account.Roles = []*inventory.Role{{ARN: "arn:" + user.Partition + ":iam::" + user.Account + ":role/" + name, Name: name, Inline: held}}
	}
	return &inventory.Inventory{Accounts: []*inventory.Account{account}}, said.User, nil
}

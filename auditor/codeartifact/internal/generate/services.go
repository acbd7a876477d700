package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const servicesFile = "data/sources/services.json"

// serviceFacts is data/sources/services.json.
type serviceFacts struct {
	About   string `json:"about"`
	Date    string `json:"date"`
	Regions struct {
		Source     string `json:"source"`
		Partitions []struct {
			Name    string   `json:"name"`
			Regions []string `json:"regions"`
		} `json:"partitions"`
	} `json:"regions"`
	TokenServices []struct {
		Service string `json:"service"`
		Action  string `json:"action"`
		Name    string `json:"name"`
		Basis   string `json:"basis"`
		Source  string `json:"source"`
		Note    string `json:"note"`
	} `json:"tokenServices"`
	RCP struct {
		Source   string   `json:"source"`
		Disputed []string `json:"disputed"`
		Note     string   `json:"note"`
	} `json:"rcp"`
	Providers []struct {
		Host      string   `json:"host"`
		Shared    bool     `json:"shared"`
		Templates []string `json:"templates"`
		Tenant    []struct {
			Claim    string   `json:"claim"`
			Marks    []string `json:"marks"`
			Optional bool     `json:"optional"`
		} `json:"tenant"`
		Source string `json:"source"`
		Note   string `json:"note"`
	} `json:"providers"`
}

// renderServices writes services_gen.go: Regions, token services, RCP coverage
// and identity providers.
func renderServices(f *facts) (string, error) {
	var out strings.Builder
	out.WriteString(header(
		"Services: "+f.services.Date+", "+servicesFile+" sha256 "+f.sums[servicesFile],
		"Service Authorization Reference: "+f.reference.Provenance.describe(),
		"  "+referenceFile+" sha256 "+f.sums[referenceFile],
	))
	if len(f.services.Regions.Partitions) == 0 || f.services.Regions.Partitions[0].Name != "aws" {
		return "", fmt.Errorf("%s: the first partition is not aws", servicesFile)
	}
	out.WriteString("var partitions = [...]partition{\n")
	for _, each := range f.services.Regions.Partitions {
		if !slices.IsSorted(each.Regions) {
			return "", fmt.Errorf("%s: the Regions of %s are not sorted", servicesFile, each.Name)
		}
		fmt.Fprintf(&out, "{%q, %#v},\n", each.Name, each.Regions)
	}
	out.WriteString("}\n\nvar tokenServices = [...]TokenService{\n")
	for _, each := range f.services.TokenServices {
		basis, err := translate([]string{each.Basis}, bases)
		if err != nil {
			return "", fmt.Errorf("%s: %s: %w", servicesFile, each.Service, err)
		}
		fmt.Fprintf(&out, "{Service: %q, Action: %q, Name: %q, Basis: %s,\nSource: %q,\nNote: %q},\n", each.Service, each.Action, each.Name, basis[0], each.Source, each.Note)
	}
	fmt.Fprintf(&out, "}\n\n// %s\nvar rcpDisputed = [...]string{%s}\n\n", f.services.RCP.Note, quoted(f.services.RCP.Disputed))
	fmt.Fprintf(&out, "var rcpServices = [...]string{%s}\n\nvar stsActionNames = [...]string{%s}\n\n", quoted(f.reference.RCP), quoted(f.reference.Names["sts"]))
	out.WriteString("var providers = [...]IdentityProvider{\n")
	for _, each := range f.services.Providers {
		fmt.Fprintf(&out, "{Host: %q, Shared: %v, Templates: %#v, Tenant: []TenantClaim{", each.Host, each.Shared, each.Templates)
		for _, claim := range each.Tenant {
			for _, mark := range claim.Marks {
				if strings.Count(mark, "*") != 1 {
					return "", fmt.Errorf("%s: %s: mark %q has not one *", servicesFile, each.Host, mark)
				}
			}
			fmt.Fprintf(&out, "\n{Claim: %q, Marks: %#v, Optional: %v},", claim.Claim, claim.Marks, claim.Optional)
		}
		fmt.Fprintf(&out, "},\nSource: %q,\nNote: %q},\n", each.Source, each.Note)
	}
	out.WriteString("}\n")
	return out.String(), nil
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, each := range list {
		out[i] = fmt.Sprintf("%q", each)
	}
	return strings.Join(out, ", ")
}

// renderManaged writes managed_gen.go. It reads the documents again, so that
// what the table says a policy reaches is computed from the text that ships.
func renderManaged(f *facts) (string, error) {
	var out strings.Builder
	out.WriteString(header(
		"AWS managed policies: "+f.managed.Provenance.Source+", newest of "+f.managed.Provenance.Date,
		"  "+managedFile+" sha256 "+f.sums[managedFile],
	))
	wanted, err := reachable(f.dir)
	if err != nil {
		return "", err
	}
	out.WriteString("var managedPolicies = [...]ManagedPolicyInfo{\n")
	for _, each := range f.managed.Policies {
		document, err := os.ReadFile(filepath.Join(f.dir, filepath.FromSlash(managedFolder), each.Name+".json"))
		if err != nil {
			return "", err
		}
		if sum := hexSum(document); sum != each.SHA256 {
			return "", fmt.Errorf("%s: document of %s has checksum %s, not %s", managedFile, each.Name, sum, each.SHA256)
		}
		reached, err := reach(document, wanted)
		if err != nil {
			return "", fmt.Errorf("%s: %w", each.Name, err)
		}
		if len(reached) == 0 {
			return "", fmt.Errorf("%s: %s reaches nothing", managedFile, each.Name)
		}
		set, err := f.actionsOn(each.Name, reached)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "{Name: %q, ARN: %q, Version: %q,\nCreated: %q, Updated: %q, Source: %q,\nReaches: %v},\n",
			each.Name, each.ARN, each.Version, each.Created, each.Updated, each.Source, set)
	}
	out.WriteString("}\n")
	return out.String(), nil
}

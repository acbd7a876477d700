package main

import (
	"fmt"
	"slices"
	"strings"
)

// renderActions writes actions_gen.go: the constants, the table, the sets that
// need no counting at run time, and the resource types.
func renderActions(f *facts) (string, error) {
	var out strings.Builder
	out.WriteString(header(
		"Service Authorization Reference: "+f.reference.Provenance.describe(),
		"  "+referenceFile+" sha256 "+f.sums[referenceFile],
		"Risk and reach: "+f.curated.Date+", "+actionsFile+" sha256 "+f.sums[actionsFile],
		"Resource types: "+f.resources.Date+", "+resourcesFile+" sha256 "+f.sums[resourcesFile],
	))
	fmt.Fprintf(&out, "// dataDate is the day of the reference's extract.\nconst dataDate = %q\n\n", f.reference.Provenance.Date)
	constants(&out, f)
	if err := table(&out, f); err != nil {
		return "", err
	}
	if err := sets(&out, f); err != nil {
		return "", err
	}
	if err := resourceTable(&out, f); err != nil {
		return "", err
	}
	return out.String(), nil
}

func (p provenance) describe() string {
	return fmt.Sprintf("%s %s (%s), %s", p.Source, p.Version, p.License, p.Date)
}

func constants(out *strings.Builder, f *facts) {
	out.WriteString("// The actions, in the table's order.\nconst (\n")
	for i, each := range f.actions {
		fmt.Fprintf(out, "\t%s Action = %d // %s\n", each.name, i+1, each.Name)
	}
	out.WriteString(")\n\n")
}

func table(out *strings.Builder, f *facts) error {
	out.WriteString("var actions = [...]ActionInfo{\n\tNoAction: {FullName: \"no action\"},\n")
	for _, each := range f.actions {
		if err := row(out, f, each); err != nil {
			return fmt.Errorf("%s: %w", each.Name, err)
		}
	}
	out.WriteString("}\n\n")
	return nil
}

func row(out *strings.Builder, f *facts, each action) error {
	levels, err := translate(each.Levels, map[string]string{
		"List": "List", "Read": "Read", "Write": "Write", "Tagging": "Tagging",
		"Permissions management": "PermissionsManagement",
	})
	if err != nil {
		return err
	}
	var names, required []string
	for _, target := range each.Resources {
		name, err := f.goType(each.service, target.Type)
		if err != nil {
			return err
		}
		names = append(names, name)
		if target.Required {
			required = append(required, name)
		}
	}
	var guide []string
	for _, name := range each.UserGuideTypes {
		translated, err := f.goType(each.service, name)
		if err != nil {
			return err
		}
		guide = append(guide, translated)
	}
	risks, err := translate(append([]string{each.Risk}, each.Also...), riskConstants)
	if err != nil {
		return err
	}
	grants, err := grantList(each.GrantedBy)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\t%s: {FullName: %q, Service: %q, Name: %q,\n\t\tDescription: %q,\n\t\tLevels: %s,", each.name, each.Name, each.service, each.name, each.Description, strings.Join(levels, " | "))
	list(out, "Types", "ResourceType", names)
	list(out, "RequiredTypes", "ResourceType", required)
	list(out, "UserGuideTypes", "ResourceType", guide)
	if len(names) == 0 {
		out.WriteString(" WildcardOnly: true,")
	}
	if each.PermissionOnly {
		out.WriteString(" PermissionOnly: true,")
	}
	fmt.Fprintf(out, "\n\t\tRisk: %s,", risks[0])
	list(out, "Also", "Risk", risks[1:])
	fmt.Fprintf(out, " grants: [placeCount]Grant{%s},", grants)
	if len(each.Keys) > 0 {
		fmt.Fprintf(out, "\n\t\tKeys: %#v,", each.Keys)
	}
	if each.Note != "" {
		fmt.Fprintf(out, "\n\t\tNote: %q,", each.Note)
	}
	out.WriteString("},\n")
	return nil
}

func list(out *strings.Builder, field, kind string, names []string) {
	if len(names) > 0 {
		fmt.Fprintf(out, " %s: []%s{%s},", field, kind, strings.Join(names, ", "))
	}
}

var riskConstants = map[string]string{
	"privilege-escalation": "PrivilegeEscalation", "guardrail-removal": "GuardrailRemoval", "token-issuance": "TokenIssuance",
	"supply-chain": "SupplyChain", "data-exfiltration": "DataExfiltration", "destructive": "Destructive",
	"abac-tampering": "ABACTampering", "provisioning": "Provisioning", "configuration": "Configuration",
	"reconnaissance": "Reconnaissance",
}

// fullRisks are the classes by which full access is measured. Risk.Full says
// the same at run time, and a test compares the two.
var fullRisks = []string{
	"privilege-escalation", "guardrail-removal", "supply-chain", "destructive", "data-exfiltration", "token-issuance",
}

// places are the keys of grantedBy, and the constants of Place for them.
var (
	places         = []string{"identity", "domain", "repository", "trust"}
	placeConstants = []string{"IdentityPolicy", "DomainPolicy", "RepositoryPolicy", "TrustPolicy"}
)

var grantConstants = map[string]string{
	"unverified": "Unverified", "yes:documented": "YesDocumented", "yes:inferred": "YesInferred",
	"no:documented": "NoDocumented", "no:inferred": "NoInferred",
}

func grantList(by map[string]string) (string, error) {
	var words []string
	for _, place := range places {
		words = append(words, by[place])
	}
	if len(by) != len(places) {
		return "", fmt.Errorf("grantedBy names %d places (expected %d)", len(by), len(places))
	}
	constants, err := translate(words, grantConstants)
	for i := range constants {
		constants[i] = placeConstants[i] + ": " + constants[i]
	}
	return strings.Join(constants, ", "), err
}

func translate(words []string, dictionary map[string]string) ([]string, error) {
	out := make([]string, 0, len(words))
	for _, word := range words {
		constant, ok := dictionary[word]
		if !ok {
			return nil, fmt.Errorf("unknown word %q", word)
		}
		out = append(out, constant)
	}
	return out, nil
}

// goType returns the constant for a type that an action of service names. A
// type of STS actions may be one that IAM owns.
func (f *facts) goType(service, name string) (string, error) {
	for _, each := range f.resources.Types {
		if each.Type == name && (each.Service == service || service == "sts" && each.Service == "iam") {
			return each.Go, nil
		}
	}
	return "", fmt.Errorf("%s: no type %q of %s", resourcesFile, name, service)
}

// words is an action set while it is built.
type words [2]uint64

func (w *words) add(i int) { w[i/64] |= 1 << (i % 64) }

func (w words) String() string { return fmt.Sprintf("ActionSet{%#x, %#x}", w[0], w[1]) }

func sets(out *strings.Builder, f *facts) error {
	var every, full words
	byService := make([]words, len(services))
	byPlace := make([]words, len(places))
	for i, each := range f.actions {
		bit := i + 1
		every.add(bit)
		byService[slices.Index(services, each.service)].add(bit)
		if each.service == "codeartifact" && len(each.Resources) > 0 && slices.Contains(fullRisks, each.Risk) {
			full.add(bit)
		}
		for p, place := range places {
			if strings.HasPrefix(each.GrantedBy[place], "yes:") {
				byPlace[p].add(bit)
			}
		}
	}
	fmt.Fprintf(out, "var (\n\tallActions = %v\n\tfullActions = %v\n\tserviceSets = [serviceCount]ActionSet{", every, full)
	for _, set := range byService {
		fmt.Fprintf(out, "%v, ", set)
	}
	out.WriteString("}\n\tgrantable = [placeCount]ActionSet{")
	for i, set := range byPlace {
		fmt.Fprintf(out, "%s: %v, ", placeConstants[i], set)
	}
	out.WriteString("}\n)\n\n")
	return nil
}

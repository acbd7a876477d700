package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// resourceTable writes the resource types with their ARN templates.
func resourceTable(out *strings.Builder, f *facts) error {
	out.WriteString("var resources = [resourceTypeCount]ResourceInfo{\n\t0: {Name: \"invalid resource type\"},\n")
	for _, each := range f.resources.Types {
		template, tags, err := f.template(each)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\t%s: {Name: %q, Service: %q, Policy: %v, Tags: %v,\n\t\tARN: %q,\n\t\tExample: %q,\n",
			each.Go, each.Type, each.Service, each.Policy, tags, template, each.Example)
		fields, err := f.fieldList(template)
		if err != nil {
			return fmt.Errorf("%s: %w", each.Type, err)
		}
		out.WriteString(fields)
		if each.Note != "" {
			fmt.Fprintf(out, "\t\tNote: %q,\n", each.Note)
		}
		out.WriteString("\t},\n")
	}
	fmt.Fprintf(out, "}\n\nvar packageFormats = %#v\n\n", f.resources.Formats)
	return nil
}

// template returns the reference's template for a type, and whether the
// reference lists aws:ResourceTag for it. STS repeats IAM's types; the service
// that owns the type is the one asked.
func (f *facts) template(fact resourceFact) (arn string, tags bool, err error) {
	for _, each := range f.reference.Resources {
		if each.Service == fact.Service && each.Type == fact.Type {
			return each.ARN, slices.Contains(each.Keys, "aws:ResourceTag/${TagKey}"), nil
		}
	}
	return "", false, fmt.Errorf("%s: the reference has no type %q of %s", resourcesFile, fact.Type, fact.Service)
}

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

func (f *facts) fieldList(template string) (string, error) {
	var out strings.Builder
	for _, match := range placeholder.FindAllStringSubmatch(template, -1) {
		name := match[1]
		if name == "Partition" || name == "Region" || name == "Account" {
			continue
		}
		field, ok := f.resources.Fields[name]
		if !ok {
			return "", fmt.Errorf("%s: no field %q", resourcesFile, name)
		}
		fmt.Fprintf(&out, "\t\t\t{Name: %q, Pattern: %q, Slashes: %v, Empty: %v},\n", name, field.Pattern, field.Slashes, field.Empty)
	}
	if out.Len() == 0 {
		return "", nil
	}
	return "\t\tFields: []Field{\n" + out.String() + "\t\t},\n", nil
}

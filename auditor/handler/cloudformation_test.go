package handler_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// deployment is a template with what CloudFormation would know when it deploys it.
type deployment struct {
	account, region string
	parameters      map[string]string
	conditions      map[string]*yaml.Node
	resources       map[string]*resource
	rules           map[string]rule
}

// rule says which parameters go together.
//
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
type rule struct {
	RuleCondition yaml.Node `yaml:"RuleCondition"`
	Assertions    []struct {
		Assert            yaml.Node `yaml:"Assert"`
		AssertDescription string    `yaml:"AssertDescription"`
	} `yaml:"Assertions"`
}

// resource is one of a template, with its functions resolved.
type resource struct {
	Type       string         `yaml:"Type"`
	Condition  string         `yaml:"Condition"`
	Raw        yaml.Node      `yaml:"Properties"`
	Properties map[string]any `yaml:"-"`
}

// The templates.
const (
	mainTemplate   = "template.yaml"
	memberTemplate = "deploy/member.yaml"
)

const stackName = "codeartifact-auditor"

// noValue is what AWS::NoValue leaves out.
type noValue struct{}

// deploy returns the resources of a template that CloudFormation would make in
// an account and Region with these parameters, the others by default. Of
// CloudFormation's functions it knows those that the templates use.
//
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
func deploy(t *testing.T, file, account, region string, parameters map[string]string) map[string]*resource {
	t.Helper()
	d := prepare(t, file, account, region, parameters)
	made := make(map[string]*resource)
	for name, r := range d.resources {
		if r.Condition != "" && !d.holds(r.Condition) {
			continue
		}
		r.Properties, _ = d.value(&r.Raw).(map[string]any)
		made[name] = r
	}
	return made
}

// refusals returns what CloudFormation says of parameters that do not go
// together.
func refusals(t *testing.T, file, account, region string, parameters map[string]string) []string {
	t.Helper()
	d := prepare(t, file, account, region, parameters)
	var said []string
	for _, rule := range d.rules {
		if !rule.RuleCondition.IsZero() && !d.value(&rule.RuleCondition).(bool) {
			continue
		}
		for _, a := range rule.Assertions {
			if !d.value(&a.Assert).(bool) {
				said = append(said, a.AssertDescription)
			}
		}
	}
	slices.Sort(said)
	return said
}

func prepare(t *testing.T, file, account, region string, parameters map[string]string) *deployment {
	t.Helper()
	if !filepath.IsAbs(file) {
		file = filepath.Join("..", "..", filepath.FromSlash(file))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Parameters map[string]struct {
			Default yaml.Node `yaml:"Default"`
		} `yaml:"Parameters"`
		Rules      map[string]rule      `yaml:"Rules"`
		Conditions map[string]yaml.Node `yaml:"Conditions"`
		Resources  map[string]*resource `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	d := &deployment{account: account, region: region, conditions: map[string]*yaml.Node{}, resources: read.Resources, rules: read.Rules}
	d.parameters = map[string]string{
		"AWS::AccountId": account, "AWS::Region": region, "AWS::StackName": stackName, "AWS::Partition": "aws",
	}
	for name, p := range read.Parameters {
		d.parameters[name] = p.Default.Value
	}
	for name := range parameters {
		if _, known := read.Parameters[name]; !known {
			t.Fatalf("%s has no parameter %s", file, name)
		}
	}
	maps.Copy(d.parameters, parameters)
	for name, node := range read.Conditions {
		d.conditions[name] = &node
	}
	return d
}

func (d *deployment) holds(condition string) bool {
	node, known := d.conditions[condition]
	if !known {
		panic("no condition " + condition)
	}
	return d.value(node).(bool)
}

// value resolves a node.
func (d *deployment) value(node *yaml.Node) any {
	if node.Kind == yaml.AliasNode {
		return d.value(node.Alias)
	}
	if function, short := strings.CutPrefix(node.Tag, "!"); short && !strings.HasPrefix(node.Tag, "!!") {
		return d.call(function, node)
	}
	switch node.Kind {
	case yaml.MappingNode:
		if function, long := longForm(node); long {
			return d.call(function, node.Content[1])
		}
		out := make(map[string]any)
		for i := 0; i < len(node.Content); i += 2 {
			if v := d.value(node.Content[i+1]); v != any(noValue{}) {
				out[node.Content[i].Value] = v
			}
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, child := range node.Content {
			if v := d.value(child); v != any(noValue{}) {
				out = append(out, v)
			}
		}
		return out
	}
	var scalar any
	if err := node.Decode(&scalar); err != nil {
		panic(err)
	}
	return scalar
}

// longForm reports whether an object is a function that is spelt without a tag.
func longForm(node *yaml.Node) (function string, long bool) {
	if len(node.Content) != 2 {
		return "", false
	}
	key, argument := node.Content[0].Value, node.Content[1]
	if function, long := strings.CutPrefix(key, "Fn::"); long {
		return function, true
	}
	return key, argument.Kind == yaml.ScalarNode && (key == "Ref" || key == "Condition")
}

func (d *deployment) call(function string, node *yaml.Node) any {
	argument := func(i int) any { return d.value(node.Content[i]) }
	switch function {
	case "Ref":
		return d.ref(node.Value)
	case "GetAtt":
		if node.Kind == yaml.SequenceNode { // the long form
			return d.attribute(node.Content[0].Value + "." + node.Content[1].Value)
		}
		return d.attribute(node.Value)
	case "Sub":
		return d.sub(node.Value)
	case "Condition":
		return d.holds(node.Value)
	case "Equals":
		return argument(0) == argument(1)
	case "Not":
		return !argument(0).(bool)
	case "And", "Or":
		// All of them, or any of them.
		for i := range node.Content {
			if argument(i).(bool) != (function == "And") {
				return function != "And"
			}
		}
		return function == "And"
	case "If":
		if d.holds(node.Content[0].Value) {
			return argument(1)
		}
		return argument(2)
	case "Split":
		var parts []any
		for part := range strings.SplitSeq(argument(1).(string), argument(0).(string)) {
			parts = append(parts, part)
		}
		return parts
	case "Select":
		return argument(1).([]any)[argument(0).(int)]
	}
	panic("function !" + function + " is not known here")
}

func (d *deployment) ref(name string) any {
	if name == "AWS::NoValue" {
		return noValue{}
	}
	if value, ok := d.parameters[name]; ok {
		return value
	}
	switch d.resources[name].Type {
	case "AWS::SNS::Topic":
		return d.arn(name)
	case "AWS::SQS::Queue":
		return fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", d.region, d.account, name)
	}
	return name
}

func (d *deployment) attribute(path string) string {
	name, attribute, _ := strings.Cut(path, ".")
	if attribute == "Arn" {
		return d.arn(name)
	}
	return name // QueueName and its like
}

// arn returns the ARN of a resource that has its logical id for a name.
func (d *deployment) arn(name string) string {
	form, known := map[string]string{
		"AWS::CloudWatch::Alarm":    "arn:aws:cloudwatch:%s:%s:alarm:%s",
		"AWS::DynamoDB::Table":      "arn:aws:dynamodb:%s:%s:table/%s",
		"AWS::Events::Archive":      "arn:aws:events:%s:%s:archive/%s",
		"AWS::Events::EventBus":     "arn:aws:events:%s:%s:event-bus/%s",
		"AWS::Events::Rule":         "arn:aws:events:%s:%s:rule/%s",
		"AWS::IAM::Role":            "arn:aws:iam::%[2]s:role/%[3]s",
		"AWS::Lambda::Function":     "arn:aws:lambda:%s:%s:function:%s",
		"AWS::Logs::LogGroup":       "arn:aws:logs:%s:%s:log-group:%s:*",
		"AWS::SNS::Topic":           "arn:aws:sns:%s:%s:%s",
		"AWS::SQS::Queue":           "arn:aws:sqs:%s:%s:%s",
		"AWS::Serverless::Function": "arn:aws:lambda:%s:%s:function:%s",
	}[d.resources[name].Type]
	if !known {
		panic("no ARN is known of " + name)
	}
	return fmt.Sprintf(form, d.region, d.account, name)
}

func (d *deployment) sub(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		var name string
		name, text, _ = strings.Cut(rest, "}")
		if strings.Contains(name, ".") {
			out.WriteString(d.attribute(name))
		} else {
			out.WriteString(fmt.Sprint(d.ref(name)))
		}
	}
}

func TestDeployResolves(t *testing.T) {
	read := func(text string) any {
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(text), &node); err != nil {
			t.Fatal(err)
		}
		d := deployment{
			account: "111122223333", region: "us-east-1", parameters: map[string]string{"P": "a,b", "AWS::Region": "us-east-1"},
			conditions: map[string]*yaml.Node{}, resources: map[string]*resource{"Q": {Type: "AWS::SQS::Queue"}},
		}
		for name, yes := range map[string]string{"Yes": "true", "No": "false"} {
			d.conditions[name] = &yaml.Node{Kind: yaml.ScalarNode, Value: yes}
		}
		return d.value(node.Content[0])
	}
	for text, want := range map[string]string{
		`!Ref P`:                               "a,b",
		`!Ref Q`:                               "https://sqs.us-east-1.amazonaws.com/111122223333/Q",
		`!GetAtt Q.Arn`:                        "arn:aws:sqs:us-east-1:111122223333:Q",
		`!Sub "x-${P}-${Q.Arn}"`:               "x-a,b-arn:aws:sqs:us-east-1:111122223333:Q",
		`!Select [1, !Split [",", !Ref P]]`:    "b",
		`!If [Yes, 1, 2]`:                      "1",
		`!If [No, 1, 2]`:                       "2",
		`[1, !Ref AWS::NoValue]`:               "[1]",
		`{a: !Ref AWS::NoValue, b: 2}`:         "map[b:2]",
		`!And [!Condition Yes, !Condition No]`: "false",
		`!Or [!Condition Yes, !Condition No]`:  "true",
		`!Not [!Equals [!Ref P, "a,b"]]`:       "false",
		`{Ref: P}`:                             "a,b",
		`{"Fn::GetAtt": [Q, Arn]}`:             "arn:aws:sqs:us-east-1:111122223333:Q",
		`{"Fn::Not": [{Condition: Yes}]}`:      "false",
		`{Condition: {Ref: P}}`:                "map[Condition:a,b]",
	} {
		if got := fmt.Sprint(read(text)); got != want {
			t.Errorf("%s: %s (expected %s)", text, got, want)
		}
	}
}

// What does not go together is refused at once, with a sentence.
func TestParametersGoTogether(t *testing.T) {
	with := func(name, value string, base map[string]string) map[string]string {
		changed := maps.Clone(base)
		changed[name] = value
		return changed
	}
	for name, c := range map[string]struct {
		file, region string
		parameters   map[string]string
		says         []string
	}{
		"alone":                {mainTemplate, "us-east-1", alone, nil},
		"an organization":      {mainTemplate, "us-east-1", organization, nil},
		"a list":               {mainTemplate, "us-east-1", listed, nil},
		"in another Region":    {mainTemplate, "eu-west-1", alone, []string{"Deploy to us-east-1"}},
		"both":                 {mainTemplate, "us-east-1", with("Accounts", theirs, organization), []string{"Organization and Accounts both"}},
		"no role":              {mainTemplate, "us-east-1", with("MemberRoleName", "", organization), []string{"MemberRoleName is needed"}},
		"no external id":       {mainTemplate, "us-east-1", with("ExternalId", "", listed), []string{"ExternalId is needed"}},
		"a member":             {memberTemplate, "us-east-1", asked, nil},
		"a member without one": {memberTemplate, "eu-west-1", with("ExternalId", "", asked), []string{"ExternalId is needed"}},
		"rules alone":          {memberTemplate, "eu-west-1", map[string]string{"ForwardedBusArn": asked["ForwardedBusArn"]}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			said := refusals(t, c.file, account, c.region, c.parameters)
			if len(said) != len(c.says) {
				t.Fatalf("refused with %q", said)
			}
			for i, want := range c.says {
				if !strings.HasPrefix(said[i], want) {
					t.Errorf("says %q, want %q…", said[i], want)
				}
			}
		})
	}
}

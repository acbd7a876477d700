package policy

import (
	"strings"
	"testing"
)

const laidOut = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["a:One",   "a:Two"],
      "Resource": "*"
    }
  ]
}
`

func TestApplyKeepsEverythingElse(t *testing.T) {
	tests := []struct {
		name, text string
		edit       Edit
		old, new   string // what of the text becomes what
	}{
		{"replace a scalar", laidOut, Edit{"replace", "/Statement/0/Resource", "arn:x"}, `"Resource": "*"`, `"Resource": "arn:x"`},
		{"remove the last element", laidOut, Edit{"remove", "/Statement/0/Action/1", nil}, `["a:One",   "a:Two"]`, `["a:One"]`},
		{"remove the first element", laidOut, Edit{"remove", "/Statement/0/Action/0", nil}, `["a:One",   "a:Two"]`, `["a:Two"]`},
		{"add to a list", laidOut, Edit{"add", "/Statement/0/Action/-", "a:<3>"}, `"a:Two"]`, `"a:Two","a:<3>"]`},
		{
			"add a member over lines", laidOut,
			Edit{"add", "/Statement/0/Condition", map[string]any{"Bool": map[string]string{"k": "v"}}},
			"\"Resource\": \"*\"\n", "\"Resource\": \"*\",\n      \"Condition\": {\n        \"Bool\": {\n          \"k\": \"v\"\n        }\n      }\n",
		},
		{"remove a member", laidOut, Edit{"remove", "/Statement/0/Effect", nil}, "\"Effect\": \"Allow\",\n      ", ""},
		{"remove the only element", laidOut, Edit{"remove", "/Statement/0", nil}, laidOut[strings.Index(laidOut, "[")+1 : strings.LastIndex(laidOut, "]")], ""},
		{
			"over lines that end as Windows ends them", strings.ReplaceAll(laidOut, "\n", "\r\n"),
			Edit{"add", "/Statement/0/Condition", map[string]string{"k": "v"}},
			"\"Resource\": \"*\"\r\n", "\"Resource\": \"*\",\r\n      \"Condition\": {\r\n        \"k\": \"v\"\r\n      }\r\n",
		},
		{
			"in one line", `{"Statement":{"Effect":"Allow"}}`,
			Edit{"add", "/Statement/Condition", map[string]string{"a": "b"}},
			`"Allow"`, `"Allow","Condition":{"a":"b"}`,
		},
		{"into an empty object", `{"Statement":{"Condition":{}}}`, Edit{"add", "/Statement/Condition/Bool", true}, `{}`, `{"Bool": true}`},
		{"a name with a slash", `{"Statement":{"a/b~c":1}}`, Edit{"replace", "/Statement/a~1b~0c", 2}, "1", "2"},
	}
	for _, test := range tests {
		got, err := (&Document{Text: test.text}).Apply(test.edit)
		if want := strings.Replace(test.text, test.old, test.new, 1); err != nil || got != want {
			t.Errorf("%s: got\n%s\n%v, want\n%s", test.name, got, err, want)
		}
	}
}

func TestApplyRefusesWhatIsNotThere(t *testing.T) {
	tests := map[string]Edit{
		`replace /Statement/1/Effect: "1" is there 0 times`:      {"replace", "/Statement/1/Effect", "Deny"},
		`remove /Statement/0/Sid: there is no such element`:      {"remove", "/Statement/0/Sid", nil},
		`replace /Statement/7: there is no such element`:         {"replace", "/Statement/7", "x"},
		`move /Statement/0: there is no such element`:            {"move", "/Statement/0", nil},
		`remove : the whole document cannot be edited`:           {"remove", "", nil},
		`add /Statement/0/Effect/x: there is no such element`:    {"add", "/Statement/0/Effect/x", 1},
		`remove /Statement/0/Action/-: there is no such element`: {"remove", "/Statement/0/Action/-", nil},
	}
	for want, edit := range tests {
		if _, err := (&Document{Text: laidOut}).Apply(edit); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	twice := &Document{Text: `{"Statement":[{"Action":"a","Action":"b"}]}`}
	if _, err := twice.Apply(Edit{"remove", "/Statement/0/Action", nil}); err == nil || !strings.Contains(err.Error(), "2 times") {
		t.Errorf("an element that stands twice was edited: %v", err)
	}
}

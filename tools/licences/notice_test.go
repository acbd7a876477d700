package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const apache = `Apache License
Version 2.0, January 2004
TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION
Some terms.
END OF TERMS AND CONDITIONS
`

const (
	appendix = "APPENDIX: How to apply the Apache License to your work.\nCopyright [yyyy]\nlimitations under the License."
	bsd2     = "Copyright 2001 Ann\nRedistribution and use in source and\nbinary forms, with or without modification"
	bsd3     = bsd2 + "\nNeither the name of Ann may be used to endorse or promote products"
	mit0     = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software"
	mit      = mit0 + "\nThe above copyright notice and this permission notice shall be included in all copies"
)

func TestIdentify(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{apache, []string{"Apache-2.0"}},
		{bsd2, []string{"BSD-2-Clause"}},
		{bsd3, []string{"BSD-3-Clause"}},
		{mit, []string{"MIT"}},
		{mit0, []string{"MIT-0"}},
		{"covered by their original MIT license\nhttps://opensource.org/license/mit\n" + mit, []string{"MIT"}},
		{apache + mit, []string{"Apache-2.0", "MIT"}},
		{"Copyright 2001 Ann. All rights reserved.", nil},
		{"GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007", nil},
	} {
		if got := identify(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestNotice(t *testing.T) {
	const head = "Ours\n\n" + begins
	got, err := notice(head+"stale\n", apache+appendix, []module{
		{path: "a.example/one", version: "v1.0.0", texts: []string{apache, "One\nCopyright 2001 Ann"}},
		{path: "b.example/two", version: "v2.0.0", texts: []string{bsd3}},
		{path: "c.example/three", version: "v3.0.0", texts: []string{apache + appendix, bsd3}},
		{path: "d.example/four", version: "v4.0.0", texts: []string{apache + appendix + "\nAnd Ann asks for more."}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		head + "\n  a.example/one v1.0.0: Apache-2.0\n  b.example/two v2.0.0: BSD-3-Clause\n  c.example/three v3.0.0: Apache-2.0, BSD-3-Clause\n  d.example/four v4.0.0: Apache-2.0\n",
		"\na.example/one\n\nOne\nCopyright 2001 Ann\n",
		"\nb.example/two\nc.example/three\n\n" + bsd3 + "\n",
		"And Ann asks for more.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks\n%s\ngot\n%s", want, got)
		}
	}
	if strings.Count(got, "Some terms.") != 1 || strings.Contains(got, "stale") {
		t.Errorf("a text that LICENSE has, or one that is gone:\n%s", got)
	}
	if again, err := notice(got, apache+appendix, []module{{path: "b.example/two", version: "v2.0.0", texts: []string{bsd3}}}); err != nil || strings.Contains(again, "a.example") {
		t.Errorf("%v\n%s", err, again)
	}
}

func TestUnknownLicenceIsSeen(t *testing.T) {
	for _, texts := range [][]string{nil, {"All rights reserved."}, {"GNU GENERAL PUBLIC LICENSE"}} {
		_, err := notice(begins, apache, []module{{path: "a.example/one", version: "v1.0.0", texts: texts}})
		if err == nil || !strings.Contains(err.Error(), "a.example/one v1.0.0 has no licence that somebody looked at") {
			t.Errorf("%q: %v", texts, err)
		}
	}
	if _, err := notice("Ours\n", apache, nil); err == nil {
		t.Error("a NOTICE without the line is taken")
	}
}

// Code that was taken from elsewhere lies deeper than the module's own licence.
func TestCollectClimbs(t *testing.T) {
	top := t.TempDir()
	deep := filepath.Join(top, "internal", "taken")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"LICENSE.txt": apache + "\r\n", "NOTICE": "One", "license.go": "package one", "internal/LICENSE": apache, "internal/taken/LICENSE-MIT": mit, "internal/taken/copying.md": "",
	} {
		if err := os.WriteFile(filepath.Join(top, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var m module
	if err := m.collect(top, deep); err != nil {
		t.Fatal(err)
	}
	if want := []string{tidy(apache), "One", mit}; !slices.Equal(m.texts, want) {
		t.Errorf("got %q, want %q", m.texts, want)
	}
	if err := m.collect(filepath.Join(top, "elsewhere"), deep); err == nil {
		t.Error("a folder beside the module is taken")
	}
}

package policy

import (
	"os"
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/accept/application.json")
	if err != nil {
		b.Fatal(err)
	}
	statement := `{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::example/*"},`
	for name, data := range map[string][]byte{
		"1KB": data,
		"1MB": []byte(`{"Statement": [` + strings.Repeat(statement, 10_000) + `{}]}`),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCanonical(b *testing.B) {
	data, err := os.ReadFile("testdata/accept/application.json")
	if err != nil {
		b.Fatal(err)
	}
	doc, err := Parse(data)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = doc.Canonical()
	}
}
